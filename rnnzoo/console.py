"""What commands have in common: a quiet start, and mistakes in a sentence.

Only the standard library is imported here, and nothing of rnnzoo: commands
load this before TensorFlow.
"""

import contextlib
import os
import re
import sys
import tempfile
import traceback

# What TensorFlow prints on every start, whatever the log level.
_BANNERS = re.compile(
    r"All log messages before absl::InitializeLog\(\) is called"
    r"|oneDNN custom operations are on"
    r"|Could not find cuda drivers on your machine"
    r"|This TensorFlow binary is optimized to use available CPU"
    r"|^To enable the following instructions:"
    r"|failed call to cuInit: INTERNAL: CUDA error.*\(303\)"
    r"|oneDNN supports DT_INT\d+ only on platforms with AVX-512"
)


def start_tensorflow():
    """Imports TensorFlow and finds its devices without the banners.

    They are written to file descriptor 2 from C++, where no log level reaches
    them. What is not a known banner is printed as soon as this ends. Later
    notes below a warning are kept away by TF_CPP_MIN_LOG_LEVEL, unless set.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with without_banners():
        import tensorflow as tf

        tf.config.list_logical_devices()
        # Told once, where whole numbers are transposed first: beam search.
        tf.transpose(tf.zeros((2, 2), "int32"))


@contextlib.contextmanager
def without_banners():
    """Holds back what is written to stderr; then all but banners is printed."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if not _BANNERS.search(line):
                    print(line, file=sys.stderr)


def raised_by_us(error):
    """Whether rnnzoo or a recipe raised it, with a sentence for the user."""
    frames = list(traceback.walk_tb(error.__traceback__))
    known = frames[-1][0].f_globals if frames else {}
    # What `python -m` runs is called __main__, and tells its package still.
    module = known.get("__package__") or known.get("__name__", "")
    return module.partition(".")[0] in ("rnnzoo", "recipes")
