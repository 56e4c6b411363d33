"""Weights of examples, so that rare classes count as much as frequent ones.

They are part of the batches, `(x, y, weights)`, and not of `fit`: Keras's
`class_weight` knows neither sequences nor several labels, while the weights
of a batch are summed over all replicas.
"""

import numpy as np

# How many classes a message names.
_SHOWN = 5


def balanced(labels, num_classes, names=None):
    """A weight for each class, so that all of them count the same.

        weight_c = n / (k n_c)

    for n_c of n examples in class c of k, as scikit-learn's "balanced", King
    and Zeng 2001, https://doi.org/10.1093/oxfordjournals.pan.a004868. The
    mean weight of the examples is 1.

    Args:
        labels: integers of any shape: a class id for each training example, or
            for each step of all of them. Negative ones do not count.
        num_classes: int. k.
        names: list of str, what classes are called in messages.

    Returns:
        float32 array `(num_classes,)`.

    Raises:
        ValueError: one class only, a class that never occurs, an id that is
            none.

    Example:

    ```python
    from rnnzoo.training import class_weights

    weights = class_weights.balanced([0, 0, 0, 0, 1], num_classes=2)
    weights.tolist()  # [0.625, 2.5]
    ```
    """
    labels = np.asarray(labels).ravel()
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Got labels of type {labels.dtype}; class ids are integers. Where "
            "an example has several labels, use `of_label_sets`."
        )
    labels = labels[labels >= 0]
    if len(labels) and labels.max() >= num_classes:
        raise ValueError(
            f"Got the class id {labels.max()}, and num_classes="
            f"{num_classes}; ids are 0 to {num_classes - 1}."
        )
    counts = np.bincount(labels, minlength=num_classes)
    _check_counts(counts, names)
    return (len(labels) / (num_classes * counts)).astype("float32")


def of_examples(weights, labels):
    """The weight of each example, or step, by its class.

    Args:
        weights: array `(num_classes,)`, such as `balanced` returns.
        labels: integers of any shape. Negative ones get 0.

    Returns:
        float32 array of the shape of `labels`. In a `tf.data` pipeline:
        `tf.gather(weights, labels)`.

    Example:

    ```python
    from rnnzoo.training import class_weights

    weights = class_weights.of_examples([0.5, 2.0], [[0, 1], [1, -1]])
    weights.tolist()  # [[0.5, 2.0], [2.0, 0.0]]
    ```
    """
    weights, labels = np.asarray(weights, "float32"), np.asarray(labels)
    return np.where(labels >= 0, weights[labels], np.float32(0))


def of_label_sets(label_sets, names=None):
    """The weight of each example that may have several labels.

    The mean of the weights of its labels, which are `balanced` over all pairs
    of an example and a label; examples without a label are counted as if they
    had one of their own. Then scaled so that their mean is 1. A weight for
    each label of an example would need another loss.

    Args:
        label_sets: 0 or 1, `(examples, num_labels)`.
        names: list of str, what labels are called in messages.

    Returns:
        float32 array `(examples,)`.

    Raises:
        ValueError: a label that never occurs; values of another shape or
            kind.

    Example:

    ```python
    from rnnzoo.training import class_weights

    class_weights.of_label_sets([[1, 0], [1, 0], [1, 1]])  # (3,)
    ```
    """
    there = np.asarray(label_sets)
    if there.ndim != 2 or not np.isin(there, (0, 1)).all():
        raise ValueError(
            f"Got label sets of the shape {there.shape}; give 0 or 1 for each "
            "label of each example, (examples, num_labels)."
        )
    there = there.astype("float64")
    without = there.sum(axis=1, keepdims=True) == 0
    _check_counts(there.sum(axis=0), names, "label")
    if without.any():
        there = np.concatenate([there, without], axis=1)
    weights = there.sum() / (there.shape[1] * there.sum(axis=0))
    weights = there @ weights / there.sum(axis=1)
    return (weights / weights.mean()).astype("float32")


def _check_counts(counts, names, what="class"):
    plural = {"class": "classes", "label": "labels"}[what]
    absent = np.flatnonzero(counts == 0)
    if what == "class" and len(counts) - len(absent) < 2:
        found = int((counts > 0).sum())
        raise ValueError(
            f"The {int(counts.sum()):,} training labels are of {found} class"
            f"{'es' * (found != 1)}; at least 2 are needed to learn to tell "
            "them apart. Look whether labels were read from the right place."
        )
    if len(absent):
        named = [str(n if names is None else names[n]) for n in absent]
        more = ", ..." * (len(named) > _SHOWN)
        raise ValueError(
            f"{len(absent)} of {len(counts)} {plural} never occur among the "
            f"training labels ({', '.join(named[:_SHOWN])}{more}), so that no "
            "weight makes them count. Leave them out of the list, or train "
            "without class weights."
        )
