"""What happened, told to other systems."""
