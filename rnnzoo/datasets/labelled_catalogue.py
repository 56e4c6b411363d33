"""Labelled texts in a TFDS data set, embedded or of the catalogue."""

from rnnzoo.datasets import completing
from rnnzoo.datasets.catalogue_rows import Rows
from rnnzoo.datasets.labelled_rows import Row


class LabelledCatalogue:
    """The text feature and the label features of a TFDS data set.

    Args:
        name, data_dir: as for `Rows`.
        text: str. The feature of texts, or None.
        label: tuple of str. The features of labels, or None.

    Attributes:
        labels: list of str. What TFDS says on names of labels, or None.
        several: bool. Whether the labels are features, true or false.

    Raises:
        ValueError: as for `Rows`; features that are not there, or not named
            though there are several.
    """

    def __init__(self, name, text=None, label=None, data_dir=None):
        self._rows = Rows(name, data_dir)
        self._notes = []
        names = self._label(name, label)
        self._text = self._one_text(name, text, names)
        self._names = names
        features = self._rows.features
        self.several = _kind(features[names[0]]) == "bool"
        self.labels = None
        if self.several:
            self.labels = list(names)
        elif getattr(features[names[0]], "names", None):
            self.labels = list(features[names[0]].names)

    def parts(self):
        """`({split: TFDS split}, notes)`."""
        parts, notes = self._rows.parts()
        return parts, self._notes + notes

    def read(self, split):
        """The rows of a split, and notes on it."""
        rows, empty = [], 0
        columns = (self._text, *self._names)
        for number, (text, *values) in enumerate(
            self._rows.read(split, columns)
        ):
            place = f"Example {number} of {split} of {self._rows.name!r}"
            text = text.strip()
            if text:
                rows.append(Row(text, self._labels_of(values, place), place))
            else:
                empty += 1
        note = f"{split}: {empty:,} examples with an empty text left out"
        return rows, [note] if empty else []

    def _labels_of(self, values, place):
        if self.several:
            return tuple(
                name
                for name, value in zip(self._names, values, strict=True)
                if value
            )
        [value] = values
        if self.labels is None:
            return (str(value).strip(),)
        if not 0 <= value < len(self.labels):
            # As TFDS marks labels that are kept back.
            raise ValueError(
                f"{place} has no label, but {value}: this data set does not "
                "publish all its labels, choose another."
            )
        return (self.labels[value],)

    def _label(self, name, label):
        kinds = {one: _kind(x) for one, x in self._rows.features.items()}
        if label is not None:
            wanted = "bool" if len(label) > 1 else None
            for one in label:
                completing.chosen(name, "label", one, list(kinds), "feature")
                if not kinds[one] or kinds[one] != (wanted or kinds[one]):
                    raise ValueError(
                        f"{name!r} has the feature {one!r}, which cannot be a "
                        "label: name one that is a class, a whole number or a "
                        "text, or several that are true or false."
                    )
            return label
        usual = self._rows.supervised[1:]
        if usual and kinds.get(usual[0]):
            return self._in_words(usual[0])
        found = [one for one, kind in kinds.items() if kind == "bool"]
        if found:
            self._notes.append(f"labels: {len(found)} features, true or false")
            return tuple(found)
        found = [one for one, kind in kinds.items() if kind == "class"]
        if len(found) != 1:
            raise ValueError(
                f"{name!r} has the features {', '.join(kinds)}: name one of "
                "them as label."
            )
        return tuple(found)

    def _in_words(self, label):
        """The feature with the words of a label that is a number, if any."""
        words = f"{label}_name"
        number = _kind(self._rows.features[label]) == "number"
        if number and words in self._rows.texts():
            self._notes.append(f"label: {words}, the words of {label}")
            return (words,)
        return (label,)

    def _one_text(self, name, text, label):
        texts = [one for one in self._rows.texts() if one not in label]
        if text is not None:
            return completing.chosen(name, "text", text, texts, "text")
        usual = self._rows.supervised[:1]
        if usual and usual[0] in texts:
            return usual[0]
        if len(texts) != 1:
            raise ValueError(
                f"{name!r} has the texts {', '.join(texts) or 'none at all'}: "
                + ("name one of them." if texts else "choose another data set.")
            )
        return texts[0]


def _kind(feature):
    """How a feature is a label: "bool", "class", "number", "text" or None."""
    spec = feature.get_tensor_spec()
    if getattr(spec, "shape", None) != ():
        return None
    if spec.dtype == "bool":
        return "bool"
    if getattr(feature, "names", None):
        return "class"
    if spec.dtype.is_integer:
        return "number"
    return "text" if spec.dtype == "string" else None
