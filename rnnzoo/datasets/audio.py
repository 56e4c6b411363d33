"""Recordings with a class or a string of labels each, from anywhere."""

import dataclasses
import re

from rnnzoo.datasets import (
    completing,
    files,
    media_labels,
    media_rows,
    tfds_media,
)
from rnnzoo.datasets.class_folders import class_folders, visible
from rnnzoo.datasets.file_lists import file_list, located
from rnnzoo.datasets.wav import ENDINGS, mono, read_wav, resampled

# The test of sets that TFDS does not divide, by the names of their files.
OFFICIAL_TESTS = {
    # https://github.com/Jakobovski/free-spoken-digit-dataset: "the test set
    # officially consists of the first 10% of the recordings", 0 to 4.
    "spoken_digit": r"_[0-4]\.wav$",
}

_LISTS = ("labels.csv", "recordings.csv")
_COLUMNS = {
    "recording": ("file", "audio", "filename", "file_name", "path", "wav"),
    "label": ("label", "labels", "text", "class"),
}


@dataclasses.dataclass(frozen=True)
class Recordings:
    """What `load_audio` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            `"audio"`, a list of int16 arrays `(samples,)`, and `"label"`:
            int32 `(examples,)`, places in `labels`; or, of strings, a list of
            int32 arrays of places in `labels`, one per character.
        labels: tuple of str. The names of the classes, or the characters.
        rate: int. Samples per second.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    labels: tuple
    rate: int
    notes: tuple


def load_audio(
    dataset,
    audio=None,
    label=None,
    rate=None,
    spelled=False,
    held_out=None,
    limit=None,
    seed=0,
    data_dir=None,
):
    """The recordings of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training examples: a tenth
    of each class, drawn by `seed`; of strings a tenth of all, 1,000 at most.

    Args:
        dataset: str. `"folder:PATH"` for wav files; or a TFDS name, as for
            `load`. A folder has one sub-folder per class, such as
            `PATH/yes/1.wav`, or `PATH/train/yes/1.wav` where the splits are
            given; or else a CSV file, such as `labels.csv`, of the columns
            `file`, `label`, and `split` if wanted.
        audio: str. The column of the file names, or the feature of a TFDS
            data set; None for those above, or the only one.
        label: str. The same of the labels.
        rate: int. Samples per second to resample to; None for their own,
            which must then be the same. A TFDS data set that does not say its
            own is taken to have this one.
        spelled: bool. Whether a label is a string of characters, such as
            "4071", each of which is a class, for CTC; it names a class
            otherwise.
        held_out: str. A regular expression that the names of all files of the
            test, such as "yes/1.wav", are found by, for data that are not
            divided; None for what `OFFICIAL_TESTS` has, else a cut.
        limit: int. Most recordings of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Recordings`.

    Raises:
        ValueError: an unknown data set, folder, column or feature; a wav file
            that is missing, cannot be read, is empty, or has another rate; one
            class only, a held-out label that training lacks, too few examples;
            an empty split.
    """
    completing.check_limit(limit)
    if rate is not None and (not isinstance(rate, int) or rate < 1):
        raise ValueError(
            f"Received rate={rate!r}, where samples per second, a positive "
            "integer, or None is expected."
        )
    if held_out is None:
        held_out = OFFICIAL_TESTS.get(re.split("[/:]", dataset)[0])
    names, notes, folder = None, [], None
    if dataset.startswith(files.PREFIX):
        folder = files.folder(dataset.removeprefix(files.PREFIX))
        parts = _in_folder(folder, {"recording": audio, "label": label})
        for rows in parts.values():
            rows["name"] = [files.within(x, folder) for x in rows["item"]]
        contents = _read_files
    else:
        origin = tfds_media.TfdsMedia(dataset, data_dir)
        audio = origin.find("audio", audio, tfds_media.is_audio, ("audio",))
        label = origin.find("label", label, tfds_media.is_label, ("label",))
        names = origin.class_names(label)
        columns = {"label": label}
        if held_out is not None:
            columns["name"] = origin.find(
                "held_out", None, tfds_media.is_name, (f"{audio}/filename",)
            )
        parts, notes = origin.rows(columns)
        own = origin.feature(audio).sample_rate
        contents = _read_arrays(origin, audio, own)
    if held_out is not None:
        notes.append(_hold_out(dataset, parts, held_out))
    splits, more = media_rows.divided(
        dataset, parts, seed, None if spelled else "label", folder
    )
    if spelled:
        names = None
        for rows in splits.values():
            rows["label"] = [tuple(text) for text in rows["label"]]
    labels = media_labels.known_labels(
        dataset,
        splits,
        "label",
        names,
        "" if spelled else " For strings of labels, give spelled=True.",
    )
    splits = media_rows.limited(splits, limit)
    recordings, rate = _one_rate(splits, contents, rate)
    splits = {
        split: {
            "audio": recordings[split],
            "label": media_labels.as_ids(rows["label"], labels),
        }
        for split, rows in splits.items()
    }
    return Recordings(splits, labels, rate, (*notes, *more))


def _in_folder(folder, given):
    found = file_list(folder, _LISTS, _COLUMNS, given)
    if found is None:
        return class_folders(folder, ENDINGS, "recordings")
    places = [folder, *visible(folder)]
    parts = {}
    for split, rows in found.items():
        lines = zip(rows["recording"], rows["line"], strict=True)
        rows = {
            "item": [located(places, name, line) for name, line in lines],
            "label": rows["label"],
        }
        parts[split] = media_rows.alternating(rows, "label")
    return parts


def _hold_out(dataset, parts, pattern):
    """Moves what a pattern finds from training to the test; a note."""
    try:
        is_held_out = re.compile(pattern).search
    except re.error as error:
        raise ValueError(
            f"Received held_out={pattern!r}, which is no regular expression: "
            f"{error}."
        ) from error
    if "test" in parts:
        raise ValueError(
            f"{dataset!r} has a test of its own: leave out "
            f"held_out={pattern!r}."
        )
    train = parts["train"]
    inside = [bool(is_held_out(name)) for name in train["name"]]
    if not any(inside) or all(inside):
        found = "all" if all(inside) else "none"
        raise ValueError(
            f"held_out={pattern!r} is found in {found} of the {len(inside):,} "
            f"file names of {dataset!r}, such as {train['name'][0]!r}: change "
            "it."
        )
    for split, wanted in (("train", False), ("test", True)):
        parts[split] = {
            key: [
                v for v, at in zip(values, inside, strict=True) if at == wanted
            ]
            for key, values in train.items()
        }
    return f"test: the {sum(inside):,} files whose names have {pattern}"


def _read_files(paths):
    for path in paths:
        yield repr(str(path)), *read_wav(path)


def _read_arrays(origin, feature, own):
    def contents(items):
        for name, samples in origin.contents(items, feature):
            if not samples.size:
                raise ValueError(f"{name} has no samples: leave it out.")
            try:
                yield name, mono(samples), own
            except ValueError as error:
                raise ValueError(f"{name}: {error}.") from error

    return contents


def _one_rate(splits, contents, rate):
    """The recordings of each split, and how many samples a second has."""
    recordings, first = {}, None
    for split, rows in splits.items():
        recordings[split] = []
        for name, samples, own in contents(rows["item"]):
            if rate is None and own is None:
                raise ValueError(
                    f"{name} does not say how many samples a second has: give "
                    "its rate."
                )
            own = own or rate
            if rate is None:
                first, rate = name, own
            if own != rate and first is not None:
                raise ValueError(
                    f"{name} has {own:,} samples per second, but {first} has "
                    f"{rate:,}: give a rate, to which all are resampled."
                )
            recordings[split].append(resampled(samples, own, rate))
    return recordings, rate
