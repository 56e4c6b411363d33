"""What the two topologies that write a sequence have in common."""

from keras import ops

from rnnzoo.losses import StepCrossentropy
from rnnzoo.metrics import Perplexity, SequenceAccuracy, StepAccuracy
from rnnzoo.model_generator import Generator
from rnnzoo.text import PAD


class Writer(Generator):
    """A model of `{"source", "target"}` whose targets are among its inputs."""

    def target(self, x, y):
        return x["target"] if y is None else y

    def valid_steps(self, x, y):
        return ops.not_equal(self.target(x, y), PAD)

    def default_loss(self):
        return StepCrossentropy()

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
