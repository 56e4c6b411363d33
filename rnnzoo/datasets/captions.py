"""Images with one caption or several each, from anywhere."""

import dataclasses
import functools

from rnnzoo.datasets import (
    completing,
    files,
    media_rows,
    picture_arrays,
    tfds_media,
)
from rnnzoo.datasets.class_folders import visible
from rnnzoo.datasets.file_lists import file_list, located
from rnnzoo.datasets.splitting import SPLITS

_LISTS = ("captions.csv", "captions.txt")
_COLUMNS = {
    "image": ("file", "image", "filename", "file_name", "path"),
    "caption": ("caption", "sentence", "text"),
}


@dataclasses.dataclass(frozen=True)
class Captions:
    """What `load_captions` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            `"image"`, uint8 `(examples, height, width, channels)`, and
            `"captions"`, a list of tuples of str: all captions of an image,
            one at least.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    notes: tuple


def load_captions(
    dataset,
    image=None,
    caption=None,
    size=None,
    pad=False,
    limit=None,
    seed=0,
    data_dir=None,
):
    """The captioned images of a data set, as training, validation and test.

    An image and all its captions are one example. A split that the data set
    lacks is cut off its training examples: a tenth of them, 1,000 at most,
    drawn by `seed`.

    Args:
        dataset: str. `"folder:PATH"` for a folder with images, there or in a
            sub-folder, and a CSV file, `captions.csv` or `captions.txt`, of
            the columns `file` or `image`, `caption` or `sentence`, and `split`
            if wanted, with one caption per row; or a TFDS name, as for `load`.
            Files are grey if all of them are, else in colours; what is
            transparent becomes white.
        image: str. The column of the file names, or the feature of a TFDS
            data set; None for those above, or the only one.
        caption: str. The same of the captions.
        size: (height, width) of all images, in pixels, to which they are
            resized; None for their own, which must then be the same.
        pad: bool. Whether they get `size` by zeros at the right and at the
            bottom instead.
        limit: int. Most images of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Captions`.

    Raises:
        ValueError: an unknown data set, folder, column or feature; an image
            that is missing, cannot be read, or has another size; a caption
            that is missing; too few examples; an empty split.
    """
    completing.check_limit(limit)
    picture_arrays.check_size(size)
    if pad and size is None:
        raise ValueError("Received pad=True without a size: give one.")
    in_folder = dataset.startswith(files.PREFIX)
    folder = None
    if in_folder:
        folder = files.folder(dataset.removeprefix(files.PREFIX))
        given = {"image": image, "caption": caption}
        parts, notes = _listed(folder, given), []
        contents = picture_arrays.from_files
    else:
        origin = tfds_media.TfdsMedia(dataset, data_dir)
        image = origin.find("image", image, tfds_media.is_image, ("image",))
        caption = origin.find(
            "caption",
            caption,
            tfds_media.is_text,
            ("captions/text", "captions", "caption"),
        )
        parts, notes = origin.rows({"captions": caption})
        notes += _without_uncaptioned(parts)
        contents = functools.partial(origin.contents, name=image)
    splits, more = media_rows.divided(dataset, parts, seed, folder=folder)
    splits = media_rows.limited(splits, limit)
    items = {split: rows["item"] for split, rows in splits.items()}
    channels = in_folder and picture_arrays.all_channels(
        sum(items.values(), [])
    )
    arrays = picture_arrays.read_pictures(items, contents, size, channels, pad)
    notes += more + picture_arrays.memory("images", arrays.values())
    splits = {
        split: {"image": arrays[split], "captions": splits[split]["captions"]}
        for split in SPLITS
    }
    return Captions(splits, tuple(notes))


def _listed(folder, given):
    """The rows of a folder's list, one for each image."""
    found = file_list(folder, _LISTS, _COLUMNS, given)
    if found is None:
        names = sorted(entry.name for entry in folder.iterdir())
        raise ValueError(
            f"{str(folder)!r} has no CSV file such as captions.csv, with the "
            "columns file and caption. It holds: "
            f"{files.listed(names) or 'nothing'}."
        )
    places = [folder, *visible(folder)]
    split_of_image, parts = {}, {}
    for split, rows in found.items():
        captions = {}
        for name, caption, line in zip(*rows.values(), strict=True):
            if name not in captions:
                captions[name] = (located(places, name, line), [])
            captions[name][1].append(caption)
            if split_of_image.setdefault(name, split) != split:
                raise ValueError(
                    f"{line} has {name!r} for {split}, but another line has "
                    f"it for {split_of_image[name]}: all captions of an image "
                    "belong into one split."
                )
        parts[split] = {
            "item": [path for path, _ in captions.values()],
            "captions": [tuple(texts) for _, texts in captions.values()],
        }
    return parts


def _without_uncaptioned(parts):
    """Takes images without caption out, and splits of nothing else; notes."""
    notes = []
    for split, rows in list(parts.items()):
        texts = [
            (text,) if isinstance(text, str) else text
            for text in rows["captions"]
        ]
        texts = [tuple(t for t in some if t) for some in texts]
        kept = [n for n, some in enumerate(texts) if some]
        parts[split] = {
            "item": [rows["item"][n] for n in kept],
            "captions": [texts[n] for n in kept],
        }
        if len(kept) < len(texts):
            count = len(texts) - len(kept)
            notes.append(f"{split}: {count:,} images without caption left out")
        if not kept and split != "train":
            del parts[split]
    return notes
