"""Rows for rwkv."""

import numpy as np

from tests.parity.rows.row import Row, flat


def rwkv_matrices(w, *names):
    return {f"{name}_kernel": w[f"{name}.weight"].T for name in names}


def rwkv4(w):
    return {
        **rwkv_matrices(w, "receptance", "key", "value", "output"),
        "receptance_mix": w["time_mix_r"],
        "key_mix": w["time_mix_k"],
        "value_mix": w["time_mix_v"],
        "time_decay": w["time_decay"],
        "time_first": w["time_first"],
    }


def rwkv6(w):
    names = {"mix": "maa_x", "mix_down": "maa_w1", "mix_up": "maa_w2"}
    names.update(decay_down="decay_w1", decay_up="decay_w2")
    return {
        **rwkv_matrices(w, "receptance", "key", "value", "gate", "output"),
        **{ours: w[f"time_{theirs}"] for ours, theirs in names.items()},
        "mixes": np.stack([w[f"time_maa_{name}"] for name in "wkvrg"]),
        "decay": w["time_decay"].ravel(),
        "bonus": w["time_faaaa"].ravel(),
        "norm_scale": w["ln_x.weight"],
        "norm_offset": w["ln_x.bias"],
    }


def rwkv7(w):
    names = {"decay": "w", "rate": "a"}
    lows = {**names, "gate": "g"}
    return {
        **rwkv_matrices(w, "receptance", "key", "value", "output"),
        **{ours: w[f"{theirs}0"] for ours, theirs in names.items()},
        **{f"{ours}_down": w[f"{theirs}1"] for ours, theirs in lows.items()},
        **{f"{ours}_up": w[f"{theirs}2"] for ours, theirs in lows.items()},
        "mixes": np.stack([w[f"x_{name}"] for name in "rwkvag"]),
        "removal": w["k_k"],
        "replacement": w["k_a"],
        "bonus": w["r_k"].ravel(),
        "norm_scale": w["ln_x.weight"],
        "norm_offset": w["ln_x.bias"],
    }


def last_input_last(states):
    last, *memory = states
    return [*flat(memory), last]


def rows_of_keys(states):
    """The package's matrix of RWKV-7 has a row for each number of v."""
    last, memory = states
    return last_input_last([last, memory.swapaxes(-1, -2)])


ROWS = [
    Row("rwkv4", rwkv4, states=last_input_last, bound=2e-6),
    Row(
        "rwkv6",
        rwkv6,
        options={"head_dim": 4, "mix_rank": 3, "decay_rank": 3},
        states=last_input_last,
        bound=2e-6,
    ),
    Row(
        "rwkv7",
        rwkv7,
        options={
            **{"head_dim": 4, "decay_rank": 3},
            **{"rate_rank": 3, "gate_rank": 3},
        },
        states=rows_of_keys,
        bound=2e-6,
    ),
]
