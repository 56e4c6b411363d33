"""Examples of a TFDS data set, whatever their features are."""

from rnnzoo.datasets import loading, splitting

# Examples taken out of TensorFlow at once, where they have one shape.
_BLOCK = 4096


class Rows:
    """Features and examples of a TFDS data set, prepared if need be.

    Args:
        name: str. As for `loading.load`.
        data_dir: folder of the prepared data; None for TFDS's own.

    Attributes:
        features: dict. The connectors of TFDS by name.
        supervised: tuple of str. What TFDS gives for learning, or empty.

    Raises:
        ValueError: an unknown name; data that cannot be downloaded.
    """

    def __init__(self, name, data_dir=None):
        self.name = name
        self._data_dir = data_dir
        # Before anything is downloaded, so that a wrong name costs nothing.
        info = loading.builder(name, data_dir).info
        self.features = dict(info.features.items())
        self.supervised = tuple(
            key for key in info.supervised_keys or () if isinstance(key, str)
        )

    def texts(self):
        """The names of features that are one text."""
        return [
            name for name, feature in self.features.items() if _is_text(feature)
        ]

    def sequences_of_texts(self):
        """The names of features that are a sequence of texts."""
        return [
            name
            for name, feature in self.features.items()
            if _is_text(getattr(feature, "feature", None))
        ]

    def parts(self):
        """`({split: TFDS split}, notes)`, notes on splits that are not read."""
        self._builder = loading.prepared(self.name, self._data_dir)
        known = list(self._builder.info.splits)
        parts = splitting.in_tfds(self.name, known)
        rest = [name for name in known if name not in parts.values()]
        return parts, [f"splits not read: {', '.join(rest)}"] if rest else []

    def read(self, split, names, limit=None):
        """Yields `limit` examples of a split, tuples of the features `names`.

        Texts are str; other features are as TFDS gives them to NumPy.

        Raises:
            ValueError: a text that is not UTF-8; a split without examples.
        """
        if not self._builder.info.splits[split].num_examples:
            raise ValueError(
                f"The split {split!r} of {self.name!r} has no examples: "
                "choose another data set."
            )
        part = split
        if limit is not None:
            # TFDS refuses to cut off more than there is.
            count = self._builder.info.splits[split].num_examples
            part += f"[:{min(limit, count)}]"
        dataset = self._builder.as_dataset(split=part, shuffle_files=False)
        dataset = dataset.map(lambda example: tuple(example[n] for n in names))
        if all(self._is_scalar(name) for name in names):
            blocks = dataset.batch(_BLOCK).as_numpy_iterator()
        else:
            blocks = ([x] for x in dataset.as_numpy_iterator())
            blocks = (zip(*block, strict=True) for block in blocks)
        for block in blocks:
            for example in zip(*block, strict=True):
                yield tuple(self._value(value, split) for value in example)

    def _is_scalar(self, name):
        return getattr(self.features[name].get_tensor_spec(), "shape", 0) == ()

    def _value(self, value, split):
        if isinstance(value, bytes):
            return self._decoded(value, split)
        if value.dtype.kind == "O":
            return [self._decoded(text, split) for text in value]
        return value

    def _decoded(self, text, split):
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"The split {split!r} of {self.name!r} has a text that is not "
                f"UTF-8, {text[:40]!r}: choose another data set."
            ) from error


def _is_text(feature):
    spec = getattr(feature, "get_tensor_spec", lambda: None)()
    return getattr(spec, "dtype", None) == "string" and spec.shape == ()
