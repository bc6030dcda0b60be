"""The page of one item, and the notes that people leave on it."""
