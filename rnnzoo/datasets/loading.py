"""One door to the embedded data sets and to the TFDS catalogue."""

import contextlib
import difflib
import functools
import importlib
import io
import logging
import os
import random
import re
import socket
import sys
import urllib.error

# The TFDS name of each data set that comes with us, and what registers it.
EMBEDDED = {
    "adding": "rnnzoo.datasets.adding",
    "copy_memory": "rnnzoo.datasets.copy_memory",
    "cyclic_group": "rnnzoo.datasets.cyclic_group",
    "dates": "rnnzoo.datasets.dates",
    "digit_strips": "rnnzoo.datasets.digit_strips",
    "digits": "rnnzoo.datasets.digits",
    "moving_digits": "rnnzoo.datasets.moving_digits",
    "python_source": "rnnzoo.datasets.python_source",
    "python_tokens": "rnnzoo.datasets.python_tokens",
    "seasonal": "rnnzoo.datasets.seasonal",
    "snippets": "rnnzoo.datasets.snippets",
    "tones": "rnnzoo.datasets.tones",
}

_RETRIES = 1
# Seconds until a server has answered, and between two pieces of an answer.
_TIMEOUT = (5, 60)


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
    return prepared(name, data_dir).as_dataset(split=split, shuffle_files=False)


def prepared(name, data_dir=None):
    """The TFDS builder of a data set whose data are on disk.

    Raises:
        ValueError: an unknown name; data that cannot be downloaded.
        OSError: data that cannot be written.
    """
    with quiet(_base(name) in EMBEDDED or not sys.stderr.isatty()):
        found = builder(name, data_dir)
        if not found.is_prepared():
            _prepare(found, name)
            # A new builder knows what is on disk, whoever has written it.
            found = builder(name, data_dir)
    return found


def _base(name):
    """The name without config and version."""
    return re.split("[/:]", name)[0]


def builder(name, data_dir=None):
    """The TFDS builder of a data set, which knows its features.

    Raises:
        ValueError: an unknown name.
    """
    base = _base(name)
    if not base.isidentifier():
        raise ValueError(_unknown(name, base, EMBEDDED))
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
        configs = list(tfds.builder_cls(base).builder_configs)
        asked = name.removeprefix(base + "/")
        near = difflib.get_close_matches(asked, configs, n=15, cutoff=0)
        raise ValueError(
            f"{name!r} names no config or version that {base!r} has: give "
            f"{base!r} alone for the newest, or with one of its "
            f"{len(configs)} configs: {', '.join(near) or 'none'}."
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
    elif os.path.isdir(os.path.expanduser(name)):
        message += f"; for the files in that folder, give {'folder:' + name!r}"
    return message


def _prepare(builder, name):
    """Puts the data of `builder` on disk.

    TFDS writes to a folder of another name and renames it at the end, so what
    is interrupted leaves nothing that could be taken for data.
    """
    from tensorflow_datasets.core.download.util import DownloadError

    try:
        with _impatient(), _own_random_numbers():
            builder.download_and_prepare()
    except (OSError, DownloadError) as error:
        if builder.is_prepared():
            return  # Another process has been faster.
        if _is_of_the_network(error):
            raise ValueError(
                f"The data set {name!r} is not in {builder.data_dir!r}, and it "
                f"cannot be downloaded: {_reason(error)}. Go online; or have "
                "TFDS prepare it on another machine, copy its folder, and name "
                "that by the environment variable TFDS_DATA_DIR."
            ) from error
        raise OSError(
            f"Could not prepare the data set {name!r} in "
            f"{builder.data_dir!r}: {error}"
        ) from error
    except AssertionError as error:
        # So TFDS asks for files that nobody but the user may download.
        raise ValueError(
            f"The data set {name!r} cannot be prepared: {error}"
        ) from error


def _is_of_the_network(error):
    import requests
    from tensorflow_datasets.core.download.util import DownloadError

    kinds = (
        requests.RequestException,
        urllib.error.URLError,
        ConnectionError,
        TimeoutError,
        socket.gaierror,
        DownloadError,
    )
    return isinstance(error, kinds)


def _reason(error):
    """The address that failed, where it is known, instead of a call chain."""
    request = getattr(error, "request", None)
    return error if request is None else f"no answer from {request.url}"


@contextlib.contextmanager
def quiet(all_of_it=False):
    """Without warnings of TFDS, and without its progress where none looks."""
    loggers = [logging.getLogger(name) for name in ("absl", "urllib3")]
    levels = [logger.level for logger in loggers]
    silence = io.StringIO()
    try:
        with contextlib.ExitStack() as stack:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            if all_of_it:
                stack.enter_context(contextlib.redirect_stdout(silence))
                stack.enter_context(contextlib.redirect_stderr(silence))
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _own_random_numbers():
    """Uses up no seed of the caller's, and draws as no other process does.

    TFDS draws the name of an unfinished folder. With the caller's numbers, two
    processes with one seed would write to the same folder, and what is drawn
    afterwards, such as weights, would tell whether the data were there before.
    """
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)


@contextlib.contextmanager
def _impatient():
    """Downloads fail in seconds where nobody answers.

    TFDS tries ten times, and for each address as long as the system does.
    """
    from tensorflow_datasets.core.download import downloader

    before = downloader.MAX_RETRIES, downloader._open_url
    downloader.MAX_RETRIES = _RETRIES
    downloader._open_url = functools.partial(
        downloader._open_url, timeout=_TIMEOUT
    )
    try:
        yield
    finally:
        downloader.MAX_RETRIES, downloader._open_url = before
