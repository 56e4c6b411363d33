"""Rows for torchrecurrent."""

import numpy as np

from tests.parity.rows.row import (
    Disagreement,
    Row,
    blocks,
    kernels,
    plain,
    total_bias,
)

ANTISYMMETRIC = {"step_size": 0.3, "diffusion": 0.2}
CORNN = {"dt": 0.3, "gamma": 0.8, "epsilon": 0.6}
SCRN = {"alpha": 0.9, "output_activation": "tanh"}


def brc(w):
    a, c, _ = np.split(w["bias_ih"], 3)
    return {
        "kernel": w["weight_ih"].T,
        "recurrent_kernel": w["weight_hh"].T,
        "bias": np.concatenate([a, c]) + w["bias_hh"],
    }


def context_of(states):
    """The package's first state is y, of which we carry nothing."""
    return [None, *states[1:]]


def cornn(w):
    recurrent = [w["weight_hh"].T, w["weight_ch"].T]
    return {
        "kernel": w["weight_ih"].T,
        "recurrent_kernel": np.concatenate(recurrent),
        "bias": w["bias_ih"] + w["bias_hh"] + w["bias_ch"],
    }


def fast_grnn(w):
    gate, candidate = np.split(w["bias_ih"] + w["bias_hh"], 2)
    return {
        **kernels(w, 0),
        "gate_bias": gate,
        "candidate_bias": candidate,
        "zeta": w["zeta"],
        "nu": w["nu"],
    }


def fast_rnn_new(w):
    """alpha and beta of a new cell."""
    return {**plain(w), "alpha": np.full(1, -3.0), "beta": np.full(1, 3.0)}


def gated_antisymmetric(w):
    gate, candidate = np.split(w["bias_ih"], 2)
    return {
        "kernel": blocks(w["weight_ih"], 1, 0).T,
        "recurrent_kernel": w["weight_hh"].T,
        "bias": np.concatenate([candidate + w["bias_hh"], gate]),
    }


def lem(w):
    recurrent = np.concatenate([w["bias_hh"], w["bias_ch"]])
    return {
        "kernel": blocks(w["weight_ih"], 1, 0, 2, 3).T,
        "recurrent_kernel": blocks(w["weight_hh"], 1, 0, 2).T,
        "memory_kernel": w["weight_ch"].T,
        "bias": blocks(w["bias_ih"] + recurrent, 1, 0, 2, 3),
    }


def multiplicative_lstm(w):
    factor, *gates = np.split(w["weight_ih"], 5)
    return {
        "factor_kernel": factor.T,
        "factor_recurrent_kernel": w["weight_hh"].T,
        "kernel": np.concatenate(gates).T,
        "recurrent_kernel": w["weight_mh"].T,
        "bias": w["bias_ih"][len(factor) :] + w["bias_mh"],
    }


def mut1(w):
    z, r, _ = np.split(w["bias_ih"], 3)
    recurrent_r, h = np.split(w["bias_hh"], 2)
    return {
        "kernel": blocks(w["weight_ih"], 0, 1, count=3).T,
        "recurrent_kernel": w["weight_hh"].T,
        "bias": np.concatenate([z, r + recurrent_r, h]),
    }


def mut2(w):
    return {
        "kernel": blocks(w["weight_ih"], 0, 2, count=3).T,
        "recurrent_kernel": w["weight_hh"].T,
        **total_bias(w, 0),
    }


def nas(w):
    weights = kernels(w, 0)
    return {**weights, "bias": w["bias_hh"]}


def rhn(w, count):
    """`count` of the package's three blocks: it has c even where t is it."""
    depth = sum(name.endswith("weight") for name in w)
    weights = [
        blocks(w[f"units.{n}.weight"], *range(count), count=3).T
        for n in range(depth)
    ]
    biases = [
        blocks(w[f"units.{n}.bias"], *range(count), count=3)
        for n in range(depth)
    ]
    # The first micro-step reads x, then the state.
    kernel, first = np.split(weights[0], [-len(weights[1])])
    return {
        "kernel": kernel,
        "bias": np.stack(biases),
        **{
            f"recurrent_kernel_{n}": weight
            for n, weight in enumerate([first, *weights[1:]], start=1)
        },
    }


def scrn(w):
    b, a = np.split(w["weight_ih"], 2)
    r, u = np.split(w["weight_hh"], 2)
    p, v = np.split(w["weight_ch"], 2)
    return {
        "kernel": np.concatenate([a, b]).T,
        "context_kernel": p.T,
        "recurrent_kernel": r.T,
        "output_kernel": np.concatenate([u, v], axis=1).T,
    }


def trnn(w):
    _, forget = np.split(w["bias_ih"], 2)
    return {"kernel": w["weight_ih"].T, "bias": forget}


ROWS = [
    Row("antisymmetric_rnn", plain, options=ANTISYMMETRIC),
    Row(
        "antisymmetric_rnn_gated",
        gated_antisymmetric,
        "antisymmetric_rnn",
        {"gated": True, **ANTISYMMETRIC},
    ),
    Row("brc", brc),
    Row(
        "cifg_lstm_peepholes",
        lambda w: {
            **plain(w, 0, 2, 3, count=4),
            "peephole_kernel": blocks(w["weight_ph"], 0, 2, count=3),
        },
        "cifg_lstm",
    ),
    Row("cornn", cornn, options=CORNN),
    Row("fast_grnn_without_tanh", fast_grnn, "fast_grnn"),
    Row(
        "fast_rnn",
        lambda w: {**plain(w), "alpha": w["alpha"], "beta": w["beta"]},
    ),
    Row(
        "indrnn",
        lambda w: {
            "kernel": w["weight_ih"].T,
            "recurrent_kernel": w["vector_u"],
            **total_bias(w, 0),
        },
    ),
    Row("intersection_rnn", plain),
    Row(
        "janet",
        plain,
        states=lambda states: states[:1],
    ),
    Row("lem_without_z", lem, "lem", {"dt": 0.8}),
    Row("ligru", plain),
    Row("lstm_1997", plain),
    Row("mgu", plain),
    Row("multiplicative_lstm", multiplicative_lstm),
    Row("mut1_without_w", mut1, "mut1"),
    Row("mut2_without_w", mut2, "mut2"),
    Row("mut3", plain),
    Row("nas_without_product", nas, "nas", {"use_bias": True}),
    Row("nbrc", brc),
    Row(
        "peephole_lstm",
        lambda w: {**plain(w), "peephole_kernel": w["weight_ph"]},
    ),
    Row("ran", plain),
    Row("rhn", lambda w: rhn(w, 2), options={"depth": 3}),
    Row(
        "rhn_uncoupled",
        lambda w: rhn(w, 3),
        "rhn",
        {"depth": 2, "coupled": False},
    ),
    Row("scrn_without_r", scrn, "scrn", SCRN, context_of),
    Row("trnn", trnn),
    Row("ugrnn", plain),
]

DISAGREEMENTS = [
    Disagreement(
        "fast_rnn_new",
        fast_rnn_new,
        "fast_rnn",
        reason="torchrecurrent starts alpha and beta the other way round",
    ),
    Disagreement(
        "fast_grnn",
        fast_grnn,
        reason="torchrecurrent has tanh for the gate unless it is told other",
    ),
    Disagreement(
        "lem",
        lem,
        options={"dt": 0.8},
        reason="torchrecurrent reads the old z where the paper reads the new",
    ),
    Disagreement(
        "mut1",
        mut1,
        reason="torchrecurrent multiplies the x in tanh(x) by a weight",
    ),
    Disagreement(
        "mut2",
        mut2,
        reason="torchrecurrent multiplies the x in r by a weight",
    ),
    Disagreement(
        "nas",
        nas,
        options={"use_bias": True},
        reason="torchrecurrent adds in the fourth branch, the authors multiply",
    ),
    Disagreement(
        "scrn",
        scrn,
        options=SCRN,
        states=context_of,
        reason="torchrecurrent feeds back the output y in place of h",
    ),
]
