"""What blocks have in common: some recurrent layers and their states."""

from rnnzoo import cells
from rnnzoo.layers.sequence_layer import SequenceLayer


class RecurrentBlock(SequenceLayer):
    """Base class of a layer with `Recurrent` layers inside.

    A subclass lists them in `directions`, in the order of their states, and
    calls the one whose cell is its template `forward`.
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

    def reset_state(self):
        """Forgets what `stateful` carried over."""
        for layer in self.directions():
            layer.reset_state()

    @classmethod
    def from_config(cls, config):
        cell = cells.deserialize(config.pop("cell"))
        return cls(cell, **config)
