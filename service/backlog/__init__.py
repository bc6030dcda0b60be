"""The improvement backlog: what hurts customers, what is done about it, and whether it worked."""
