"""What a trained model reads and what its outputs mean, as a JSON file.

A recipe leaves it beside model.keras, and `python -m rnnzoo predict` goes by
it. It holds names and numbers only: nothing in it is ever run.
"""

import dataclasses
import difflib
import json
import pathlib

FILE = "prediction.json"

_VERSION = 1
_REQUIRED = object()


@dataclasses.dataclass(frozen=True)
class Contract:
    """How a file or a line becomes an input, and an output becomes words.

    `inputs` is a dict with a `"kind"` and its settings:

    | kind | a line or file is | settings |
    |---|---|---|
    | `"text"` | a text | `lowercase`, `max_length` |
    | `"words"` | words between spaces | the same, `most_characters` |
    | `"symbols"` | whole numbers between spaces, from 0 on | `count` |
    | `"steps"` | steps between spaces, numbers between commas | `features` |
    | `"image"` | an image, 0 to 1 | `size`, `channels`, `pad` |
    | `"frames"` | a folder of images, in order | `size`, `channels`, `every` |
    | `"audio"` | a wav file | those of `LogMel` and of its normalisation |
    | `"series"` | a CSV file | `columns`, `calendar`, `look_back`, a scale |

    `outputs` is another:

    | kind | outputs are | settings |
    |---|---|---|
    | `"class"` | logits of classes | `labels` |
    | `"labels"` | logits of labels | `labels`, `threshold` |
    | `"tags"` | what `model.labels` says of each step | `labels` |
    | `"transcript"` | what it says of the whole, by CTC | `labels` |
    | `"values"` | standardised values, step by step ahead | `columns` |
    | `"numbers"` | values as they are | |
    | `"text"` | what `model.generate` writes | `beam_width` |

    Symbols below their `count` become vectors of 0 and a 1. Texts are encoded
    by the vocabularies that are stored with the model;
    `max_length` None stands for any length, and `most_characters`, that are
    read of a word, likewise. `size` is [height, width] in pixels, which images
    get by zeros at the right and the bottom if `pad` is True, and are resized
    to if not. Of `every` so many frames the first is read. Of audio, `rate`,
    `frame`, `hop`, `bands` and `lowest` are the fields of
    `rnnzoo.pipelines.audio.LogMel`, and `mean` and `deviation` those of its
    `Normalisation`. A series gives its last `look_back` rows, each
    column less its `mean` and divided by its `deviation`; the last columns are
    those of the `calendar` of `rnnzoo.datasets.load_series`. `labels` are in
    the order of their ids, of a transcript from id 1 on.

    Args:
        inputs, outputs: dicts; settings that are left out have their usual
            value, where there is one: `lowercase` and `pad` False,
            `max_length` and `most_characters` None, `every` and `beam_width`
            1, `threshold` 0.5.

    Raises:
        ValueError: an unknown kind or setting, one that is missing, or a
            value of the wrong type.

    Example:

    ```python
    from rnnzoo.training.contract import Contract

    contract = Contract(
        {"kind": "image", "size": [8, 8], "channels": 1},
        {"kind": "class", "labels": ["zero", "one"]},
    )
    files = {"prediction.json": contract.text()}
    ```
    """

    inputs: dict
    outputs: dict

    def __post_init__(self):
        for part, kinds in (("inputs", _INPUTS), ("outputs", _OUTPUTS)):
            checked = _checked(part, getattr(self, part), kinds)
            object.__setattr__(self, part, checked)
        self._check_together()

    @property
    def reads_texts(self):
        """Whether an input is a text, and not the name of a file."""
        return self.inputs["kind"] in ("text", "words", "symbols", "steps")

    def text(self):
        """The file, as a str of JSON in ASCII."""
        content = {"version": _VERSION, **dataclasses.asdict(self)}
        return json.dumps(content, indent=1) + "\n"

    def _check_together(self):
        inputs, outputs = self.inputs, self.outputs
        if "mean" in inputs:
            what = "columns" if inputs["kind"] == "series" else "bands"
            count = inputs[what]
            counts = {
                what: count if isinstance(count, int) else len(count),
                "mean": len(inputs["mean"]),
                "deviation": len(inputs["deviation"]),
            }
            if len(set(counts.values())) > 1:
                raise ValueError(
                    f"There is a mean and a deviation for each of the {what}. "
                    f"Received: {counts}."
                )
        if outputs["kind"] == "values":
            unknown = set(outputs["columns"]) - set(inputs.get("columns", ()))
            if inputs["kind"] != "series" or unknown:
                raise ValueError(
                    "Values are forecasts of columns of a series, whose means "
                    f"they are told by. Received: the columns "
                    f"{outputs['columns']} for inputs {inputs}."
                )


def read(path):
    """The contract in a file.

    Args:
        path: str or path.

    Returns:
        A `Contract`.

    Raises:
        ValueError: it cannot be read, or is none that this version knows.
    """
    try:
        content = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        version = content["version"]
        parts = content["inputs"], content["outputs"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"Cannot read from {path} what its model predicts: "
            f"{type(error).__name__}, {error}. A file that a recipe wrote is "
            "expected."
        ) from error
    if version != _VERSION:
        raise ValueError(
            f"{path} is of version {version}, and this rnnzoo knows version "
            f"{_VERSION}: use the one that trained the model."
        )
    try:
        return Contract(*parts)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


# === What there is ===


def _is_bool(value):
    return isinstance(value, bool)


def _is_count(value):
    return isinstance(value, int) and not _is_bool(value) and value >= 1


def _is_length(value):
    return value is None or _is_count(value)


def _is_size(value):
    pair = isinstance(value, list | tuple) and len(value) == 2
    return pair and all(map(_is_count, value))


def _is_names(value):
    several = isinstance(value, list | tuple) and len(value) > 0
    return several and all(isinstance(name, str) for name in value)


def _is_number(value):
    return isinstance(value, int | float) and not _is_bool(value)


def _is_some_names(value):
    return isinstance(value, list | tuple) and (not value or _is_names(value))


def _is_numbers(value):
    several = isinstance(value, list | tuple) and len(value) > 0
    return several and all(map(_is_number, value))


def _is_deviations(value):
    return _is_numbers(value) and all(number > 0 for number in value)


def _is_duration(value):
    return _is_number(value) and value > 0


def _is_frequency(value):
    return _is_number(value) and value >= 0


def _is_share(value):
    return _is_number(value) and 0 <= value <= 1


_WORDS = {
    _is_bool: "true or false",
    _is_count: "a whole number of at least 1",
    _is_length: "a whole number of at least 1, or None",
    _is_size: "[height, width]",
    _is_names: "a list of strings",
    _is_some_names: "a list of strings, which may be empty",
    _is_numbers: "a list of numbers",
    _is_deviations: "a list of numbers above 0",
    _is_duration: "a number of milliseconds, above 0",
    _is_frequency: "a number of hertz, 0 or more",
    _is_share: "a number from 0 to 1",
}

_OF_TEXT = {
    "lowercase": (_is_bool, False),
    "max_length": (_is_length, None),
}
_OF_IMAGES = {
    "size": (_is_size, _REQUIRED),
    "channels": (_is_count, _REQUIRED),
}
_LABELS = {"labels": (_is_names, _REQUIRED)}

# Kind -> setting -> (check, usual value).
_INPUTS = {
    "text": _OF_TEXT,
    "words": {**_OF_TEXT, "most_characters": (_is_length, None)},
    "symbols": {"count": (_is_count, _REQUIRED)},
    "steps": {"features": (_is_count, _REQUIRED)},
    "image": {**_OF_IMAGES, "pad": (_is_bool, False)},
    "frames": {**_OF_IMAGES, "every": (_is_count, 1)},
    "audio": {
        "rate": (_is_count, _REQUIRED),
        "frame": (_is_duration, _REQUIRED),
        "hop": (_is_duration, _REQUIRED),
        "bands": (_is_count, _REQUIRED),
        "lowest": (_is_frequency, _REQUIRED),
        "mean": (_is_numbers, _REQUIRED),
        "deviation": (_is_deviations, _REQUIRED),
    },
    "series": {
        "columns": (_is_names, _REQUIRED),
        "calendar": (_is_some_names, ()),
        "look_back": (_is_count, _REQUIRED),
        "mean": (_is_numbers, _REQUIRED),
        "deviation": (_is_deviations, _REQUIRED),
    },
}
_OUTPUTS = {
    "class": _LABELS,
    "labels": {**_LABELS, "threshold": (_is_share, 0.5)},
    "tags": _LABELS,
    "transcript": _LABELS,
    "values": {"columns": (_is_names, _REQUIRED)},
    "numbers": {},
    "text": {"beam_width": (_is_count, 1)},
}


def _checked(part, given, kinds):
    """The settings with the usual ones, in the order of the tables."""
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind not in kinds:
        raise ValueError(
            f"`{part}` is a dict with a 'kind' of {', '.join(kinds)}. "
            f"Received: {given!r}.{_near(kind, kinds)}"
        )
    known = kinds[kind]
    for name in given:
        if name not in ("kind", *known):
            raise ValueError(
                f"`{part}` of the kind {kind!r} has no setting {name!r}."
                f"{_near(name, known)} There are {', '.join(known) or 'none'}."
            )
    settings = {"kind": kind}
    for name, (fits, usual) in known.items():
        value = given.get(name, usual)
        if value is _REQUIRED or not fits(value):
            found = "nothing" if value is _REQUIRED else repr(value)
            raise ValueError(
                f"{name!r} in `{part}` of the kind {kind!r} is {_WORDS[fits]}. "
                f"Received: {found}."
            )
        # As it comes back from JSON.
        settings[name] = list(value) if isinstance(value, tuple) else value
    return settings


def _near(word, known):
    match = difflib.get_close_matches(str(word), known, n=1)
    return f" Did you mean {match[0]!r}?" if match else ""
