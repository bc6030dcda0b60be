"""`POST /v1/classify`."""
