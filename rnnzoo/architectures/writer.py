"""What the two topologies that write a sequence have in common."""

import keras
import numpy as np
from keras import ops

from rnnzoo.inputs import check_rows, check_tokens, is_array
from rnnzoo.losses import StepCrossentropy
from rnnzoo.metrics import Perplexity, SequenceAccuracy, StepAccuracy
from rnnzoo.model import Model
from rnnzoo.model_export import StepExporter, named, numbered
from rnnzoo.model_generator import Generator, Start
from rnnzoo.text import BEGIN, PAD


class Writer(Generator, StepExporter, Model):
    """A model of `{"source", "target"}` whose targets are among its inputs.

    A subclass writes `encode(source)`, which returns what its `decoder`
    reads, and sets `decoder`, `max_length` and `label_smoothing`.
    """

    begin_name = "begin"

    def start(self, source):
        encoded = self.encode(source)
        states, constants = self.decoder.begin(encoded)
        mask = None
        if self.decoder.attention is not None:
            looked_at = constants["attention"]
            shape = ops.shape(looked_at["memory"])[:2]
            mask = looked_at.get("memory_mask", ops.ones(shape, "bool"))
        return Start(
            lambda tokens, s: self.decoder.step_looking(tokens, s, constants),
            states,
            ops.full(ops.shape(source)[:1], BEGIN, "int32"),
            mask,
            self.decoder.absent(constants),
        )

    def options(self, **options):
        options = super().options(**options)
        if options.coverage_penalty and self.decoder.attention is None:
            raise ValueError(
                f"Received coverage_penalty={options.coverage_penalty}, but "
                "the model has no attention that could cover its source. "
                "Build it with attention='additive', or leave the penalty out."
            )
        return options

    def looked_at(self, source, tokens):
        if self.decoder.attention is None:
            return None
        return self.run(
            "attention_weights",
            lambda s, t: self.decoder.attention_weights(t, self.encode(s)),
            source,
            tokens,
        )

    # === One token at a time ===

    def begin(self, source):
        """What the first `step` starts from.

        Args:
            source: as for `generate`, arrays.

        Returns:
            The states, a tree of tensors: those of the decoder, and what it
            needs to know of each source.
        """
        ids = self.source_tensor(source)

        def start(ids):
            states, constants = self.decoder.begin(self.encode(ids))
            return {"decoder": states, "source": constants}

        return self.run("begin", start, ids)

    def step(self, tokens, states):
        """One token of each target, at constant memory.

        Args:
            tokens: ids `(batch,)`, what was written last; begin (1) at first.
            states: what `begin` or the last `step` returned.

        Returns:
            `(logits, states)`: logits `(batch, vocabulary)` of the next token.

        Raises:
            ValueError: no ids of the vocabulary, one for each row of states;
                no states.
        """
        if not isinstance(states, dict) or set(states) != {"decoder", "source"}:
            raise ValueError(
                "`states` must be what `begin(source)` or the last `step` "
                f"returned. Received: {type(states).__name__}."
            )
        if is_array(tokens):
            # One step of ids; a row that has ended may go on with pad.
            steps = np.asarray(tokens)[..., None]
            size = self.decoder.output_size
            check_tokens("tokens", steps, size, empty_rows=True)
            check_rows({"tokens": steps, "states": states["decoder"][0]})
        tokens = ops.convert_to_tensor(tokens, "int32")
        known = states["source"]

        def forward(tokens, *flat):
            count = len(states["decoder"])
            constants = keras.tree.pack_sequence_as(known, flat[count:])
            logits, new = self.advance(tokens, flat[:count], constants)
            return [logits, *new]

        logits, *new = self.run(
            "step",
            forward,
            tokens,
            *states["decoder"],
            *keras.tree.flatten(known),
        )
        return logits, {**states, "decoder": new}

    def advance(self, tokens, states, constants):
        """`(logits, states)` of one step, from tensors of any batch."""

        def sized(x, n):
            # What is compiled for any batch has lost its width.
            return x if n is None else ops.reshape(x, (-1, n))

        if "context" in constants:
            width = self.decoder.embedding.output_dim
            context = sized(constants["context"], width)
            constants = {**constants, "context": context}
        sizes = self.decoder.decoder.state_size
        states = [sized(*pair) for pair in zip(states, sizes, strict=True)]
        return self.decoder.step(tokens, states, constants)

    # === Exported ===

    step_parts = {"inputs": ((), "int32")}

    def begin_named(self, given, batch_size):
        states, constants = self.decoder.begin(self.encode(given["source"]))
        known = {**constants, **constants.get("attention", {})}
        known.pop("attention", None)
        known = {f"known_{name}": tensor for name, tensor in known.items()}
        return {**named("state", states), **known}

    def step_named(self, given):
        known = {
            name.removeprefix("known_"): tensor
            for name, tensor in given.items()
            if name.startswith("known_")
        }
        # What `AttentionDecoder.prepare` makes of a memory; all else stands
        # beside it.
        names = ("keys", "memory", "memory_mask")
        looked_at = {name: known[name] for name in names if name in known}
        constants = {**known, "attention": looked_at}
        states = numbered("state", given)
        logits, states = self.advance(given["inputs"], states, constants)
        return {"outputs": logits, **named("state", states)}

    def target(self, x, y):
        return x["target"] if y is None else y

    def valid_steps(self, x, y):
        return ops.not_equal(self.target(x, y), PAD)

    def step_penalties(self):
        return self.decoder.penalties

    def default_loss(self):
        return StepCrossentropy(self.label_smoothing)

    def default_metrics(self):
        return [
            StepAccuracy(name="token_accuracy"),
            Perplexity(),
            SequenceAccuracy(),
        ]

    def check(self, x, y=None):
        if not isinstance(x, dict) or set(x) != {"source", "target"}:
            received = sorted(x) if isinstance(x, dict) else type(x).__name__
            raise ValueError(
                f"{type(self).__name__} takes a dict with 'source' and "
                f"'target'. Received: {received}. Pass "
                "{'source': ..., 'target': ...}; the model shifts the target "
                "itself, so there are no decoder inputs."
            )
