"""What the two topologies that write a sequence have in common."""

from keras import ops

from rnnzoo.losses import StepCrossentropy
from rnnzoo.metrics import Perplexity, SequenceAccuracy, StepAccuracy
from rnnzoo.model import Model
from rnnzoo.model_generator import Generator, Start
from rnnzoo.text import BEGIN, PAD


class Writer(Generator, Model):
    """A model of `{"source", "target"}` whose targets are among its inputs.

    A subclass writes `encode(source)`, which returns what its `decoder`
    reads, and sets `decoder`, `max_length` and `label_smoothing`.
    """

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
