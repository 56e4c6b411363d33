"""Cells around cells: what any cell can be given, one idea per file."""
