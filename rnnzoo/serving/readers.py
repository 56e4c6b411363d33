"""Texts, and the names of files, to arrays that a model takes.

A reader is a function of (items, settings, model), of one batch: `settings` are
the `inputs` of a `training.contract.Contract`. It returns (inputs, steps): what
the model reads, and for each item what its steps, or those ahead of it, are
called: iterables of str, or None.
"""

import itertools
import pathlib

import numpy as np


def texts(items, settings, model):
    """Token ids of texts `(batch, timesteps)`, padded with 0."""
    vocabulary = getattr(model, "vocabulary", None)
    if vocabulary is None:
        raise ValueError(
            f"The model is a {type(model).__name__} without a vocabulary, so "
            "that it reads no texts: train one that was built with it."
        )
    if settings["lowercase"]:
        items = [text.lower() for text in items]
    rows = [vocabulary.encode([text])[0] for text in items]
    rows = [row[: settings["max_length"]] for row in rows]
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
    return ids, [
        _tokens(text, row, vocabulary)
        for text, row in zip(items, rows, strict=True)
    ]


def words(items, settings, model):
    """The same of words, with their characters where the model asks."""
    ids, _ = texts(items, settings, model)
    steps = [text.split() for text in items]
    if getattr(model, "character_vocabulary", None) is None:
        return ids, steps
    most = settings["most_characters"]
    spelling = [
        model.character_vocabulary.encode(row[: ids.shape[1]])[:, :most]
        for row in steps
    ]
    width = max(array.shape[1] for array in spelling)
    characters = np.zeros((*ids.shape, width), "int32")
    for row, array in zip(characters, spelling, strict=True):
        row[: len(array), : array.shape[1]] = array
    # Words that were cut off have no characters either.
    characters[ids == 0] = 0
    return {"words": ids, "characters": characters}, steps


def symbols(items, settings, model):
    """Symbols as vectors of 0 and a 1, `(batch, timesteps, count)`; a mask."""
    count, names = settings["count"], [item.split() for item in items]
    for name in {name for row in names for name in row}:
        if not (name.isdecimal() and int(name) < count):
            raise ValueError(
                f"{name!r} is no symbol: the model reads whole numbers from 0 "
                f"to {count - 1}, with spaces between them."
            )
    one_hot = np.eye(count, dtype="float32")
    return _with_mask([one_hot[[*map(int, row)]] for row in names]), names


def steps(items, settings, model):
    """Numbers of each step, `(batch, timesteps, features)`, and a mask."""
    count, names = settings["features"], [item.split() for item in items]
    return _with_mask([_numbers(row, count) for row in names]), names


def _numbers(row, count):
    """Words such as "0.5,1" as an array `(timesteps, count)`."""
    try:
        values = np.array([step.split(",") for step in row], "float32")
        fits = values.ndim == 2 and values.shape[1] == count
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"The model reads steps of {count} numbers, with commas between "
            "numbers and spaces between steps, such as "
            f"{','.join(['0.5'] * count)!r}. Received: {' '.join(row)[:60]!r}."
        )
    return values


def images(items, settings, model):
    """Images from 0 to 1, float32 `(batch, height, width, channels)`."""
    return np.stack([_image(path, settings) for path in items]), None


def frames(items, settings, model):
    """Clips `(batch, frames, height, width, channels)`, with their mask."""
    paths = [_frames_in(folder)[:: settings["every"]] for folder in items]
    clips = [
        np.stack([_image(path, settings) for path in clip]) for clip in paths
    ]
    return _with_mask(clips), [[path.name for path in clip] for clip in paths]


def audio(items, settings, model):
    """Log-mel features of recordings, `(batch, frames, bands)`, and a mask."""
    from rnnzoo.datasets.wav import read_wav
    from rnnzoo.pipelines.audio import LogMel, Normalisation

    settings = {name: settings[name] for name in settings if name != "kind"}
    normalise = Normalisation(
        tuple(settings.pop("mean")), tuple(settings.pop("deviation"))
    )
    features = LogMel(**settings)
    rows = [
        normalise(features(read_wav(path, settings["rate"])[0]))
        for path in items
    ]
    return _with_mask(rows), None


def series(items, settings, model):
    """The end of each series at the scale of 1, and the times after it."""
    ends, times = zip(
        *(_end_of_series(path, settings) for path in items), strict=True
    )
    return np.stack(ends), times


READERS = {
    "text": texts,
    "words": words,
    "symbols": symbols,
    "steps": steps,
    "image": images,
    "frames": frames,
    "audio": audio,
    "series": series,
}


def _tokens(text, ids, vocabulary):
    """What the steps of a text are: words, characters, or other pieces."""
    for tokens in (text.split(), list(text)):
        if len(tokens) == len(ids):
            return tokens
    return vocabulary.tokens(ids)


def _with_mask(rows):
    """Sequences of values, with zeros behind them, and which steps count."""
    lengths = np.array([len(row) for row in rows])
    inputs = np.zeros((len(rows), lengths.max(), *rows[0].shape[1:]), "float32")
    for padded, row in zip(inputs, rows, strict=True):
        padded[: len(row)] = row
    return {
        "inputs": inputs,
        "mask": np.arange(lengths.max()) < lengths[:, None],
    }


def _image(path, settings):
    from rnnzoo.datasets.pictures import padded, read_picture

    size, pad = tuple(settings["size"]), settings.get("pad", False)
    values = read_picture(path, None if pad else size, settings["channels"])
    if pad:
        try:
            values = padded(values, size)
        except ValueError as error:
            raise ValueError(
                f"{str(path)!r} does not fit: {error}, which is what the model "
                "reads. Cut it, or make it smaller."
            ) from error
    return values.astype("float32") / 255


def _frames_in(folder):
    """The images of a clip, in the order that it was trained with."""
    from rnnzoo.datasets.class_folders import of_kind
    from rnnzoo.datasets.pictures import ENDINGS

    folder = pathlib.Path(folder)
    files = of_kind(folder, ENDINGS) if folder.is_dir() else []
    if not files:
        raise ValueError(
            f"{str(folder)!r} is no folder with images: give one that holds "
            "the frames of a clip."
        )
    return files


def _end_of_series(path, settings):
    """Values `(look_back, columns)`, and an iterator over the times ahead."""
    from rnnzoo.datasets import even_steps, series_file
    from rnnzoo.datasets.calendar import with_calendar
    from rnnzoo.pipelines.standard import Standard

    own = len(settings["columns"]) - 2 * len(settings["calendar"])
    columns, look_back = settings["columns"][:own], settings["look_back"]
    table = series_file.read(path, None, columns)
    times, values, step, _ = even_steps.evened(
        str(path), table.times, table.values, table.columns, None, table.lines
    )
    if len(values) < look_back:
        raise ValueError(
            f"{str(path)!r} has {len(values):,} rows, and a forecast is made "
            f"from the last {look_back:,}: give a longer series."
        )
    values = values[:, [table.columns.index(name) for name in columns]]
    _, values = with_calendar(times, values, settings["calendar"])
    standard = Standard(tuple(settings["mean"]), tuple(settings["deviation"]))
    ahead = _times(times[-1], step)
    return standard.apply(values[-look_back:]), ahead


def _times(last, step):
    """The times after `last`, without end."""
    if np.datetime_data(step.dtype)[0] in ("M", "Y"):
        # Months differ in days: the day of the month stays.
        day = last - last.astype(step.dtype.str.replace("m8", "M8"))
        month = last.astype(step.dtype.str.replace("m8", "M8"))
        for number in itertools.count(1):
            yield str((month + number * step).astype("M8[s]") + day)
    for number in itertools.count(1):
        yield str(last + number * step)
