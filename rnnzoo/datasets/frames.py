"""Clips with a class per frame, from anywhere."""

import dataclasses

import numpy as np

from rnnzoo.datasets import (
    completing,
    files,
    media_labels,
    media_rows,
    picture_arrays,
    tfds_media,
)
from rnnzoo.datasets.class_folders import of_kind, visible
from rnnzoo.datasets.file_lists import file_list, located
from rnnzoo.datasets.pictures import ENDINGS

_LISTS = ("labels.csv", "clips.csv")
_COLUMNS = {
    "clip": ("clip", "video", "folder", "file"),
    "labels": ("labels", "label", "class"),
}


@dataclasses.dataclass(frozen=True)
class Clips:
    """What `load_frames` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            `"video"`, a list of uint8 arrays `(frames, height, width,
            channels)`, and `"labels"`, a list of int32 arrays `(frames,)` of
            places in `labels`; no `"labels"` if the data set has none.
        labels: tuple of str. The names of the classes; empty without any.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    labels: tuple
    notes: tuple


def load_frames(
    dataset,
    video=None,
    label=None,
    size=None,
    every=1,
    limit=None,
    seed=0,
    data_dir=None,
):
    """The clips of a data set, as training, validation and test.

    A label of a whole clip becomes that of each of its frames. A split that
    the data set lacks is cut off its training clips: a tenth of them, 1,000
    at most, drawn by `seed`.

    Args:
        dataset: str. `"folder:PATH"` for a folder that has one sub-folder of
            image files per clip, such as `frame1.png`, and a CSV file, such as
            `labels.csv`, of the columns `clip`, `labels`, and `split` if
            wanted. A clip's labels are one for each frame, with spaces
            between, or one for all. Or a TFDS name, as for `load`. Files are
            grey if all of them are, else in colours; what is transparent
            becomes white.
        video: str. The column of the clips' folders, or the feature of a TFDS
            data set; None for those above, or the only one.
        label: str. The same of the labels.
        size: (height, width) to resize to, in pixels; None for their own,
            which must then be the same in all clips.
        every: int. Of this many frames, one is kept, the first.
        limit: int. Most clips of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Clips`.

    Raises:
        ValueError: an unknown data set, folder, column or feature; a clip of
            no frames, or with another number of labels; a frame that cannot be
            read, or of another size; one class only, a held-out label that
            training lacks, too few clips; an empty split.
    """
    completing.check_limit(limit)
    picture_arrays.check_size(size)
    if not isinstance(every, int) or every < 1:
        raise ValueError(
            f"Received every={every!r}, where a positive integer is expected."
        )
    names = channels = folder = None
    if dataset.startswith(files.PREFIX):
        folder = files.folder(dataset.removeprefix(files.PREFIX))
        parts = _listed(folder, {"clip": video, "labels": label})
        paths = [
            path
            for rows in parts.values()
            for frames in rows["frames"]
            for path in frames
        ]
        channels = picture_arrays.all_channels(paths)
        contents, notes = _from_folders, []
    else:
        origin = tfds_media.TfdsMedia(dataset, data_dir)
        video = origin.find("video", video, tfds_media.is_video, ("video",))
        label = origin.find(
            "label",
            label,
            tfds_media.is_label_of_frames,
            ("labels", "label"),
            optional=True,
        )
        names = label and origin.class_names(label)
        parts, notes = origin.rows({"labels": label} if label else {})
        contents = _from_tfds(origin, video)
    splits, more = media_rows.divided(dataset, parts, seed, folder=folder)
    notes += more
    labels = ()
    if "labels" in splits["train"]:
        labels = media_labels.known_labels(dataset, splits, "labels", names)
    else:
        notes.append("no labels: frames only")
    splits = media_rows.limited(splits, limit)
    videos = _videos(splits, contents, size, channels, every)
    notes += picture_arrays.memory("frames", sum(videos.values(), start=[]))
    return Clips(
        {
            split: _examples(videos[split], rows, labels, every)
            for split, rows in splits.items()
        },
        labels,
        tuple(notes),
    )


def _listed(folder, given):
    found = file_list(folder, _LISTS, _COLUMNS, given)
    if found is None:
        names = sorted(entry.name for entry in folder.iterdir())
        raise ValueError(
            f"{str(folder)!r} has no CSV file such as labels.csv, with the "
            "columns clip and labels. It holds: "
            f"{files.listed(names) or 'nothing'}."
        )
    places, parts = [folder, *visible(folder)], {}
    for split, rows in found.items():
        part = parts[split] = {"item": [], "frames": [], "labels": []}
        for name, labels, line in zip(*rows.values(), strict=True):
            clip = located(places, name, line)
            frames = of_kind(clip, ENDINGS) if clip.is_dir() else []
            if not frames:
                raise ValueError(
                    f"{line} names the clip {str(clip)!r}, which has no "
                    "frames: a folder of images, such as frame1.png, is "
                    "expected."
                )
            labels = tuple(labels.split())
            if len(labels) not in (1, len(frames)):
                raise ValueError(
                    f"{line} has {len(labels)} labels for the {len(frames)} "
                    f"frames of {str(clip)!r}: give one for each, or one for "
                    "all."
                )
            part["item"].append(clip)
            part["frames"].append(frames)
            part["labels"].append(labels)
    return parts


def _from_folders(rows):
    for frames in rows["frames"]:
        yield [(repr(str(path)), path) for path in frames]


def _from_tfds(origin, video):
    def contents(rows):
        for name, frames in origin.contents(rows["item"], video):
            if not len(frames):
                raise ValueError(f"{name} has no frames: leave it out.")
            yield [(f"{name}, frame {n}", f) for n, f in enumerate(frames)]

    return contents


def _videos(splits, contents, size, channels, every):
    """The clips of each split, all of the same height, width and channels."""
    videos, first = {}, None
    for split, rows in splits.items():
        videos[split] = []
        for frames in contents(rows):
            clip = []
            for name, content in frames[::every]:
                values = picture_arrays.picture(name, content, size, channels)
                first = first or (name, values.shape)
                picture_arrays.check_shape(name, values.shape, *first)
                clip.append(values)
            videos[split].append(np.stack(clip))
    return videos


def _examples(videos, rows, labels, every):
    if "labels" not in rows:
        return {"video": videos}
    ids = []
    for number, (video, names) in enumerate(
        zip(videos, rows["labels"], strict=True)
    ):
        names = (names,) if isinstance(names, str) else names
        kept = names * len(video) if len(names) == 1 else names[::every]
        if len(kept) != len(video):
            raise ValueError(
                f"Clip {rows['item'][number]} has {len(names)} labels for "
                "another number of frames: choose another data set."
            )
        ids.append(kept)
    return {"video": videos, "labels": media_labels.as_ids(ids, labels)}
