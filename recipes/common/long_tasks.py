"""The four tasks of the study of long dependencies, and how each is scored.

Imports NumPy alone, and data sets when they are loaded.
"""

import dataclasses
import math

import numpy as np

# Test words of a group by steps: none of the later parts is in the training.
PARTS = ((1, 40), (41, 64), (65, 128), (129, 256))


@dataclasses.dataclass(frozen=True)
class Task:
    """A task at one length.

    Attributes:
        name: str. "adding", "copy", "parity" or "z5".
        dataset: str. Its TFDS name.
        topology: str. Of `rnnzoo.build`.
        head: str. Likewise.
        inputs: int. Features of a step: one for each id, or values.
        outputs: int. Classes, or values.
        guessing: float. The loss of the best constant answer: without memory.
    """

    name: str
    dataset: str
    topology: str
    head: str
    inputs: int
    outputs: int
    guessing: float


def task(name, length=None):
    """The `Task` of a name, and of a length where there is one."""
    if name == "adding":
        return Task(
            name,
            f"adding/steps_{length}",
            topology="many_to_one",
            head="regression",
            inputs=2,
            outputs=1,
            guessing=1 / 6,  # the variance of the sum
        )
    classes = {"topology": "synced", "head": "softmax"}
    if name == "copy":
        return Task(
            name,
            f"copy_memory/delay_{length}",
            **classes,
            inputs=10,
            outputs=9,
            guessing=10 * math.log(8) / (length + 20),
        )
    order = {"parity": 2, "z5": 5}[name]
    return Task(
        name,
        f"cyclic_group/order_{order}",
        **classes,
        inputs=order,
        outputs=order,
        guessing=math.log(order),
    )


def load(task, split):
    """A split as arrays: `(inputs, targets)`, or `(ids, targets, weights)`.

    Words of a group are padded on the right, where no output that counts
    looks; the weights there are 0.
    """
    from rnnzoo import datasets

    rows = list(datasets.load(task.dataset, split).as_numpy_iterator())
    if task.name == "adding":
        targets = np.array([[row["target"]] for row in rows])
        return np.stack([row["inputs"] for row in rows]), targets
    lengths = np.array([len(row["inputs"]) for row in rows])
    weights = np.arange(lengths.max()) < lengths[:, None]
    inputs, targets = np.zeros((2, *weights.shape), "uint8")
    inputs[weights] = np.concatenate([row["inputs"] for row in rows])
    targets[weights] = np.concatenate([row["targets"] for row in rows])
    return inputs, targets, weights.astype("float32")


def encoder(task):
    """Function of a batch of `load` that returns what a model takes."""
    import tensorflow as tf

    def encode(inputs, *rest):
        if task.head == "softmax":
            inputs = tf.one_hot(inputs, task.inputs)
        return inputs, *rest

    return encode


def scores(task, outputs, targets):
    """What outputs for the test set are worth: dict from name to number.

    "loss" is the mean over all outputs, as in training. "accuracy" is, for
    adding, the share of sums that are off by less than 0.04; of the recalled
    symbols for copy memory; of the outputs after 129 to 256 steps for a group,
    which has one for every part of `PARTS` too. "solved" is 1 where the loss
    of adding is below 0.001, or the accuracy of the others 99 % at least.
    """
    if task.name == "adding":
        errors = np.abs(outputs - targets)
        loss = np.mean(errors**2)
        right = np.mean(errors < 0.04)
        return {"loss": loss, "accuracy": right, "solved": float(loss < 1e-3)}
    outputs = outputs - outputs.max(axis=-1, keepdims=True)
    logs = outputs - np.log(np.exp(outputs).sum(axis=-1, keepdims=True))
    chosen = np.take_along_axis(logs, targets[..., None].astype(int), axis=-1)
    right = outputs.argmax(axis=-1) == targets
    found = {"loss": -chosen.mean()}
    if task.name == "copy":
        found["accuracy"] = right[:, -10:].mean()
    else:
        for first, last in PARTS:
            share = right[:, first - 1 : last].mean()
            found[f"accuracy_{first}_to_{last}"] = share
        found["accuracy"] = share
    return found | {"solved": float(found["accuracy"] >= 0.99)}
