"""One door to the embedded data sets and to the TFDS catalogue."""

import contextlib
import difflib
import importlib
import io
import logging
import re

# The TFDS name of each data set that comes with us, and what registers it.
EMBEDDED = {"dates": "rnnzoo.datasets.dates"}

# TFDS tries ten times, which takes minutes where there is no network.
_DOWNLOAD_RETRIES = 3


def load(name, split, data_dir=None):
    """A split of a data set, prepared first where that has not been done.

    Args:
        name: one of `EMBEDDED`, which need no download, or a name of the TFDS
            catalogue, with a config and a version if wanted:
            `"name/config:1.0.0"`.
        split: such as `"train"` or `"train[:1000]"`.
        data_dir: folder of the prepared data; None for TFDS's own,
            `~/tensorflow_datasets`.

    Returns:
        A `tf.data.Dataset` of dicts, in the same order each time.
    """
    with _quiet() if _base(name) in EMBEDDED else contextlib.nullcontext():
        builder = _builder(name, data_dir)
        if not builder.is_prepared():
            _prepare(builder)
            # A new builder knows what is on disk, whoever has written it.
            builder = _builder(name, data_dir)
    return builder.as_dataset(split=split, shuffle_files=False)


def _base(name):
    """The name without config and version."""
    return re.split("[/:]", name)[0]


def _builder(name, data_dir):
    base = _base(name)
    try:
        import tensorflow_datasets as tfds

        if base in EMBEDDED:
            importlib.import_module(EMBEDDED[base])
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The data set {name!r} needs the module {error.name!r}, which is "
            "not installed: run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    try:
        return tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except tfds.core.DatasetNotFoundError:
        known = [*EMBEDDED, *tfds.list_builders(with_community_datasets=False)]
        raise ValueError(_unknown(name, base, known)) from None
    except (ValueError, AssertionError) as error:
        raise ValueError(
            f"{name!r} names no config or version that {base!r} has: give "
            f"{base!r} alone for the newest. TFDS says: {error}"
        ) from error


def _unknown(name, base, known):
    message = (
        f"Unknown data set {name!r}: those that need no download are "
        f"{', '.join(map(repr, EMBEDDED))}, and every name of the TFDS "
        "catalogue is taken"
    )
    near = difflib.get_close_matches(base, dict.fromkeys(known), n=3)
    if near:
        message += f"; did you mean {' or '.join(map(repr, near))}?"
    return message


def _prepare(builder):
    """Puts the data of `builder` on disk.

    TFDS writes to a folder of another name and renames it at the end, so what
    is interrupted leaves nothing that could be taken for data.
    """
    try:
        with _few_retries():
            builder.download_and_prepare()
    except OSError as error:
        if builder.is_prepared():
            return  # Another process has been faster.
        raise OSError(
            f"Could not prepare the data set {builder.name!r} in "
            f"{builder.data_dir!r}: {error}"
        ) from error


@contextlib.contextmanager
def _quiet():
    """Without TFDS's announcements and progress bars, for seconds of work."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    silence = io.StringIO()
    try:
        with contextlib.redirect_stdout(silence):
            with contextlib.redirect_stderr(silence):
                yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _few_retries():
    from tensorflow_datasets.core.download import downloader

    before = downloader.MAX_RETRIES
    downloader.MAX_RETRIES = _DOWNLOAD_RETRIES
    try:
        yield
    finally:
        downloader.MAX_RETRIES = before
