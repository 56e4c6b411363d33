"""How many edits make one sequence of ids another."""

import keras
from keras import ops

PAD = 0


@keras.saving.register_keras_serializable("rnnzoo")
class EditDistance(keras.metrics.Metric):
    """Edits that the predictions need, per id of the references.

    Summed over all rows first: the error rate of words, characters or labels,
    whichever the ids stand for. It exceeds 1 where there is more to delete
    than there are references.

    Args:
        end: int or None. Ids from the first of these on do not count, as
            `rnnzoo.text.END`, which ends what a decoder wrote.

    Example:

    ```python
    metric = rnnzoo.metrics.EditDistance()
    metric.update_state([[5, 6, 7, 0], [8, 0, 0, 0]], [[5, 7, 0], [8, 0, 0]])
    assert float(metric.result()) == 0.25
    ```
    """

    def __init__(self, end=None, name="edit_distance", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.end = end
        self.edits = self.add_variable((), "zeros", self.dtype, name="edits")
        self.ids = self.add_variable((), "zeros", self.dtype, name="ids")

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts the edits of each row.

        Args:
            y_true: ids `(batch, n)`.
            y_pred: ids `(batch, m)`.
            sample_weight: `(batch,)` or None.
        """
        y_pred = ops.convert_to_tensor(y_pred)
        if len(y_pred.shape) != 2:
            raise ValueError(
                "EditDistance compares ids, (batch, n). Received: predictions "
                f"of the shape {tuple(y_pred.shape)}. Take the best ids first, "
                "such as those of `generate`, outside of `compile`; or "
                "head='ctc', which gives them."
            )
        y_true = until(y_true, self.end)
        edits = edit_distances(y_true, until(y_pred, self.end))
        edits = ops.cast(edits, self.dtype)
        ids = ops.sum(ops.cast(y_true != PAD, self.dtype), axis=1)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, self.dtype), (-1,))
            edits, ids = edits * weights, ids * weights
        self.edits.assign_add(ops.sum(edits))
        self.ids.assign_add(ops.sum(ids))

    def result(self):
        return ops.divide_no_nan(self.edits, self.ids)

    def get_config(self):
        return {**super().get_config(), "end": self.end}


def edit_distances(y_true, y_pred):
    """Fewest insertions, deletions and substitutions between two sequences.

    Levenshtein 1966. With d(i, j) for the first i ids of one and the first j
    of the other,

        d(i, j) = min(d(i - 1, j) + 1,
                      d(i, j - 1) + 1,
                      d(i - 1, j - 1) + [a_i != b_j])

    all i of one diagonal i + j at once. Pad (0), wherever it stands, costs
    nothing to insert or delete, and so does not count.

    Args:
        y_true: ids `(batch, n)`.
        y_pred: ids `(batch, m)`.

    Returns:
        Int32 `(batch,)`.

    Example:

    ```python
    distances = rnnzoo.metrics.edit_distances([[5, 6, 7]], [[5, 7, 0]])
    assert int(distances[0]) == 1
    ```
    """
    a = ops.cast(ops.convert_to_tensor(y_true), "int32")
    b = ops.cast(ops.convert_to_tensor(y_pred), "int32")
    n, m = ops.shape(a)[1], ops.shape(b)[1]
    # Something to read where there is nothing.
    b = ops.pad(b, ((0, 0), (0, 1)))
    a_cost, b_cost = (ops.cast(x != PAD, "int32") for x in (a, b))
    i = ops.arange(n + 1, dtype="int32")
    # d(i, 0), and the last column of which anything depends.
    left_edge = ops.pad(ops.cumsum(a_cost, axis=1), ((0, 0), (1, 0)))
    columns = ops.arange(m + 1, dtype="int32") + 1
    width = ops.max(b_cost * columns, axis=1)

    def diagonal(k, before, last, distances):
        j = k - i
        read = ops.clip(j - 1, 0, m)
        letters, insert = (ops.take(x, read, axis=1) for x in (b, b_cost))
        inserted = last + insert
        deleted = last[:, :-1] + a_cost
        changed = before[:, :-1] + ops.cast(a != letters[:, 1:], "int32")
        inner = ops.minimum(deleted, changed)
        inner = ops.minimum(inner, inserted[:, 1:])
        new = ops.concatenate([inserted[:, :1], inner], axis=1)
        new = ops.where(j <= 0, left_edge, new)
        distances = ops.where(k == n + width, new[:, -1], distances)
        return k + 1, last, new, distances

    def unfinished(k, *_):
        return k <= n + ops.max(width)

    zero = ops.convert_to_tensor(0, "int32")
    start = (zero, left_edge, left_edge, ops.zeros_like(width))
    return ops.while_loop(unfinished, diagonal, start)[-1]


def until(ids, end):
    """`ids` `(batch, n)` with pad from the first `end` on."""
    ids = ops.cast(ops.convert_to_tensor(ids), "int32")
    if end is None:
        return ids
    ended = ops.cumsum(ops.cast(ids == end, "int32"), axis=1) > 0
    return ops.where(ended, PAD, ids)
