"""A series in a TFDS data set, embedded or of the catalogue."""

import numpy as np

from rnnzoo.datasets import loading
from rnnzoo.datasets.series_file import Table, listed, unknown_column
from rnnzoo.datasets.splitting import SPLITS

TIME = "time"


def read(name, time=None, columns=None, data_dir=None):
    """The splits of a data set as one series, and how long each is.

    Each split is one example, a dict of the columns: `(time,)` each, and one
    of them the times in seconds since 1970. `seasonal` is the pattern.

    Args:
        name: str. As for `loading.load`.
        time: str. The feature of times; None for `"time"`.
        columns: sequence of str. The features to read; None for all.
        data_dir: folder of the prepared data; None for TFDS's own.

    Returns:
        `(Table, rows)`: rows of train, validation and test, or None where the
        data set has not all of them. `lines` of the table is None.

    Raises:
        ValueError: an unknown name or column; a data set that is no series.
    """
    # Before anything is downloaded, so that a wrong name costs nothing.
    features = loading.builder(name, data_dir).info.features
    specs = features.get_tensor_spec()
    time = time or TIME
    known = [
        key
        for key in (specs if isinstance(specs, dict) else ())
        if len(getattr(specs[key], "shape", ())) == 1
        and specs[key].dtype.is_floating | specs[key].dtype.is_integer
    ]
    if time not in known or len(known) < 2:
        raise ValueError(
            f"The data set {name!r} is no series: a split with one example is "
            f"expected, of features (time,) and one of times, {time!r}. It "
            f"has: {listed(specs) if isinstance(specs, dict) else specs}."
        )
    names = [key for key in known if key != time]
    for column in columns or ():
        if column not in names:
            raise ValueError(unknown_column(name, column, names))
    names = list(columns or names)
    builder = loading.prepared(name, data_dir)
    splits = [split for split in SPLITS if split in builder.info.splits]
    parts = [_example(builder, name, split) for split in splits]
    if not parts:
        raise ValueError(
            f"The data set {name!r} has none of the splits {listed(SPLITS)}, "
            f"but {listed(builder.info.splits)}: choose another."
        )
    seconds = np.concatenate([part[time] for part in parts]).astype("int64")
    values = [np.concatenate([part[key] for part in parts]) for key in names]
    table = Table(
        seconds.astype("datetime64[s]"),
        np.stack(values, axis=1).astype("float64"),
        tuple(names),
        None,
        (),
    )
    whole = len(parts) == len(SPLITS)
    return table, tuple(len(p[time]) for p in parts) if whole else None


def _example(builder, name, split):
    count = builder.info.splits[split].num_examples
    if count != 1:
        raise ValueError(
            f"The split {split!r} of {name!r} has {count:,} examples, where "
            "one is expected, which is the series: choose another data set."
        )
    dataset = builder.as_dataset(split=split, shuffle_files=False)
    return next(dataset.as_numpy_iterator())
