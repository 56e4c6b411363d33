"""Series of numbers in time, from anywhere, cut in the order of time."""

import dataclasses
import itertools

from rnnzoo.datasets.choices import check_choice
from rnnzoo.datasets.files import PREFIX
from rnnzoo.datasets.splitting import SPLITS

UNITS = ("share", "rows", "months")
SHARES = (0.7, 0.1, 0.2)

# What the literature calls a month, from Informer's split of ETT on.
_MONTH = 30 * 24 * 60 * 60


@dataclasses.dataclass(frozen=True)
class Series:
    """What `load_series` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each float32
            (time, columns). The held-out ones start `look_back` rows before
            their own, so that a window may look back to where they start.
        columns: tuple of str.
        targets: tuple of int. The columns to forecast, by their places.
        times: dict. The times of the same rows, datetime64[s] (time,).
        look_back: int. Rows of a held-out split that are the split before's.
        step: numpy.timedelta64. What lies between two rows.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    columns: tuple
    targets: tuple
    times: dict
    look_back: int
    step: object
    notes: tuple


def load_series(
    dataset,
    *,
    columns=None,
    targets=None,
    time=None,
    sizes=None,
    unit="share",
    look_back=0,
    fill=None,
    calendar=(),
    data_dir=None,
):
    """A series of one or more columns, as training, validation and test.

    The splits follow one another in time: what is held out is the future.

    Args:
        dataset: str. `"folder:PATH.csv"` for a file with a column of times
            and columns of numbers, see `series_file.read`; or a TFDS name, as
            for `load`, of a data set such as `seasonal`.
        columns: sequence of str. The columns to read; None for all.
        targets: sequence of str. The columns to forecast; None for all that
            are read.
        time: str. The column of times; None for the first that holds some.
        sizes: three numbers, of train, validation and test; None for the
            splits that the data set has, or else shares of 0.7, 0.1 and 0.2.
        unit: str. What `sizes` are: `"share"` of all rows, `"rows"`, or
            `"months"` of 30 days, as in the literature: ETTh1 has 12, 4 and
            4. What they leave over at the end is not used.
        look_back: int. Rows that a held-out split begins before its own.
        fill: None, `"interpolate"` or `"forward"`: what becomes of gaps and
            missing values, see `even_steps.evened`.
        calendar: sequence of str, of `"day"`, `"week"` and `"year"`. Where in
            it a time is, as two more columns each, which nothing is to
            forecast: what short windows cannot show.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Series`.

    Raises:
        ValueError: an unknown data set, file, column or option; a file that is
            not UTF-8, empty, or no CSV; times that are repeated, out of order
            or unevenly apart; gaps, missing values; too few rows.
    """
    # They need NumPy, which importing this room does not load.
    from rnnzoo.datasets import series_catalogue, series_file
    from rnnzoo.datasets.calendar import with_calendar
    from rnnzoo.datasets.even_steps import FILLS, evened

    check_choice("unit", unit, UNITS)
    check_choice("fill", fill, (None, *FILLS))
    if not isinstance(look_back, int) or look_back < 0:
        raise ValueError(
            f"Received look_back={look_back!r}, where a number of rows is "
            "expected, 0 or more."
        )
    if dataset.startswith(PREFIX):
        source = dataset.removeprefix(PREFIX)
        table, rows = series_file.read(source, time, columns), None
    else:
        source = dataset
        table, rows = series_catalogue.read(source, time, columns, data_dir)
    times, values, step, notes = evened(
        source, table.times, table.values, table.columns, fill, table.lines
    )
    if sizes is not None or rows is None:
        rows = _rows(source, sizes or SHARES, unit, len(times), step)
    borders = list(itertools.accumulate(rows, initial=0))
    if rows[0] < look_back:
        raise ValueError(
            f"{source!r} has {rows[0]:,} rows to train on, fewer than "
            f"look_back={look_back}: shorten look_back, or take more rows."
        )
    if borders[-1] < len(times):
        notes.append(
            f"not used: the last {len(times) - borders[-1]:,} of "
            f"{len(times):,} rows"
        )
    targets = _targets(source, targets, table.columns)
    columns = table.columns
    if calendar:
        names, values = with_calendar(times, values, calendar)
        columns = (*columns, *names)
    parts = {
        split: slice(first - (look_back if first else 0), last)
        for split, first, last in zip(
            SPLITS, borders[:-1], borders[1:], strict=True
        )
    }
    return Series(
        {
            split: values[part].astype("float32")
            for split, part in parts.items()
        },
        columns,
        targets,
        {split: times[part] for split, part in parts.items()},
        look_back,
        step,
        (*table.notes, *notes),
    )


def _targets(source, targets, columns):
    """The places of the columns to forecast."""
    from rnnzoo.datasets.series_file import unknown_column

    if targets is None:
        return tuple(range(len(columns)))
    for name in targets:
        if name not in columns:
            raise ValueError(unknown_column(source, name, columns))
    if not targets or len(set(targets)) < len(targets):
        raise ValueError(
            f"Received targets={list(targets)}, where at least one column is "
            "expected, and each once."
        )
    return tuple(columns.index(name) for name in targets)


def _rows(source, sizes, unit, count, step):
    """How many rows each split has."""
    is_number = all(
        isinstance(n, int | float) and not isinstance(n, bool) and n > 0
        for n in sizes
    )
    if len(sizes) != len(SPLITS) or not is_number:
        raise ValueError(
            f"Received sizes={tuple(sizes)}, where three numbers above 0 are "
            "expected, of train, validation and test."
        )
    if unit == "share":
        if sum(sizes) > 1 + 1e-9:
            raise ValueError(
                f"Received sizes={tuple(sizes)}, which are more than the "
                "whole: shares sum up to 1 at most. Rows and months of 30 "
                "days need unit='rows' or unit='months'."
            )
        borders = [round(n * count) for n in itertools.accumulate(sizes)]
        rows = [b - a for a, b in itertools.pairwise([0, *borders])]
    else:
        per_size = 1 if unit == "rows" else _rows_of_a_month(step)
        exact = [size * per_size for size in sizes]
        rows = [round(n) for n in exact]
        if any(abs(n - m) > 1e-6 for n, m in zip(rows, exact, strict=True)):
            raise ValueError(
                f"Received sizes={tuple(sizes)}, which are no whole number of "
                f"rows with unit={unit!r}."
            )
    if not all(rows) or sum(rows) > count:
        wanted = " + ".join(f"{n:,}" for n in rows)
        raise ValueError(
            f"{source!r} has {count:,} rows, too few for sizes={tuple(sizes)} "
            f"with unit={unit!r}, which are {wanted} rows: choose others."
        )
    return tuple(rows)


def _rows_of_a_month(step):
    length = step.item()
    if isinstance(length, int):  # Of the calendar.
        return 1 / length
    return _MONTH / length.total_seconds()
