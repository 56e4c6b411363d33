"""What the two topologies that read a sequence have in common."""

import keras
import numpy as np
from keras import ops

from rnnzoo.architectures.options import (
    chosen_stack,
    vocabulary_object,
    vocabulary_size,
)
from rnnzoo.cells.checks import positive_integer
from rnnzoo.inputs import check_mask, check_tokens, check_values
from rnnzoo.layers import Head, SequenceEncoder, Stack
from rnnzoo.model_streamer import Streamer
from rnnzoo.text import PAD


class Reader(Streamer):
    """A `SequenceEncoder` and a `Head` on its memory or its summary.

    A subclass writes `make_outputs(encoded, head)`.
    """

    vocabulary_names = ("vocabulary",)
    # Options of `__init__` that mean nothing to a topology.
    refused_options = ()

    def __init__(
        self,
        *,
        vocabulary=256,
        input_dim=None,
        num_outputs=2,
        head="softmax",
        pooling="last",
        cell="gru",
        units=None,
        num_layers=1,
        bidirectional=False,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        encoder=None,
        dtype=None,
        **kwargs,
    ):
        # === Layers ===
        stack = chosen_stack("encoder", encoder) or Stack(
            cell,
            units,
            num_layers,
            bidirectional=bidirectional,
            residual=residual,
            pre_norm=pre_norm,
            block=block,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            dtype=dtype,
            name="stack",
        )
        size = vocabulary_size("vocabulary", vocabulary)
        if input_dim is not None:
            size, input_dim = None, positive_integer("input_dim", input_dim)
        encode = SequenceEncoder(stack, size, pooling, name="encoder")
        output = Head(num_outputs, head, dtype=stack.dtype_policy, name="head")

        # === Functional model ===
        if input_dim is None:
            inputs = keras.Input((None,), dtype="int32", name="inputs")
            encoded = encode(inputs)
        else:
            inputs = {
                "inputs": keras.Input((None, input_dim), name="inputs"),
                "mask": keras.Input(
                    (None,), dtype="bool", name="mask", optional=True
                ),
            }
            encoded = encode(inputs["inputs"], valid=inputs["mask"])
        outputs = self.make_outputs(encoded, output)
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)

        # === Config ===
        self.encoder = encode
        self.head = output
        self.input_dim = input_dim
        self.vocabulary = vocabulary_object(vocabulary)

    def make_outputs(self, encoded, head):
        """The model's outputs from what the encoder returned."""
        raise NotImplementedError(f"{type(self).__name__}.make_outputs")

    def __call__(self, inputs, *args, **kwargs):
        # Values come alone, or in a dict, with a mask or without.
        if self.input_dim is not None and not isinstance(inputs, dict):
            inputs = {"inputs": inputs}
        if isinstance(inputs, dict):
            inputs = {"mask": None, **inputs}
        return super().__call__(inputs, *args, **kwargs)

    def input_mask(self, x):
        """Bool `(batch, timesteps)` of the valid steps, or None for all."""
        if self.input_dim is None:
            return ops.not_equal(x, PAD)
        return x.get("mask") if isinstance(x, dict) else None

    def check(self, x, y=None):
        if self.input_dim is None:
            check_tokens("x", x, self.encoder.vocabulary_size)
        else:
            if not isinstance(x, dict):
                x = {"inputs": x}
            if not {"inputs"} <= set(x) <= {"inputs", "mask"}:
                raise ValueError(
                    f"{type(self).__name__} takes values, or a dict with "
                    "'inputs' and, if some steps do not count, 'mask'. "
                    f"Received: a dict with {sorted(x)}."
                )
            values = x["inputs"]
            check_values("inputs", values, (None, self.input_dim))
            check_mask("mask", x.get("mask"), np.shape(values)[:2])

    # === One step at a time ===

    @property
    def step_shape(self):
        return () if self.input_dim is None else (self.input_dim,)

    @property
    def step_dtype(self):
        return "int32" if self.input_dim is None else "float32"

    def initial_states(self, batch_size):
        return self.encoder.stack.get_initial_state(batch_size)

    def advance(self, inputs, states):
        features, states = self.encoder.step(inputs, states)
        return self.head(features), states

    def check_step(self, inputs):
        if self.input_dim is None:
            ids = np.asarray(inputs)[..., None]
            check_tokens("inputs", ids, self.encoder.vocabulary_size)
        else:
            check_values("inputs", inputs, (self.input_dim,))

    def get_config(self):
        return {
            "vocabulary": self.encoder.vocabulary_size or 1,
            "input_dim": self.input_dim,
            "num_outputs": self.head.units,
            "head": self.head.kind,
            "pooling": self.encoder.pooling,
            "encoder": keras.saving.serialize_keras_object(self.encoder.stack),
            "name": self.name,
        }
