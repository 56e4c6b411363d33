"""From a model to the description of it."""

import keras

from rnnzoo.diagnostics.drawing import keras_stack, parts
from rnnzoo.diagnostics.drawing.description import Description, Part, Side
from rnnzoo.layers import (
    ItemEncoder,
    SegmentForecaster,
    SequenceEncoder,
    Stack,
    TokenDecoder,
)

_BRIDGES = {
    "initial_state": ("bridge", "to the first states"),
    "first_input": ("projection", "read before the first token"),
    "every_step": ("projection", "added to every input"),
}


def describe(model):
    """What there is to draw of a model.

    Args:
        model: one of the five topologies; or a `keras.Model` that is one
            layer after the other, recurrent ones among them.

    Returns:
        A `Description`.

    Raises:
        ValueError: a model of another kind.
    """
    own = {name: getattr(model, name, None) for name in _OWN}
    for form, kinds in _FORMS.items():
        if all(isinstance(own[name], kind) for name, kind in kinds.items()):
            return form(model)
    return keras_stack.describe(model)


def _one_to_one(model):
    return Description(
        topology="one_to_one",
        weights=model.count_params(),
        reader=Side(parts=parts.stack(model.stack), length=1),
        head=parts.head(model.head),
    )


def _reader(model):
    encoder, head = model.encoder, parts.head(model.head)
    weights = model.count_params()
    if encoder.carried is not None:
        # Keras counts the states as weights.
        weights -= encoder.carried.count_params()
    common = {"weights": weights, "carried": encoder.carried is not None}
    steps = _reading(encoder)
    if len(model.outputs[0].shape) == 2:
        return Description(
            topology="many_to_one",
            reader=Side(parts=steps),
            pooling=parts.pooling(encoder.pool),
            head=head,
            **common,
        )
    return Description(
        topology="synced",
        reader=Side(
            parts=(*steps, head),
            output=r"\pi" if model.head.kind == "ctc" else "y",
            answers=True,
        ),
        ending=parts.ending(model.head),
        **common,
    )


def _reading(encoder, tied=False):
    """The parts of a `SequenceEncoder` at each step."""
    below = ()
    if encoder.vocabulary_size is not None:
        below = (parts.embedding(encoder.embedding),)
        if tied:
            below = (
                Part(kind="embedding", label="embedding", detail="shared"),
            )
    elif encoder.front is not None:
        below = (parts.front(encoder.front),)
    return (*below, *parts.stack(encoder.stack))


def _seq2seq(model):
    encoder, decoder = model.encoder, model.decoder
    shared = encoder.embedding is decoder.embedding
    return Description(
        topology="seq2seq",
        weights=model.count_params(),
        reader=Side(name="encoder", parts=_reading(encoder, tied=shared)),
        # `SequenceEncoder` makes it for every decoder, from the last step.
        pooling=parts.pooling(encoder.pool),
        **_writing(decoder),
    )


def _one_to_many(model):
    encoder = model.encoder
    below = ()
    if encoder.network is not None:
        name = encoder.network.name
        below = (
            Part(
                kind="embedding",
                label=name.upper() if name in ("cnn", "crnn") else name,
                detail="of the image" if len(model.item_shape) > 1 else "",
                weights=encoder.network.count_params(),
            ),
        )
    summary = Part(
        kind="embedding",
        label="summary",
        detail=f"{encoder.units} units",
        weights=encoder.summarise.count_params(),
    )
    return Description(
        topology="one_to_many",
        weights=model.count_params(),
        item=(*below, summary),
        **_writing(model.decoder),
    )


def _writing(decoder):
    """What a `TokenDecoder` is in a description."""
    above, recurrent = [], decoder.decoder
    if recurrent.attend is not None:
        score = recurrent.attend.score.replace("_", " ")
        above.append(
            Part(
                kind="attention",
                label="attention",
                detail=score,
                weights=recurrent.attend.count_params()
                + recurrent.combine.count_params(),
            )
        )
    output = {"detail": f"{decoder.output_size:,} tokens", "weights": 0}
    if decoder.tied:
        output["detail"] += ", tied"
    else:
        output["weights"] = decoder.head.count_params()
    if decoder.copying is not None:
        output["detail"] += ", copies"
        output["weights"] += decoder.copying.count_params()
    above.append(Part(kind="head", label="softmax", **output))
    condition = decoder.effective_condition
    label, detail = _BRIDGES[condition]
    return {
        "bridge": Part(
            kind="bridge",
            label=label,
            detail=detail,
            weights=decoder.bridge.count_params(),
        ),
        "condition": condition,
        "writer": Side(
            name="decoder",
            symbol="y",
            parts=(
                parts.embedding(decoder.embedding),
                *parts.stack(decoder.stack),
                *above,
            ),
            last="T'",
            answers=True,
        ),
        "feedback": True,
        "input_feeding": decoder.input_feeding,
    }


def _segments(model):
    forecaster = model.forecaster
    stack, count = parts.stack(forecaster.stack), forecaster.segment
    read = Part(
        kind="embedding",
        label="dense",
        detail=f"{count} values",
        weights=forecaster.embed.count_params(),
    )
    weights = [forecaster.places, forecaster.channels]
    place = Part(
        kind="embedding",
        label="place",
        detail="and channel",
        weights=sum(int(keras.ops.size(w)) for w in weights),
    )
    head = parts.head(forecaster.head)
    return Description(
        topology="many_to_one",
        weights=model.count_params(),
        reader=Side(name="past", symbol="s", parts=(read, *stack)),
        writer=Side(
            name="future",
            symbol="p",
            # The stack again, with the same weights.
            parts=(place, *(_again(part) for part in stack), head),
            length=forecaster.horizon // count,
            last="M",
            links=False,
            answers=True,
        ),
    )


def _again(part):
    fields = {
        name: getattr(part, name)
        for name in ("kind", "label", "state", "norm", "skip")
    }
    return Part(**fields, detail="shared")


_OWN = ("stack", "encoder", "decoder", "forecaster")

# What makes a description -> the layers of a model that it is for.
_FORMS = {
    _seq2seq: {"encoder": SequenceEncoder, "decoder": TokenDecoder},
    _one_to_many: {"encoder": ItemEncoder, "decoder": TokenDecoder},
    _segments: {"forecaster": SegmentForecaster},
    _reader: {"encoder": SequenceEncoder},
    _one_to_one: {"stack": Stack},
}
