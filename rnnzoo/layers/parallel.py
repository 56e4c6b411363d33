"""Whole sequences of linear cells, without a loop over time."""

from keras import ops, tree

from rnnzoo.cells import (
    CellWrapper,
    LinearCell,
    MatrixCell,
    MemorylessCell,
)
from rnnzoo.cells.linear_cell import noise_shape
from rnnzoo.kernels import (
    delta_scan,
    linear_scan,
    matrix_scan,
    running_maximum,
)


def runs_in_parallel(cell):
    """Whether the cell's `step` is the one its coefficients imply.

    A cell of which that holds in some forms only tells by `linear`. A wrapper
    that leaves `step` alone does as the cell inside.
    """
    if isinstance(cell, CellWrapper):
        plain = type(cell).step is CellWrapper.step
        return plain and runs_in_parallel(cell.cell)
    linear = getattr(cell, "linear", None)
    if linear is not None:
        return linear
    implied = (LinearCell.step, MatrixCell.step, MemorylessCell.step)
    return type(cell).step in implied


def run(cell, projected, carry, packing=None, noise=None):
    """As a loop over `cell.step`, in parallel over time.

    Args:
        cell: a `LinearCell`, a `MemorylessCell`, or a wrapper of one.
        projected: what `cell.project` returned, `(batch, timesteps, ...)`.
        carry: list of states.
        packing: `Packing` of the sequences, or None.
        noise: what `cell.draw_noise` returned, or None.

    Returns:
        `(outputs, carry)`. Outputs past the end of a packed sequence are not
        to be read.
    """
    if isinstance(cell, CellWrapper):
        inside = cell.inside(projected)
        outputs, carry = run(cell.cell, inside, carry, packing, noise)
        return cell.finish(outputs, projected), carry
    if isinstance(cell, MemorylessCell):
        return projected, carry
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
    h = linear_scan(a, b, initial, cell.is_complex)
    outputs = cell.read(projected, shift(h, initial), h, *maximum)
    return outputs, last_step(h, initial, packing)


def run_matrix(cell, projected, initial, maximum, packing, noise):
    log_a, key, value = cell.coefficients(projected, *maximum)
    query = cell.query(projected)
    if noise is not None:
        value = value * noise[:, None]
    # S is not known at every step, so it must not change past the end.
    log_a, key = (without_padding(t, packing) for t in (log_a, key))
    if cell.erases:
        erase, replace = cell.erasure(projected)
        replace = without_padding(replace, packing)
        retrieved, last = delta_scan(
            query, log_a, erase, replace, key, value, initial
        )
    else:
        retrieved, last = matrix_scan(
            query, log_a, key, value, initial, cell.reads_before
        )
    return cell.read(projected, retrieved, *maximum), last


def without_padding(x, packing):
    """`x` `(batch, timesteps, ...)` with zeros past the end of sequences."""
    if packing is None:
        return x
    steps = ops.arange(ops.shape(x)[1], dtype="int32")
    valid = (steps < packing.lengths[:, None])[..., None, None]
    return ops.where(valid, x, ops.zeros_like(x))


def shift(x, initial):
    """`x` one step later, with `initial` first."""
    return ops.concatenate([initial[:, None], x[:, :-1]], axis=1)


def last_step(x, initial, packing):
    return x[:, -1] if packing is None else packing.last(x, initial)
