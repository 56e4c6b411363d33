"""Pairs of texts in a TFDS data set, embedded or of the catalogue."""

from rnnzoo.datasets.catalogue_rows import Rows


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
        self._rows = Rows(name, data_dir)
        self.texts = self._rows.texts()
        keys = self._rows.supervised
        usual = len(keys) == 2 and set(keys) <= set(self.texts)
        self.usual = keys if usual else None

    def parts(self, names):
        """What to read for each split that there is, and notes on it.

        Returns:
            `({split: TFDS split}, notes)`.
        """
        parts, _ = self._rows.parts()
        return parts, []

    def read(self, split, names, limit=None):
        """The first `limit` texts of a split, a list for each of `names`.

        Examples with an empty text are left out, which a note says.

        Returns:
            `(columns, notes)`.

        Raises:
            ValueError: a text that is not UTF-8.
        """
        columns = [[] for _ in names]
        empty = 0
        for texts in self._rows.read(split, names, limit):
            texts = [text.strip() for text in texts]
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
