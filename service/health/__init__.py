"""`/health/*`."""
