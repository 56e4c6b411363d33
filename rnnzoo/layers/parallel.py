"""Whole sequences of linear cells, without a loop over time."""

from keras import ops, tree

from rnnzoo.cells import LinearCell, MatrixCell
from rnnzoo.cells.linear_cell import noise_shape
from rnnzoo.kernels import linear_scan, matrix_scan, running_maximum


def runs_in_parallel(cell):
    """Whether the cell's `step` is the one its coefficients imply."""
    return type(cell).step in (LinearCell.step, MatrixCell.step)


def run(cell, projected, carry, packing=None, noise=None):
    """As a loop over `cell.step`, in parallel over time.

    Args:
        cell: a `LinearCell`.
        projected: what `cell.project` returned, `(batch, timesteps, ...)`.
        carry: list of states.
        packing: `Packing` of the sequences, or None.
        noise: what `cell.draw_noise` returned, or None.

    Returns:
        `(outputs, carry)`. Outputs past the end of a packed sequence are not
        to be read.
    """
    projected = tree.map_structure(
        lambda t: ops.cast(t, cell.carry_dtype), projected
    )
    linear, maximum, last_maximum = advance(cell, projected, carry, packing)
    initial = cell.pack(linear)
    mode = run_matrix if isinstance(cell, MatrixCell) else run_vector
    outputs, last = mode(cell, projected, initial, maximum, packing, noise)
    return outputs, cell.unpack(last) + last_maximum


def advance(cell, projected, carry, packing):
    """`(linear states, (m_{t-1}, m_t) of all steps, [last m])`."""
    if not cell.stabilised:
        return carry, (), []
    *linear, initial = carry
    m = running_maximum(*cell.maximum_terms(projected), initial)
    return linear, (shift(m, initial), m), [last_step(m, initial, packing)]


def run_vector(cell, projected, initial, maximum, packing, noise):
    a, b = cell.coefficients(projected, *maximum)
    if noise is not None:
        b = b * ops.reshape(noise, noise_shape(noise, b))
    h = linear_scan(a, b, initial)
    outputs = cell.read(projected, shift(h, initial), h, *maximum)
    return outputs, last_step(h, initial, packing)


def run_matrix(cell, projected, initial, maximum, packing, noise):
    log_a, key, value = cell.coefficients(projected, *maximum)
    if noise is not None:
        value = value * noise[:, None]
    if packing is not None:
        # S is not known at every step, so it must not change past the end.
        steps = ops.arange(ops.shape(key)[1], dtype="int32")
        valid = (steps < packing.lengths[:, None])[..., None]
        log_a = ops.where(valid, log_a, ops.zeros_like(log_a))
        key = ops.where(valid[..., None], key, ops.zeros_like(key))
    retrieved, last = matrix_scan(
        cell.query(projected), log_a, key, value, initial
    )
    return cell.read(projected, retrieved, *maximum), last


def shift(x, initial):
    """`x` one step later, with `initial` first."""
    return ops.concatenate([initial[:, None], x[:, :-1]], axis=1)


def last_step(x, initial, packing):
    return x[:, -1] if packing is None else packing.last(x, initial)
