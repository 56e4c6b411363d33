"""Tagged sequences in a TFDS data set, embedded or of the catalogue."""

from rnnzoo.datasets import completing
from rnnzoo.datasets.catalogue_rows import Rows
from rnnzoo.datasets.tagged_rows import Row

# TFDS copies all lines of CoNLL-U: also multiword tokens, whose words follow,
# and empty nodes. They are no words, and have no head.
_CONLLU = {"head", "deprel", "upos"}
_NO_HEAD = "None"
_NO_TAG = "_"


class TaggedCatalogue:
    """The features of tokens and of tags of a TFDS data set.

    Where the feature of tokens is one text, its characters are the tokens. Of a
    set in CoNLL-U, such as `universal_dependencies`, the words are read,
    so that they are those which others count.

    Args:
        name, data_dir: as for `Rows`.
        tokens: str. The feature of tokens, or None.
        tags: str. The feature of tags, or None.

    Attributes:
        labels: list of str. What TFDS says on names of tags, or None.

    Raises:
        ValueError: as for `Rows`; features that are not there, or not named
            though there are several.
    """

    def __init__(self, name, tokens=None, tags=None, data_dir=None):
        self._rows = Rows(name, data_dir)
        features = self._rows.features
        texts = self._rows.sequences_of_texts()
        # A text is a sequence of characters.
        known = texts + self._rows.texts()
        classes = [
            one
            for one, feature in features.items()
            if getattr(getattr(feature, "feature", None), "names", None)
        ]
        self._tokens = _one(name, "tokens", tokens, texts or known, known)
        self._tags = _one(name, "tags", tags, classes, classes + texts)
        self._conllu = _CONLLU <= set(features)
        self._names = None
        if self._tags in classes:
            self._names = list(features[self._tags].feature.names)
        self.labels = self._names
        if self._conllu and self._names:
            self.labels = [one for one in self._names if one != _NO_TAG]

    def parts(self):
        """`({split: TFDS split}, notes)`."""
        return self._rows.parts()

    def read(self, split):
        """The rows of a split, and notes on it."""
        rows, left_out, empty = [], 0, 0
        names = [self._tokens, self._tags]
        names += ["head"] if self._conllu else []
        for number, (tokens, tags, *heads) in enumerate(
            self._rows.read(split, names)
        ):
            place = f"Example {number} of {split} of {self._rows.name!r}"
            if len(tokens) != len(tags):
                raise ValueError(
                    f"{place} has {len(tokens)} tokens but {len(tags)} tags: "
                    "name other features as tokens and tags."
                )
            pairs = list(zip(tokens, map(self._tag, tags), strict=True))
            if heads:
                [heads] = heads
                words = [
                    pair
                    for pair, head in zip(pairs, heads, strict=True)
                    if head != _NO_HEAD
                ]
                left_out += len(pairs) - len(words)
                pairs = words
            if pairs:
                tokens, tags = map(list, zip(*pairs, strict=True))
                rows.append(Row(tokens, tags, [place] * len(tags)))
            else:
                empty += 1
        notes = []
        if left_out:
            notes.append(
                f"{split}: {left_out:,} tokens left out that are no words: "
                "multiword tokens and empty nodes"
            )
        if empty:
            notes.append(f"{split}: {empty:,} examples without tokens left out")
        return rows, notes

    def _tag(self, tag):
        return self._names[tag] if self._names else tag


def _one(name, option, wanted, candidates, known):
    """The feature wanted; if None, the one called so, or the only one."""
    if wanted is not None:
        return completing.chosen(name, option, wanted, known, "sequence")
    if option in candidates:
        return option
    if len(candidates) == 1:
        return candidates[0]
    raise ValueError(
        f"{name!r} has the sequences {', '.join(known) or 'none at all'}: "
        + (f"name one of them as {option}." if known else "choose another.")
    )
