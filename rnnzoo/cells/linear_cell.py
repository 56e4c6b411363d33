"""Cells with a recurrence linear in the state, which runs in parallel."""

from keras import ops, tree

from rnnzoo.cells.cell import Cell


class LinearCell(Cell):
    """Base class of cells with h_t = a_t * h_{t-1} + b_t, elementwise.

    The coefficients a and b depend on the inputs alone. A subclass states
    them; `step` follows, and `rnnzoo.layers.Recurrent` runs the whole
    sequence by a scan instead of a loop.

    A subclass writes `project`, `coefficients` and, where the output is not
    h_t itself, `read`. Cells with several linear states write `pack` and
    `unpack`. Cells that need a stabiliser, a running maximum
    m_t = max(m_{t-1} + d_t, c_t), set `stabilised = True`, write
    `maximum_terms`, and carry m as their last state. Their output must not
    depend on the choice of m, which therefore takes no gradient; `*maximum`
    is then `(m_{t-1}, m_t)`, and empty for other cells.

    Cells that are linear in some of their forms only tell by an attribute
    `linear` which they are; with False, `step` is their own and runs in a loop.

    Cells whose h is complex set `is_complex = True`; a, b and the packed h
    then hold real and imaginary parts, `(..., 2, n)`. An `a` that is the same
    at all steps has the shape `(1, 1, ...)` or, in `step`, `(1, ...)`.
    """

    float32_carry = True
    stabilised = False
    is_complex = False

    def coefficients(self, projected, *maximum):
        """The pair (a, b), each `(batch, [timesteps,] ...)`."""
        raise NotImplementedError(f"{type(self).__name__}.coefficients")

    def read(self, projected, previous, new, *maximum):
        """The output from h_{t-1} and h_t; h_t unless overridden."""
        return new

    def maximum_terms(self, projected):
        """The pair (d, c) of the running maximum."""
        raise NotImplementedError(f"{type(self).__name__}.maximum_terms")

    def pack(self, states):
        """One tensor h from the list of linear states."""
        if self.is_complex:
            return ops.stack(states, axis=-2)
        (h,) = states
        return h

    def unpack(self, h):
        """The list of linear states from h."""
        if self.is_complex:
            return [h[..., 0, :], h[..., 1, :]]
        return [h]

    def step(self, projected, states, noise=None):
        projected = tree.map_structure(
            lambda t: ops.cast(t, self.carry_dtype), projected
        )
        linear, maximum = self.advance_maximum(projected, states)
        previous = self.pack(linear)
        a, b = self.coefficients(projected, *maximum)
        if noise is not None:
            b = b * ops.reshape(noise, noise_shape(noise, b))
        times = complex_product if self.is_complex else ops.multiply
        h = times(a, previous) + b
        output = self.read(projected, previous, h, *maximum)
        return output, self.unpack(h) + list(maximum[1:])

    def advance_maximum(self, projected, states):
        """Splits off m and advances it: `(linear states, (m_{t-1}, m_t))`."""
        if not self.stabilised:
            return states, ()
        *linear, m_previous = states
        d, c = self.maximum_terms(projected)
        m = ops.stop_gradient(ops.maximum(m_previous + d, c))
        return linear, (m_previous, m)


def complex_product(a, b):
    """a b of complex numbers, their two parts on the last axis but one."""
    a_re, a_im = a[..., 0, :], a[..., 1, :]
    b_re, b_im = b[..., 0, :], b[..., 1, :]
    parts = [a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re]
    return ops.stack(parts, axis=-2)


def noise_shape(noise, update):
    """Shape of `noise` `(batch, n)` that broadcasts over `update`'s axes."""
    ones = (1,) * (len(update.shape) - 2)
    return (-1, *ones, noise.shape[-1])
