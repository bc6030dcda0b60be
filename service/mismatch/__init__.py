"""The queue of items whose text and given score disagree."""
