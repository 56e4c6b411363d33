"""What is written beside the boxes."""


def label_part(scene, part, x, y, align, details=True):
    """Notes what a part is: its details and its weights.

    Args:
        scene: a `Scene`.
        part: a `Part`.
        x, y: float. Where.
        align: str. On which side of x it is written: "left" begins there.
        details: bool. Whether more is noted than the weights.
    """
    lines = []
    if details:
        lines.append(" · ".join(filter(None, (part.label, part.detail))))
    if part.weights:
        lines.append(f"{part.weights:,} weights")
    if lines:
        scene.note(x, y, "\n".join(lines), align)
