"""Cells whose state is a matrix per head, with a linear recurrence."""

from keras import ops, tree

from rnnzoo.cells.linear_cell import LinearCell


class MatrixCell(LinearCell):
    """Base class of cells with S_t = diag(exp(log a_t)) S_{t-1} + k_t v_t^T.

    S is a matrix `(keys, values)` per head, read by a query. Its decay is one
    number per head or one for each key. `rnnzoo.layers.Recurrent` runs it
    chunkwise and never stores one matrix per time step.

    `coefficients` returns `(log_a, key, value)` with the shapes
    `(..., heads, 1)` or `(..., heads, keys)`, `(..., heads, keys)` and
    `(..., heads, values)`; `query` returns `(..., heads, keys)`;
    `read(projected, retrieved, *maximum)` makes the output from r_t,
    `(..., heads, values)`, which is q_t S_t, or q_t S_{t-1} with
    `reads_before = True`. A subclass sets `num_heads` and `head_dim`; S is
    square and the only state unless it overrides what says so.

    Cells by the delta rule, which remove what they are about to replace, set
    `erases = True` and write `erasure(projected)`, which returns e_t and r_t,
    each `(..., heads, keys)`:

        S_t = diag(exp(log a_t)) S_{t-1} - r_t (e_t^T S_{t-1}) + k_t v_t^T

    Their decays are mild, see `rnnzoo.kernels.delta_scan`.
    """

    reads_before = False
    erases = False

    @property
    def carry_size(self):
        return [self.units * self.head_dim]

    @property
    def conditionable_states(self):
        return ()

    def pack(self, states):
        (S,) = states
        shape = (-1, self.num_heads, self.head_dim, self.head_dim)
        return ops.reshape(S, shape)

    def unpack(self, S):
        return [ops.reshape(S, (-1, self.units * self.head_dim))]

    def heads(self, t):
        """`(..., units)` to `(..., num_heads, head_dim)`."""
        lead = ops.shape(t)[:-1]
        return ops.reshape(t, (*lead, self.num_heads, self.head_dim))

    def draw_noise(self, batch_size, training=False):
        """A mask of the values on their way into S."""
        if not (training and self.recurrent_dropout):
            return None
        return self.dropout_mask((batch_size, self.num_heads, self.head_dim))

    def query(self, projected):
        raise NotImplementedError(f"{type(self).__name__}.query")

    def erasure(self, projected):
        raise NotImplementedError(f"{type(self).__name__}.erasure")

    def read(self, projected, retrieved, *maximum):
        raise NotImplementedError(f"{type(self).__name__}.read")

    def step(self, projected, states, noise=None):
        projected = tree.map_structure(
            lambda t: ops.cast(t, self.carry_dtype), projected
        )
        linear, maximum = self.advance_maximum(projected, states)
        previous = self.pack(linear)
        log_a, key, value = self.coefficients(projected, *maximum)
        if noise is not None:
            value = value * noise
        matrix = ops.exp(log_a)[..., None] * previous + outer(key, value)
        if self.erases:
            erase, replace = self.erasure(projected)
            erased = ops.sum(erase[..., :, None] * previous, axis=-2)
            matrix = matrix - outer(replace, erased)
        q = self.query(projected)
        seen = previous if self.reads_before else matrix
        retrieved = ops.sum(q[..., :, None] * seen, axis=-2)
        output = self.read(projected, retrieved, *maximum)
        return output, self.unpack(matrix) + list(maximum[1:])


def outer(key, value):
    return key[..., :, None] * value[..., None, :]
