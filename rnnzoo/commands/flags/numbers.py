"""Types of flags."""

import argparse


def positive(text):
    """A whole number from 1 on."""
    return whole(text, 1)


def whole(text, least=0):
    """A whole number from `least` on."""
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of at least {least}"
        )
    return value
