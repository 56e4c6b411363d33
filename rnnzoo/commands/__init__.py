"""What `python -m rnnzoo` does."""
