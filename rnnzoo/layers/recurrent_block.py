"""What blocks have in common: some recurrent layers and their states."""

from keras import ops

from rnnzoo import cells
from rnnzoo.layers.sequence_layer import SequenceLayer


class RecurrentBlock(SequenceLayer):
    """Base class of a layer with `Recurrent` layers inside.

    A subclass lists them in `directions`, in the order of their states, and
    calls the one whose cell is its template `forward`; its dropout is `drop`.
    """

    def directions(self):
        """The recurrent layers of this block, in the order of their states.

        No property: Keras would look for weights in it when it saves, and
        take two lists that are made at one address for the same.
        """
        return [self.forward]

    @property
    def state_size(self):
        return [n for layer in self.directions() for n in layer.state_size]

    @property
    def state_dtypes(self):
        return [
            dtype
            for layer in self.directions()
            for dtype in layer.cell.state_dtypes
        ]

    def get_initial_state(self, batch_size):
        """List of tensors `(batch_size, n)`: the states before any step."""
        return [
            state
            for layer in self.directions()
            for state in layer.get_initial_state(batch_size)
        ]

    def draw_noise(self, batch_size):
        """The random masks of one sequence, for a loop of steps.

        A feature that is dropped is so at every step, after Gal & Ghahramani
        2016, https://arxiv.org/abs/1512.05287.
        """
        ones = ops.ones((batch_size, self.output_size), self.compute_dtype)
        return {
            "drop": self.drop(ones, training=True),
            "layers": {
                layer.name: layer.draw_noise(batch_size)
                for layer in self.directions()
            },
        }

    def reset_state(self):
        """Forgets what `stateful` carried over."""
        for layer in self.directions():
            layer.reset_state()

    @classmethod
    def from_config(cls, config):
        cell = cells.deserialize(config.pop("cell"))
        return cls(cell, **config)
