"""By what sequences compete."""

from keras import ops


def rank(scores, lengths, length_penalty):
    """Log-probability over its length penalty: log P / ((5 + n) / 6) ** alpha.

    Of Wu et al. 2016, https://arxiv.org/abs/1609.08144, equation 14.

    Args:
        scores: sums of log-probabilities.
        lengths: of the same shape, n, the end token included.
        length_penalty: float, alpha.
    """
    lengths = ops.cast(lengths, "float32")
    return scores / ((5.0 + lengths) / 6.0) ** length_penalty


def coverage(seen, mask, coverage_penalty):
    """What is added to a rank: beta * sum_j log(min(sum_t a_tj, 1)).

    Of the same paper and equation. A source step that was never looked at
    counts as one looked at for a billionth.

    Args:
        seen: `(rows, source steps)`, sum_t a_tj, the attention so far.
        mask: bool, of the same shape or one that spreads to it; None: all
            steps count.
        coverage_penalty: float, beta.

    Returns:
        `(rows,)`.
    """
    terms = ops.log(ops.clip(seen, 1e-9, 1.0))
    if mask is not None:
        terms = ops.where(mask, terms, 0.0)
    return coverage_penalty * ops.sum(terms, axis=-1)
