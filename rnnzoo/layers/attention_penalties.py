"""What a loss adds for where attention was, of each step `(batch, timesteps)`.

With a_tj the share of memory step j at target step t. Shares are of the shape
`(batch, timesteps, memory steps)`, and 0 where the target is padding.
"""

from keras import ops


def coverage_loss(shares):
    """sum_j min(a_tj, sum_{k<t} a_kj): what is looked at again.

    See, Liu & Manning 2017, https://arxiv.org/abs/1704.04368.
    """
    seen = ops.cumsum(shares, axis=1) - shares
    return ops.sum(ops.minimum(shares, seen), axis=-1)


def doubly_stochastic(shares, mask=None):
    """sum_j (1 - sum_t a_tj)^2: what was not looked at once, in all.

    It is of the whole sequence, and stands at its first step. Xu et al. 2015,
    https://arxiv.org/abs/1502.03044.

    Args:
        shares: see above.
        mask: bool `(batch, memory steps)`, which are there; None for all.
    """
    missing = ops.square(1.0 - ops.sum(shares, axis=1))
    if mask is not None:
        missing = ops.where(mask, missing, 0.0)
    first = ops.equal(ops.arange(ops.shape(shares)[1]), 0)
    return ops.where(first, ops.sum(missing, axis=-1)[:, None], 0.0)
