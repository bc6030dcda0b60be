"""What an operator does beside the running service: back up, restore, check."""
