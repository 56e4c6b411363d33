"""Rows for edgeml-pytorch."""

from tests.parity.rows.row import Row


def fast_grnn_authors(w):
    if "W1" in w:
        kernels = {
            **{"kernel_down": "W1", "kernel_up": "W2"},
            **{"recurrent_kernel_down": "U1", "recurrent_kernel_up": "U2"},
        }
    else:
        kernels = {"kernel": "W", "recurrent_kernel": "U"}
    return {
        **{ours: w[theirs].T for ours, theirs in kernels.items()},
        "gate_bias": w["bias_gate"][0],
        "candidate_bias": w["bias_update"][0],
        "zeta": w["zeta"][0],
        "nu": w["nu"][0],
    }


def fast_rnn_authors(w):
    return {
        "kernel": w["W"],
        "recurrent_kernel": w["U"],
        "bias": w["bias_update"][0],
        "alpha": w["alpha"][0],
        "beta": w["beta"][0],
    }


ROWS = [
    Row("fast_grnn_authors", fast_grnn_authors, "fast_grnn"),
    Row(
        "fast_grnn_low_rank",
        fast_grnn_authors,
        "fast_grnn",
        {"kernel_rank": 2, "recurrent_rank": 2},
    ),
    Row("fast_rnn_authors", fast_rnn_authors, "fast_rnn"),
]
