"""How the modules' numbers are stored: one file, a prefix for each case."""

import functools
import pathlib

import numpy as np

PATH = pathlib.Path(__file__).parent / "torch.npz"


@functools.cache
def cases():
    """Dict of case, such as "gru-2-1-1", to its arrays by name.

    The name tells kind, layers, directions, and whether there are biases.
    """
    found = {}
    with np.load(PATH) as stored:
        for key in stored:
            case, name = key.split("/")
            found.setdefault(case, {})[name] = stored[key]
    return found


def state_dict(case):
    """The weights of a case, as the module's `state_dict` has them."""
    return {
        name.removeprefix("weight."): values
        for name, values in cases()[case].items()
        if name.startswith("weight.")
    }
