"""Pictures, recordings and clips in a TFDS data set."""

import numpy as np

from rnnzoo.datasets import loading, splitting


class TfdsMedia:
    """The features of a TFDS data set, and what they hold.

    Labels are read first, without the media, which is quick; then only the
    media that are wanted.

    Args:
        name: str. As for `loading.load`.
        data_dir: folder of the prepared data; None for TFDS's own.

    Raises:
        ValueError: an unknown name; data that cannot be downloaded.
    """

    def __init__(self, name, data_dir=None):
        self.name = name
        self._data_dir = data_dir
        # Before anything is downloaded, so that a wrong name costs nothing.
        info = loading.builder(name, data_dir).info
        self._keys = info.supervised_keys or ()
        self._features = {}
        for key, feature in info.features.items():
            inner = getattr(feature, "feature", feature)
            if hasattr(inner, "items"):
                for part, inside in inner.items():
                    self._features[f"{key}/{part}"] = (feature, inside)
            else:
                self._features[key] = (feature, inner)

    def find(self, option, given, fits, usual=(), optional=False):
        """The name of a feature.

        Args:
            option: str. What asks for it, for the error.
            given: str or None. The user's choice.
            fits: function from (feature, what it is a sequence of or itself)
                to bool.
            usual: names to prefer where the data set states no preference.
            optional: whether None is returned where nothing fits.

        Raises:
            ValueError: no such feature, or several to choose from.
        """
        known = [n for n, pair in self._features.items() if fits(*pair)]
        if given is not None:
            if given not in known:
                raise ValueError(
                    f"{self.name!r} has no feature {given!r} that fits "
                    f"`{option}`. Those that do: {', '.join(known) or 'none'}."
                )
            return given
        chosen = [n for n in (*self._keys, *usual) if n in known] or known
        if not chosen and optional:
            return None
        if not chosen:
            raise ValueError(
                f"{self.name!r} has no feature that fits `{option}`, but "
                f"{', '.join(self._features)}: choose another data set."
            )
        if len(chosen) > 1 and chosen is known:
            raise ValueError(
                f"{self.name!r} has several features that fit `{option}`, "
                f"{', '.join(known)}: name one."
            )
        return chosen[0]

    def feature(self, name):
        """A feature, or what it is a sequence of."""
        return self._features[name][1]

    def class_names(self, name):
        """The names of the classes of a feature; None if it has none."""
        return getattr(self.feature(name), "names", None)

    def rows(self, columns):
        """The rows of each split, without media.

        Args:
            columns: dict from the name of a list to that of its feature, of
                text, classes or numbers, or a sequence of these.

        Returns:
            `({split: {"item": list, **columns}}, notes)`; values are str, or
            tuples of str.
        """
        self._builder = loading.prepared(self.name, self._data_dir)
        known = list(self._builder.info.splits)
        chosen = splitting.in_tfds(self.name, known)
        parts = {}
        for split, part in chosen.items():
            count = self._builder.info.splits[part].num_examples
            rows = {"item": [(part, number) for number in range(count)]}
            if columns:
                examples = list(
                    self._dataset(
                        part, {self._top(name) for name in columns.values()}
                    ).as_numpy_iterator()
                )
                for key, name in columns.items():
                    rows[key] = [self._text(name, e) for e in examples]
            parts[split] = rows
        unread = [name for name in known if name not in chosen.values()]
        return parts, [f"not read: {', '.join(unread)}"] if unread else []

    def contents(self, items, name):
        """Yields (what an error calls it, array) for each item.

        Args:
            items: list of items of `rows`, in their order.
            name: str. The feature.
        """
        for part in dict.fromkeys(part for part, _ in items):
            wanted = {number for p, number in items if p == part}
            dataset = self._dataset(part, {name}).take(max(wanted) + 1)
            for number, example in enumerate(dataset.as_numpy_iterator()):
                if number in wanted:
                    what = f"Example {number} of {part!r} of {self.name!r}"
                    yield what, example[name]

    def _dataset(self, part, names):
        """Some features of a split, without any others, always in order."""
        import tensorflow_datasets as tfds

        # TFDS warns of what it does itself to decode in part.
        with loading.quiet():
            return self._builder.as_dataset(
                split=part,
                shuffle_files=False,
                # All of it is kept anyway, where it is read at all.
                read_config=tfds.ReadConfig(try_autocache=False),
                decoders=tfds.decode.PartialDecoding(
                    dict.fromkeys(names, True)
                ),
            )

    def _top(self, name):
        """The feature that "captions/text" is in; "audio/filename" is one."""
        known = list(self._builder.info.features)
        return name if name in known else name.split("/")[0]

    def _text(self, name, example):
        if name in example:
            value = example[name]
        else:
            top, part = name.split("/")
            value = example[top][part]
        names = self.class_names(name)
        if np.ndim(value):
            return tuple(self._one(name, x, names) for x in value)
        return self._one(name, value, names)

    def _one(self, name, value, names):
        if isinstance(value, bytes):
            try:
                return value.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{self.name!r} has a text in {name!r} that is not UTF-8, "
                    f"{value[:40]!r}: choose another data set."
                ) from error
        if names and 0 <= value < len(names):
            return names[value]
        # Such as -1, by which TFDS says that there is no label.
        return str(value)


def is_image(feature, inner):
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.Image)


def is_audio(feature, inner):
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.Audio)


def is_video(feature, inner):
    """A video, a sequence of images, or an array of frames."""
    import tensorflow_datasets as tfds

    if isinstance(inner, tfds.features.Image):
        return isinstance(feature, tfds.features.Sequence)
    return (
        isinstance(feature, tfds.features.Tensor)
        and len(feature.shape) == 4
        and feature.np_dtype == np.uint8
    )


def is_label(feature, inner):
    """A class, a text, or an integer."""
    return feature is inner and _is_name(inner)


def is_label_of_frames(feature, inner):
    """A label, or a sequence of them."""
    return _is_name(inner)


def is_text(feature, inner):
    """A text, or a sequence of them."""
    import tensorflow_datasets as tfds

    return isinstance(inner, tfds.features.Text)


def is_name(feature, inner):
    """A single text: where a data set has file names, those."""
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.Text)


def _is_name(inner):
    import tensorflow_datasets as tfds

    return isinstance(
        inner, (tfds.features.ClassLabel, tfds.features.Text)
    ) or (inner.shape == () and np.issubdtype(inner.np_dtype, np.integer))
