"""What a command line names to arrays that a model takes.

A reader is a function of (items, settings, model), of one batch; `settings`
are the `inputs` of a `training.contract.Contract`.
"""

import pathlib

import numpy as np


def texts(items, settings, model):
    """Token ids of texts `(batch, timesteps)`, padded with 0."""
    vocabulary = _vocabulary(model, "vocabulary")
    return _padded([_ids(text, vocabulary, settings) for text in items])


def words(items, settings, model):
    """Ids of words, with those of their characters where the model asks."""
    ids = texts(items, settings, model)
    if getattr(model, "character_vocabulary", None) is None:
        return ids
    spelling = [
        model.character_vocabulary.encode(text.split()[: ids.shape[1]])
        for text in items
    ]
    width = max(array.shape[1] for array in spelling)
    characters = np.zeros((*ids.shape, width), "int32")
    for row, array in zip(characters, spelling, strict=True):
        row[: len(array), : array.shape[1]] = array
    return {"words": ids, "characters": characters}


def images(items, settings, model):
    """Images from 0 to 1, float32 `(batch, height, width, channels)`."""
    return np.stack([_image(path, settings) for path in items])


def frames(items, settings, model):
    """Clips `(batch, frames, height, width, channels)`, with their mask."""
    clips = []
    for folder in items:
        paths = sorted(_files_in(folder))
        clips.append(np.stack([_image(path, settings) for path in paths]))
    lengths = np.array([len(clip) for clip in clips])
    inputs = np.zeros((len(clips), lengths.max(), *clips[0].shape[1:]), "f4")
    for row, clip in zip(inputs, clips, strict=True):
        row[: len(clip)] = clip
    mask = np.arange(lengths.max()) < lengths[:, None]
    return {"inputs": inputs, "mask": mask}


def tokens(text, settings, model):
    """What the steps of a text are, as many as `texts` gives ids."""
    vocabulary = _vocabulary(model, "vocabulary")
    ids = _ids(text, vocabulary, settings)
    spelled = text.split()
    if len(spelled) != len(ids):
        spelled = list(text)
    if len(spelled) != len(ids):
        spelled = vocabulary.tokens(ids)
    return spelled


def _ids(text, vocabulary, settings):
    if settings["lowercase"]:
        text = text.lower()
    return vocabulary.encode([text])[0][: settings["max_length"]]


def _vocabulary(model, name):
    vocabulary = getattr(model, name, None)
    if vocabulary is None:
        raise ValueError(
            f"The model is a {type(model).__name__} without its {name}, so "
            "that it reads no texts: train one that was built with it."
        )
    return vocabulary


def _padded(rows):
    ids = np.zeros((len(rows), max(map(len, rows))), "int32")
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
    return ids


def _image(path, settings):
    from rnnzoo.datasets.pictures import read_picture

    size = tuple(settings["size"])
    values = read_picture(path, size, settings["channels"])
    return values.astype("float32") / 255


def _files_in(folder):
    folder = pathlib.Path(folder)
    files = []
    if folder.is_dir():
        files = [file for file in folder.iterdir() if file.is_file()]
        files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise ValueError(
            f"{str(folder)!r} is no folder with images: give one that holds "
            "the frames of a clip."
        )
    return files


READERS = {
    "text": texts,
    "words": words,
    "image": images,
    "frames": frames,
}
