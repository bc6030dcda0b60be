"""`/docs`: the API on a page of our own, without scripts from elsewhere."""
