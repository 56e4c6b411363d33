"""The scans of each split, one by one."""

from rnnzoo.datasets.digit_strips.examples import SCANS, scans

# Pixels, in both directions.
SIDE = 8
SIZES = {split: end - start for split, (start, end) in SCANS.items()}


def examples(split):
    """Yields the examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.

    Yields:
        `{"image": uint8 (SIDE, SIDE, 1), "label": int}`, in the order in which
        the forms were filled in.
    """
    for image, digit in zip(*scans(split), strict=True):
        yield {"image": image[..., None], "label": int(digit)}
