"""How a training command starts: quietly, from a fixed seed.

Only `command` is for the command line; nothing here is done on import.
"""

import gc
import importlib.util
import pathlib
import signal
import sys

from recipes.common import flags


def _load_console():
    """rnnzoo/console.py by itself: `import rnnzoo.console` would load Keras."""
    rnnzoo = pathlib.Path(importlib.util.find_spec("rnnzoo").origin)
    path = rnnzoo.with_name("console.py")
    spec = importlib.util.spec_from_file_location("console", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


console = _load_console()

# What we raise on purpose, with a sentence that says what to do.
_CLEAR = (ValueError, FloatingPointError, OSError)


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
        if getattr(config, "replicas", None) is not None:
            _split_cpu(config.replicas)
        console.start_tensorflow()
        main(config)
        status = 0
    except KeyboardInterrupt:
        status = 130
    except _CLEAR as error:
        if not console.raised_by_us(error):
            raise
        status = f"error: {error}"
    # The traceback is gone by here, and with it what main had; an iterator
    # over data that outlived Python would abort the process.
    gc.collect()
    if status == 130:
        print("\nStopped.", file=sys.stderr)
    sys.exit(status)


def _split_cpu(count):
    """Before TensorFlow starts, which then is too late."""
    with console.without_banners():
        from rnnzoo.training import strategy

        strategy.split_cpu(count)


def fix_seeds(seed):
    """Makes a run repeatable: every seed, and deterministic operations.

    Args:
        seed: int. The same seed gives the same weights on the same machine.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
