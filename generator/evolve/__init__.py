"""What changed, and what follows from it: comparison, updates and releases."""
