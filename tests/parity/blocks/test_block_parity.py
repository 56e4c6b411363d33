"""Stacks of blocks against the whole networks of public packages.

The fixtures are made by `python -m tests.parity.blocks.xlstm_package` and
`python -m tests.parity.blocks.rwkv_package`, as the README one folder up says.
"""

import pathlib

import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Stack
from tests.parity.rows.rwkv import rwkv4, rwkv6, rwkv7

FOLDER = pathlib.Path(__file__).parent


def load(name):
    """`(x, y, weights)` as the package's script stored them."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        arrays = dict(stored)
    x, y = arrays.pop("x"), arrays.pop("y")
    return x, y, {k.removeprefix("weight."): v for k, v in arrays.items()}


def below(weights, prefix):
    """The weights under a prefix, without it."""
    return {
        key.removeprefix(prefix): value
        for key, value in weights.items()
        if key.startswith(prefix)
    }


def assign(layer, **values):
    """All weights of a layer or cell, by name."""
    named = {weight.name: weight for weight in layer.trainable_weights}
    assert set(named) == set(values)
    for name, value in values.items():
        named[name].assign(value)


def assign_conv(conv, w):
    kernel = w["conv1d.conv.weight"][:, 0].T
    assign(conv.cell, kernel=kernel, bias=w["conv1d.conv.bias"])


def assign_mlstm(block, w, **_):
    # The package adds one to the scale of each of its norms.
    assign(block.up_norm, gamma=1 + w["xlstm_norm.weight"])
    w = below(w, "xlstm.")
    assign(block.up, kernel=w["proj_up.weight"].T)
    assign_conv(block.conv, w)
    for layer in (block.query, block.key, block.value):
        kernel = w[f"{layer.name[0]}_proj.weight"]
        assign(layer, kernel=kernel.swapaxes(1, 2))
    i, f = below(w, "mlstm_cell.igate."), below(w, "mlstm_cell.fgate.")
    assign(
        block.gates,
        kernel=np.concatenate([i["weight"], f["weight"]]).T,
        bias=np.concatenate([i["bias"], f["bias"]]),
    )
    assign(block.head_norm, scale=1 + w["mlstm_cell.outnorm.weight"])
    assign(block.down, kernel=w["proj_down.weight"].T)
    block.skip.assign(w["learnable_skip"])


def assign_slstm(block, w, **_):
    assign(block.rnn_norm, gamma=1 + w["xlstm_norm.weight"])
    assign_conv(block.conv, below(w, "xlstm."))
    # Two of the package's projections are named after each other's gates.
    for layer, gate in zip(block.projections(), "fizo", strict=True):
        kernel = w[f"xlstm.{gate}gate.weight"]
        assign(layer, kernel=kernel.swapaxes(1, 2))
    heads, size, gates, _ = w["R"].shape
    assign(
        block.forward.cell,
        recurrent_kernel=w["R"].reshape(heads, size, gates * size),
        bias=w["b"].swapaxes(0, 1).ravel(),
    )
    assign(block.head_norm, scale=1 + w["xlstm.group_norm.weight"])
    assign(block.mlp_norm, gamma=1 + w["ffn_norm.weight"])
    assign(block.mlp_up, kernel=w["ffn.proj_up.weight"].T)
    assign(block.mlp_down, kernel=w["ffn.proj_down.weight"].T)


def assign_rwkv(block, w, version):
    norms = {"first_norm": "ln0", "time_norm": "ln1", "channel_norm": "ln2"}
    for ours, theirs in norms.items():
        if getattr(block, ours) is not None:
            assign_norm(getattr(block, ours), below(w, f"{theirs}."))
    time = below(w, "att.")
    values = {4: rwkv4, 6: rwkv6, 7: rwkv7}[version](time)
    if version == 7 and block.index:
        names = {"value": "v0", "value_down": "v1", "value_up": "v2"}
        values.update({ours: time[name] for ours, name in names.items()})
    assign(block.forward.cell, **values)
    channel, values = below(w, "ffn."), {}
    mix = {4: "time_mix_", 6: "time_maa_", 7: "x_"}[version]
    for weight in ("key", "receptance"):
        if f"{weight}.weight" in channel:
            values[f"{weight}_mix"] = channel[mix + weight[0]]
            values[f"{weight}_kernel"] = channel[f"{weight}.weight"].T
    values["value_kernel"] = channel["value.weight"].T
    assign(block.mix.cell, **values)


def assign_norm(norm, w):
    assign(norm, gamma=w["weight"], beta=w["bias"])


def network(name, dtype):
    """A stack of two blocks around cells of the fixture's sizes."""
    if name in ("mlstm", "slstm"):
        make = cells.CELLS[name]
        units = {"mlstm": 12, "slstm": 6}[name]
        return Stack(
            make(units, num_heads=2, dtype=dtype), num_layers=2, block="xlstm"
        )
    options = {"dtype": dtype}
    if name != "rwkv4":
        options["head_dim"] = 4
    ranks = {
        "rwkv4": (),
        "rwkv6": ("mix", "decay"),
        "rwkv7": ("decay", "rate", "gate", "value"),
    }[name]
    options.update({f"{rank}_rank": 3 for rank in ranks})
    cell = cells.CELLS[name](8, **options)
    return Stack(cell, num_layers=2, block="rwkv")


# The package adds 1e-6 to the denominator of the mLSTM, we and the paper do
# not. It computes RWKV in float32.
BOUNDS = {
    "mlstm": 1e-5,
    "slstm": 1e-7,
    "rwkv4": 5e-6,
    "rwkv6": 5e-6,
    "rwkv7": 5e-6,
}


@pytest.mark.parametrize("name", BOUNDS)
def test_network_of_the_package(name):
    x, expected, weights = load(name)
    stack = network(name, x.dtype.name)
    stack.build(x.shape)
    fill = {"m": assign_mlstm, "s": assign_slstm, "r": assign_rwkv}[name[0]]
    version = int(name[-1]) if name[-1].isdigit() else None
    for n, block in enumerate(stack.blocks):
        fill(block, below(weights, f"blocks.{n}."), version=version)
    if version:
        assign_norm(stack.norm, below(weights, "ln_out."))
    else:
        assign(stack.norm, gamma=1 + weights["post_blocks_norm.weight"])

    found = ops.convert_to_numpy(stack(x))
    states, steps = stack.get_initial_state(len(x)), []
    for t in range(x.shape[1]):
        y, states = stack.step(x[:, t], states)
        steps.append(ops.convert_to_numpy(y))
    scale = max(1.0, np.abs(expected).max())
    for outputs in (found, np.stack(steps, axis=1)):
        assert np.abs(outputs - expected).max() < BOUNDS[name] * scale
