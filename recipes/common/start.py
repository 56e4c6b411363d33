"""How a training command starts: quietly, from a fixed seed.

Only `command` is for the command line; nothing here is done on import.
"""

import contextlib
import gc
import importlib.util
import os
import pathlib
import signal
import sys

from recipes.common import flags


def _load(name):
    """A module of rnnzoo by itself: `import rnnzoo.console` would load Keras.

    Under its own name, by which errors that it raises are known as ours.
    """
    rnnzoo = pathlib.Path(importlib.util.find_spec("rnnzoo").origin)
    path = rnnzoo.parent.joinpath(*name.split(".")[1:]).with_suffix(".py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


console = _load("rnnzoo.console")
store = _load("rnnzoo.training.store")
sweeps = _load("rnnzoo.training.sweeps")
workers = _load("rnnzoo.training.workers")

# What we raise on purpose, with a sentence that says what to do.
_CLEAR = (ValueError, FloatingPointError, OSError)


def command(main, config_class, description=None, arguments=None):
    """Runs a recipe's `main(config)` as a command, and exits.

    Flags come first, so that `--help` is instant; then TensorFlow is started
    without its banners. An error that rnnzoo raises on purpose ends with its
    sentence alone and status 1, Ctrl-C or SIGTERM with status 130; any other
    error keeps its traceback.

    In a process that was started as one of several workers, TensorFlow waits
    for the others, the chief alone prints, and status 75 tells who started
    them that another one was lost.

    Args:
        main: function of one Config.
        config_class: the dataclass that `flags.parse` reads.
        description: str. The recipe's docstring, for `--help`.
        arguments: list of str. Default: those of this process.
    """
    if sweeps.CHECK in os.environ:
        _answer(config_class, arguments, os.environ[sweeps.CHECK])
    config = flags.parse(config_class, arguments, description)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Thai must not end a training.
        stream.reconfigure(errors="replace", line_buffering=True)
    # A scheduler's stop is handled as Ctrl-C: what was learnt is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    creating = None
    try:
        if _trains(config) and workers.me().chief:
            creating = store.create_beside()
        if getattr(config, "replicas", None) is not None:
            _split_cpu(config.replicas)
        with _joined(getattr(config, "strategy", None)):
            console.start_tensorflow()
            main(config)
        status = 0
    except KeyboardInterrupt:
        status = 130
    except Exception as error:  # of any kind, from TensorFlow, of a lost worker
        if _is_lost(error):
            status = workers.LOST
            line = str(error).strip().splitlines()[0][:300]
            print(
                f"\nerror: Worker {workers.me().index} has lost another one, "
                f"and ends ({type(error).__name__}: {line}). Started again, "
                "all of them go on from the last checkpoint.",
                file=sys.stderr,
            )
        elif isinstance(error, _CLEAR) and console.raised_by_us(error):
            status = f"error: {error}"
        else:
            raise
    # The traceback is gone by here, and with it what main had; an iterator
    # over data that outlived Python would abort the process.
    gc.collect()
    # What is left goes with the process: Python would look through it for
    # another two seconds.
    gc.freeze()
    if creating is not None:
        creating.poll()
    if status == 130:
        print("\nStopped.", file=sys.stderr)
    sys.exit(status)


def _answer(config_class, arguments, asked):
    """Tells a sweep, which has started this process to ask; then exits."""
    with console.without_banners():
        from recipes.common import checking

        words = sys.argv[1:] if arguments is None else arguments
        answer = checking.answer(config_class, words, asked)
    print(f"{sweeps.ANSWER}{answer}")
    sys.exit(0)


def _trains(config):
    """Whether it will leave a run in MLflow."""
    return hasattr(config, "fresh") and not getattr(config, "evaluate", None)


def _split_cpu(count):
    """Before TensorFlow starts, which then is too late."""
    # Warnings too: each replica has those of how its batches come to it.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with console.without_banners():
        from rnnzoo.training import strategy

        strategy.split_cpu(count)


@contextlib.contextmanager
def _joined(strategy):
    """With the other workers from the start to the end, if there are any.

    They come before TensorFlow does, which could not join them later, and go
    together: one that waits for a lost leader ends with an error.
    """
    if workers.me().count == 1 and strategy != "multiworker":
        yield
        return
    workers.wait()
    # Warnings too: each worker has those of how its batches come to it.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with console.without_banners():
        from rnnzoo.training import multiworker
        from rnnzoo.training import strategy as strategies

        strategies.make(strategy)
    with workers.quiet():
        yield
        multiworker.meet()


def _is_lost(error):
    # By its name: this module has loaded the class by itself.
    if type(error).__name__ == workers.WorkerLost.__name__:
        return True
    if isinstance(error, _CLEAR) or "tensorflow" not in sys.modules:
        return False
    from rnnzoo.training import multiworker

    return multiworker.is_lost(error)


def set_up(config):
    """Makes a run repeatable, and sets what its layers compute with.

    Before data and model are made, of a Config with `seed` and `precision`,
    see `settings.Settings`.
    """
    import keras

    fix_seeds(config.seed)
    keras.config.set_dtype_policy(config.precision)


def compile_options(config):
    """What a recipe hands to `model.compile` beside its optimizer.

    Args:
        config: a Config with `xla`, see `settings.Settings`.

    Returns:
        dict. Without --xla it is empty: Keras decides by the device.
    """
    return {"jit_compile": True} if config.xla else {}


def fix_seeds(seed):
    """Makes a run repeatable: every seed, and deterministic operations.

    Args:
        seed: int. The same seed gives the same weights on the same machine.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
