"""Batches of arrays in memory, with a place for each that can be found again.

Imports TensorFlow, so a recipe imports this where it makes its data.
"""

import numpy as np
import tensorflow as tf


class Batches:
    """Random batches of the same size, for `rnnzoo.training.fit`.

    An epoch is a number of steps and not a pass over the examples: it draws
    anew from all of them, none twice, as seed and epoch determine.

    Args:
        arrays: a sequence of arrays with as many rows each.
        batch_size: int. Rows of a batch.
        steps: int. Batches of an epoch.
        seed: int.
        encode: function of a batch of each array, as tensors, that returns
            what the model takes.

    Attributes:
        examples: number of rows in an epoch; `len()` is that of batches.

    Raises:
        ValueError: an epoch takes more rows than there are.
    """

    def __init__(self, arrays, batch_size, steps, seed, encode):
        self._rows = len(arrays[0])
        self.examples = batch_size * steps
        if self.examples > self._rows:
            raise ValueError(
                f"An epoch of {steps} steps of {batch_size} examples takes "
                f"{self.examples:,}, and there are {self._rows:,}: take "
                "smaller batches."
            )
        with tf.device("cpu:0"):  # Where tf.data runs.
            self._arrays = [tf.constant(array) for array in arrays]
        self._batch_size = batch_size
        self._steps = steps
        self._seed = seed
        self._encode = encode

    def __len__(self):
        """The number of batches per epoch."""
        return self._steps

    def dataset(self, epoch=0, batch=0):
        """The batches of an epoch, without the first `batch` of them."""
        random = np.random.RandomState([self._seed, epoch])
        rows = random.permutation(self._rows)[: self.examples]
        rows = rows.reshape(self._steps, self._batch_size)[batch:]

        def gather(rows):
            return self._encode(*[tf.gather(a, rows) for a in self._arrays])

        return tf.data.Dataset.from_tensor_slices(rows).map(gather).prefetch(2)
