"""How a training command starts: quietly, from a fixed seed.

Only `command` is for the command line; nothing here is done on import.
"""

import contextlib
import gc
import os
import re
import signal
import sys
import tempfile
import traceback

from recipes.common import flags

# What TensorFlow prints on every start, whatever the log level.
_BANNERS = re.compile(
    r"All log messages before absl::InitializeLog\(\) is called"
    r"|oneDNN custom operations are on"
    r"|Could not find cuda drivers on your machine"
    r"|This TensorFlow binary is optimized to use available CPU"
    r"|^To enable the following instructions:"
    r"|failed call to cuInit: INTERNAL: CUDA error.*\(303\)"
)

# What we raise on purpose, with a sentence that says what to do.
_CLEAR = (ValueError, FloatingPointError)


def command(main, config_class, description=None, arguments=None):
    """Runs a recipe's `main(config)` as a command, and exits.

    Flags come first, so that `--help` is instant; then TensorFlow is started
    without its banners. An error that rnnzoo raises on purpose ends with its
    sentence alone and status 1, Ctrl-C or SIGTERM with status 130; any other
    error keeps its traceback.

    Args:
        main: function of one Config.
        config_class: the dataclass that `flags.parse` reads.
        description: str. The recipe's docstring, for `--help`.
        arguments: list of str. Default: those of this process.
    """
    config = flags.parse(config_class, arguments, description)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Thai must not end a training.
        stream.reconfigure(errors="replace", line_buffering=True)
    # A scheduler's stop is handled as Ctrl-C: what was learnt is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        quiet_tensorflow()
        main(config)
        status = 0
    except KeyboardInterrupt:
        status = 130
    except _CLEAR as error:
        if not _raised_by_us(error):
            raise
        status = f"error: {error}"
    # The traceback is gone by here, and with it what main had; an iterator
    # over data that outlived Python would abort the process.
    gc.collect()
    if status == 130:
        print("\nStopped.", file=sys.stderr)
    sys.exit(status)


def fix_seeds(seed):
    """Makes a run repeatable: every seed, and deterministic operations.

    Args:
        seed: int. The same seed gives the same weights on the same machine.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def quiet_tensorflow():
    """Imports TensorFlow and finds its devices without the banners.

    They are written to file descriptor 2 from C++, where no log level reaches
    them. What is not a known banner is printed as soon as this ends. Later
    notes below a warning are kept away by TF_CPP_MIN_LOG_LEVEL, unless set.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with _without_banners():
        import tensorflow as tf

        tf.config.list_logical_devices()


@contextlib.contextmanager
def _without_banners():
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


def _raised_by_us(error):
    frames = list(traceback.walk_tb(error.__traceback__))
    module = frames[-1][0].f_globals.get("__name__", "") if frames else ""
    return module.partition(".")[0] == "rnnzoo"
