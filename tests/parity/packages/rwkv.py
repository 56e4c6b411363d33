"""Fixtures from rwkv: the time mixing of versions 4, 6 and 7, in float32.

The package computes parts of it in float32 whatever it is given. Its layers
normalise their inputs and add them to their outputs, both of which is undone
here: x is the normalised input, y what is added.
"""

import contextlib
import importlib
import os
import pathlib
import sys
import tempfile

import torch
from torch.nn import functional

from tests.parity.fixture import BATCH, STEPS
from tests.parity.packages.torch_tools import normal, save

torch.set_default_dtype(torch.float32)

WIDTH, HEADS, RANK, VOCABULARY = 8, 2, 3, 5
SIZE = WIDTH // HEADS
PREFIX = 3

VECTOR = (WIDTH,)
MATRIX = (WIDTH, WIDTH)
DOWN, UP = (WIDTH, RANK), (RANK, WIDTH)

# The weights of the time mixing, as checkpoints name and shape them.
TIME_MIXING = {
    4: {
        **dict.fromkeys(("time_mix_k", "time_mix_v", "time_mix_r"), VECTOR),
        **dict.fromkeys(("time_decay", "time_first"), VECTOR),
        **dict.fromkeys(
            ("key.weight", "value.weight", "receptance.weight"), MATRIX
        ),
        "output.weight": MATRIX,
    },
    6: {
        **{f"time_maa_{name}": VECTOR for name in "xwkvrg"},
        "time_maa_w1": (WIDTH, 5 * RANK),
        "time_maa_w2": (5, RANK, WIDTH),
        "time_decay_w1": DOWN,
        "time_decay_w2": UP,
        "time_decay": (1, 1, WIDTH),
        "time_faaaa": (HEADS, SIZE),
        **dict.fromkeys(
            ("key.weight", "value.weight", "receptance.weight"), MATRIX
        ),
        **dict.fromkeys(("gate.weight", "output.weight"), MATRIX),
        **dict.fromkeys(("ln_x.weight", "ln_x.bias"), VECTOR),
    },
    7: {
        **{f"x_{name}": VECTOR for name in "rwkvag"},
        **dict.fromkeys(("w0", "a0", "k_k", "k_a"), VECTOR),
        **dict.fromkeys(("w1", "a1", "g1"), DOWN),
        **dict.fromkeys(("w2", "a2", "g2"), UP),
        "r_k": (HEADS, SIZE),
        **dict.fromkeys(
            ("key.weight", "value.weight", "receptance.weight"), MATRIX
        ),
        "output.weight": MATRIX,
        **dict.fromkeys(("ln_x.weight", "ln_x.bias"), VECTOR),
    },
}

# The further weights of the smallest model there is: one layer.
AROUND = {
    "emb.weight": (VOCABULARY, WIDTH),
    "head.weight": (VOCABULARY, WIDTH),
    **{
        f"{norm}.{weight}": VECTOR
        for norm in ("ln_out", "blocks.0.ln0", "blocks.0.ln1", "blocks.0.ln2")
        for weight in ("weight", "bias")
    },
    **{
        f"blocks.0.ffn.{weight}.weight": MATRIX
        for weight in ("key", "value", "receptance")
    },
}
CHANNEL_MIXING = {
    4: dict.fromkeys(("time_mix_k", "time_mix_r"), VECTOR),
    6: dict.fromkeys(("time_maa_k", "time_maa_r"), VECTOR),
    7: {"x_k": VECTOR},
}

LAYER = "blocks.0.att."


def main():
    for version in TIME_MIXING:
        run(version)


def run(version):
    shapes = {
        **{LAYER + key: shape for key, shape in TIME_MIXING[version].items()},
        **AROUND,
        **{
            f"blocks.0.ffn.{key}": shape
            for key, shape in CHANNEL_MIXING[version].items()
        },
    }
    checkpoint = {
        key: normal(*shape, seed=seed, scale=0.4)
        for seed, (key, shape) in enumerate(shapes.items(), start=1000)
    }
    weights = {
        key.removeprefix(LAYER): weight.clone()
        for key, weight in checkpoint.items()
        if key.startswith(LAYER)
    }
    layer, zero = time_mixing(version, checkpoint)
    x = normal(BATCH, PREFIX + STEPS, WIDTH, seed=1)
    runs = [sample(layer, rows, zero) for rows in x]
    seen, y, initial, final = zip(*runs, strict=True)
    save(
        f"rwkv{version}",
        torch.stack(seen),
        torch.stack(y),
        weights,
        [torch.stack(state) for state in zip(*initial, strict=True)],
        [torch.stack(state) for state in zip(*final, strict=True)],
    )


def sample(layer, x, zero):
    """One sequence: `(x as the cell sees it, y, initial, final)`."""
    _, _, initial = layer(x[:PREFIX], zero())
    initial = [state.clone() for state in initial]
    seen, y, final = layer(
        x[PREFIX:].clone(), [state.clone() for state in initial]
    )
    return seen, y, initial, final


def time_mixing(version, checkpoint):
    """The layer as `(x, states) -> (seen, y, states)`, and its zero states."""
    package, model = load(version, checkpoint)
    w = model.z if version == 7 else model.w
    norm = [w["blocks.0.ln1.weight"], w["blocks.0.ln1.bias"]]

    def named(*names):
        return [w[LAYER + name] for name in names]

    def seen(x):
        return functional.layer_norm(x, (WIDTH,), *norm)

    shapes = TIME_MIXING[version]
    matrices = ("key.weight", "value.weight", "receptance.weight")
    if version == 7:
        order = [
            *(f"x_{name}" for name in "rwkvag"),
            *("w0", "w1", "w2", "a0", "a1", "a2", "v0", "v1", "v2"),
            *("g1", "g2", "k_k", "k_a", "r_k"),
            *("receptance.weight", "key.weight", "value.weight"),
            *("output.weight", "ln_x.weight", "ln_x.bias"),
        ]

        def layer(x, states):
            last, memory = states
            x = seen(x)
            y, last, memory, _ = package.RWKV_x070_TMix_seq(
                0, HEADS, SIZE, x, last, torch.empty(0), memory, *named(*order)
            )
            return x, y, [last, memory]

        return layer, lambda: model.generate_zero_state()[:2]

    if version == 4:
        method, names = (
            model.att_seq,
            [
                *("time_mix_k", "time_mix_v", "time_mix_r"),
                *("time_decay", "time_first", *matrices, "output.weight"),
            ],
        )
    else:
        method, names = (
            model.att_seq_v6_0,
            [
                *("ln_x.weight", "ln_x.bias"),
                *(f"time_maa_{name}" for name in "xwkvrg"),
                *("time_maa_w1", "time_maa_w2"),
                *("time_decay_w1", "time_decay_w2", "time_decay", "time_first"),
                *(*matrices, "gate.weight", "output.weight"),
            ],
        )

    def layer(x, states):
        # Four scales for each matrix, read only where weights are integers.
        unread = [x] * 4 * sum(MATRIX == shape for shape in shapes.values())
        total, *states = method(x, *states, *norm, *named(*names), *unread)
        return seen(x), total - x, states

    def zero():
        count = 4 if version == 4 else 2
        model_states = model.forward([0], None)[1]
        states = [torch.zeros_like(state) for state in model_states[:count]]
        if version == 4:
            states[3] -= 1e30
        return states

    return layer, zero


def load(version, checkpoint):
    """The package, in the form that knows that version, and its model."""
    os.environ["RWKV_JIT_ON"] = "0"
    os.environ["RWKV_V7_ON"] = "1" if version == 7 else "0"
    sys.modules.pop("rwkv.model", None)
    with (
        contextlib.redirect_stdout(None),
        tempfile.TemporaryDirectory() as folder,
    ):
        package = importlib.import_module("rwkv.model")
        path = pathlib.Path(folder) / "model"
        torch.save(checkpoint, path.with_suffix(".pth"))
        return package, package.RWKV(str(path), strategy="cpu fp32")


if __name__ == "__main__":
    main()
