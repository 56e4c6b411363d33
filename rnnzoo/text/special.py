"""The ids that mean the same in every vocabulary."""

PAD = 0
BEGIN = 1
END = 2
UNKNOWN = 3

# How a picture labels them, in the order of their ids.
LABELS = ("<pad>", "<begin>", "<end>", "<unknown>")
