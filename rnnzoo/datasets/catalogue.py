"""Pairs of texts in a TFDS data set, embedded or of the catalogue."""

from rnnzoo.datasets import loading, splitting

_BLOCK = 4096


class Catalogue:
    """The text features and splits of a TFDS data set, prepared if need be.

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
        self.texts = [
            key
            for key, spec in info.features.get_tensor_spec().items()
            if getattr(spec, "dtype", None) == "string" and spec.shape == ()
        ]
        keys = info.supervised_keys or ()
        usual = len(keys) == 2 and set(keys) <= set(self.texts)
        self.usual = tuple(keys) if usual else None

    def parts(self, names):
        """What to read for each split that there is, and notes on it.

        Returns:
            `({split: TFDS split}, notes)`.
        """
        self._builder = loading.prepared(self.name, self._data_dir)
        known = list(self._builder.info.splits)
        return splitting.in_tfds(self.name, known), []

    def read(self, split, names, limit=None):
        """The first `limit` texts of a split, a list for each of `names`.

        Examples with an empty text are left out, which a note says.

        Returns:
            `(columns, notes)`.

        Raises:
            ValueError: a text that is not UTF-8.
        """
        part = split
        if limit is not None:
            # TFDS refuses to cut off more than there is.
            count = self._builder.info.splits[split].num_examples
            part += f"[:{min(limit, count)}]"
        dataset = self._builder.as_dataset(split=part, shuffle_files=False)
        dataset = dataset.map(lambda example: tuple(example[n] for n in names))
        columns = [[] for _ in names]
        empty = 0
        for block in dataset.batch(_BLOCK).as_numpy_iterator():
            for texts in zip(*block, strict=True):
                texts = [self._decoded(text, split) for text in texts]
                if all(texts):
                    for column, text in zip(columns, texts, strict=True):
                        column.append(text)
                else:
                    empty += 1
        if not columns[0]:
            raise ValueError(
                f"The split {split!r} of {self.name!r} has no examples: "
                "choose another data set."
            )
        note = f"{split}: {empty:,} examples with an empty text left out"
        return columns, [note] if empty else []

    def _decoded(self, text, split):
        try:
            return text.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise ValueError(
                f"The split {split!r} of {self.name!r} has a text that is not "
                f"UTF-8, {text[:40]!r}: choose another data set."
            ) from error
