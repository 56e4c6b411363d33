"""Examples to batches, one file per kind of example."""
