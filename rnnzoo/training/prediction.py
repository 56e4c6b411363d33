"""What a model makes of whole data sets, in order and without padding."""

import numpy as np
import tensorflow as tf


def outputs_and_targets(model, batches):
    """Outputs of a model, logits or values, and what they should be.

    The model runs on one device, also where it was trained on several: the
    order is that of the batches, and no row is there twice.

    Args:
        model: a `keras.Model`.
        batches: a finite `tf.data.Dataset` of `(x, y)` or `(x, y, weights)`.

    Returns:
        (outputs, targets): two arrays `(examples, ...)`; or, of a model with
        an output per step, two lists of arrays `(timesteps, ...)`, one for
        each row, of its valid steps.

    Raises:
        ValueError: batches without targets, or none at all.
    """
    run = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    return _all(model, batches, lambda x: np.asarray(run(x)))


def labels_and_targets(model, batches):
    """The labels that a model decides on, and what they should be.

    Args:
        model: a topology with `labels`, such as `synced`, whose head decides:
            "softmax", "crf" or "ctc".
        batches: as for `outputs_and_targets`.

    Returns:
        (labels, targets): two lists of int arrays `(timesteps,)`, one for each
        row; with "ctc", where labels have no places, `(labels,)`.

    Raises:
        ValueError: batches without targets, or none at all.
    """

    def decide(x):
        arrays = tf.nest.map_structure(np.asarray, x)
        return model.labels(arrays)

    return _all(model, batches, decide)


def _all(model, batches, function):
    outputs, targets = [], []
    by_step = getattr(model, "of_sequences", False)
    for batch in batches:
        if not isinstance(batch, tuple) or len(batch) < 2:
            raise ValueError(
                "A batch to compare with targets is (x, y) or (x, y, weights). "
                f"Received: a batch of type {type(batch).__name__}."
            )
        x, y = batch[:2]
        found, expected = function(x), np.asarray(y)
        if by_step:
            kept = _kept(model, x, found, expected)
            found = [
                row[mask] for row, mask in zip(found, kept[0], strict=True)
            ]
            expected = [
                row[mask] for row, mask in zip(expected, kept[1], strict=True)
            ]
        outputs.extend(found)
        targets.extend(expected)
    if not targets:
        raise ValueError(
            "There are no batches, and so nothing to compare: is the split "
            "empty?"
        )
    if by_step:
        return outputs, targets
    return np.stack(outputs), np.stack(targets)


def _kept(model, x, outputs, targets):
    """Bool masks of what counts, of outputs and of targets."""
    if getattr(model.head, "kind", None) == "ctc":
        # Labels have no places; 0 is blank, and what rows are filled with.
        valid = outputs != 0 if outputs.ndim == 2 else model.input_mask(x)
        return _mask(valid, outputs), targets != 0
    mask = _mask(model.input_mask(x), outputs)
    return mask, mask


def _mask(valid, outputs):
    if valid is None:
        return np.ones(outputs.shape[:2], bool)
    return np.asarray(valid).astype(bool)
