"""Matrix products that cells share."""

from keras import ops


def block_product(x, kernel):
    """x times a block-diagonal matrix, block by block.

    One product of all rows for each block; `keras.ops.einsum` takes a hundred
    times as long on a CPU.

    Args:
        x: `(..., blocks * n)`.
        kernel: `(blocks, n, m)`.

    Returns:
        `(..., blocks, m)`.
    """
    blocks, n, m = kernel.shape
    rows = ops.reshape(x, (-1, blocks, n))
    product = ops.matmul(ops.transpose(rows, (1, 0, 2)), kernel)
    product = ops.transpose(product, (1, 0, 2))
    return ops.reshape(product, (*ops.shape(x)[:-1], blocks, m))
