"""Files of feedback, worked through in the background."""
