"""A year of demonstration feedback, put in and taken out as a whole."""
