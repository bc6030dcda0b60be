"""The inbox: what came in, the urgent first."""
