"""Images with a class each, from anywhere."""

import dataclasses
import functools

from rnnzoo.datasets import (
    completing,
    files,
    media_labels,
    media_rows,
    picture_arrays,
    tfds_media,
)
from rnnzoo.datasets.class_folders import class_folders
from rnnzoo.datasets.pictures import ENDINGS


@dataclasses.dataclass(frozen=True)
class Images:
    """What `load_images` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            `"image"`, uint8 `(examples, height, width, channels)`, and
            `"label"`, int32 `(examples,)`, a place in `labels`.
        labels: tuple of str. The names of the classes.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    labels: tuple
    notes: tuple


def load_images(
    dataset,
    image=None,
    label=None,
    size=None,
    limit=None,
    seed=0,
    data_dir=None,
):
    """The images of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training examples: a tenth
    of each class, drawn by `seed`.

    Args:
        dataset: str. `"folder:PATH"` for a folder with one sub-folder per
            class, such as `PATH/cat/1.png`, or `PATH/train/cat/1.png` where
            the splits are given; or a TFDS name, as for `load`. Files are
            grey if all of them are, else in colours; what is transparent
            becomes white.
        image: str. The feature with the images, of a TFDS data set; None for
            the only one.
        label: str. The feature with the classes; None for what the data set
            names itself.
        size: (height, width) to resize to, in pixels; None for their own,
            which must then be the same.
        limit: int. Most examples of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        An `Images`.

    Raises:
        ValueError: an unknown data set, folder or feature; an image that
            cannot be read, or of another size; one class only, a held-out
            class that training lacks, too few examples; an empty split.
    """
    completing.check_limit(limit)
    picture_arrays.check_size(size)
    names = folder = None
    in_folder = dataset.startswith(files.PREFIX)
    if in_folder:
        folder = files.folder(dataset.removeprefix(files.PREFIX))
        parts, notes = class_folders(folder, ENDINGS, "images"), []
        contents = picture_arrays.from_files
    else:
        origin = tfds_media.TfdsMedia(dataset, data_dir)
        image = origin.find("image", image, tfds_media.is_image, ("image",))
        label = origin.find("label", label, tfds_media.is_label, ("label",))
        names = origin.class_names(label)
        parts, notes = origin.rows({"label": label})
        contents = functools.partial(origin.contents, name=image)
    splits, more = media_rows.divided(dataset, parts, seed, "label", folder)
    notes += more
    labels = media_labels.known_labels(dataset, splits, "label", names)
    splits = media_rows.limited(splits, limit)
    items = {split: rows["item"] for split, rows in splits.items()}
    channels = in_folder and picture_arrays.all_channels(
        sum(items.values(), [])
    )
    arrays = picture_arrays.read_pictures(items, contents, size, channels)
    notes += picture_arrays.memory("images", arrays.values())
    splits = {
        split: {
            "image": arrays[split],
            "label": media_labels.as_ids(rows["label"], labels),
        }
        for split, rows in splits.items()
    }
    return Images(splits, labels, tuple(notes))
