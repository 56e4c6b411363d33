"""The blocks of papers: one flow, masks, states, files, all topologies."""

import keras
import numpy as np
import pytest
from keras import ops

import rnnzoo
from rnnzoo import cells
from rnnzoo.layers import (
    MinRNNBlock,
    MLSTMBlock,
    Recurrent,
    RWKVBlock,
    SLSTMBlock,
    Stack,
)
from rnnzoo.layers.blocks import BLOCKS
from rnnzoo.layers.blocks.causal_conv import CausalConv
from rnnzoo.layers.blocks.channel_mix import ChannelMix
from tests.cells import tools
from tests.cells.test_masks import MASK
from tests.cells.tools import error, normal
from tests.references import REFERENCES
from tests.references.functions import sigmoid

UNITS = 8
BATCH, STEPS = MASK.shape
BLOCK_OF = {
    "min_gru": "min_rnn",
    "min_lstm": "min_rnn",
    "mlstm": "xlstm",
    "rwkv4": "rwkv",
    "rwkv6": "rwkv",
    "rwkv7": "rwkv",
    "slstm": "xlstm",
}
# One of each paper, with the one whose blocks share more than the stream.
FAST = ("min_gru", "mlstm", "rwkv7")


def each(fast=FAST):
    slow = pytest.mark.slow
    return pytest.mark.parametrize(
        "cell",
        [
            pytest.param(cell, marks=() if cell in fast else slow)
            for cell in BLOCK_OF
        ],
    )


def built(layer, features=UNITS, scale=0.5):
    layer.build((BATCH, None, features))
    return tools.randomise(layer, scale=scale)


def stack_of(cell, features=UNITS, num_layers=2, **options):
    options = {"return_state": True, **options}
    stack = Stack(
        cell, UNITS, num_layers=num_layers, block=BLOCK_OF[cell], **options
    )
    return built(stack, features)


def inputs(features=UNITS, seed=2):
    return normal(BATCH, STEPS, features, seed=seed, dtype="float32")


def test_every_block_and_its_cells_are_tested():
    fits = {
        block: {kind for made in kinds for kind in made.fits}
        for block, kinds in BLOCKS.items()
    }
    assert fits == {
        block: {cells.CELLS[c] for c, b in BLOCK_OF.items() if b == block}
        for block in BLOCKS
    }


# === One flow ===


@each()
def test_steps_and_halves_are_the_call(cell):
    """Also where the first layer's input has another width."""
    stack = stack_of(cell, features=3)
    x = inputs(3)
    expected, *last = stack(x)
    assert tuple(expected.shape) == (BATCH, STEPS, UNITS)
    assert [tuple(s.shape) for s in last] == [
        (BATCH, n) for n in stack.state_size
    ]
    first, *states = stack(x[:, :3])
    second, *end = stack(x[:, 3:], initial_state=states)
    whole = ops.concatenate([first, second], axis=1)
    assert error((whole, end), (expected, last)) < 1e-5
    outputs = []
    for t in range(3, STEPS):
        y, states = stack.step(x[:, t], states)
        outputs.append(y)
    assert error(ops.stack(outputs, axis=1), expected[:, 3:]) < 1e-5
    assert error(states, last) < 1e-5
    y, _ = stack.step(x[:, 0], stack.get_initial_state(BATCH))
    assert error(y, expected[:, 0]) < 1e-5


@each()
def test_masked_steps_are_as_if_deleted(cell):
    """Padding right and left, holes, and no step at all."""
    stack = stack_of(cell)
    x = inputs()
    found, *last = stack(x, mask=MASK)
    initial = stack.get_initial_state(BATCH)
    for row, valid in enumerate(MASK):
        own = [s[row : row + 1] for s in last]
        if not valid.any():
            assert error(own, [s[row : row + 1] for s in initial]) == 0
            continue
        expected, *states = stack(x[row : row + 1, valid])
        y = tools.to_numpy(found)[row : row + 1, valid]
        assert error((y, own), (expected, states)) < 1e-5


@each(fast=("rwkv7",))
def test_stateful_stack_continues(cell):
    whole, halves = stack_of(cell), stack_of(cell, stateful=True)
    expected, *_ = whole(inputs())
    for _ in range(2):
        assert error(halves(inputs()[:, :3])[0], expected[:, :3]) < 1e-5
        assert error(halves(inputs()[:, 3:])[0], expected[:, 3:]) < 1e-5
        halves.reset_state()


@each(fast=("rwkv7",))
def test_gradients_reach_every_weight(cell):
    stack = stack_of(cell, features=3)
    variables = stack.trainable_weights
    _, found = tools.gradients(
        lambda x: ops.sum(stack(x)[0] * inputs(seed=3)),
        variables,
        [inputs(3)],
    )
    paths = [variable.path for variable in variables] + ["x"]
    for path, slope in zip(paths, found, strict=True):
        assert np.isfinite(slope).all(), path
        assert np.abs(slope).max() > 1e-6, path


# === What is in a block ===


def test_min_rnn_block_by_numpy():
    block = built(MinRNNBlock("min_gru", UNITS))
    w = {v.path: tools.to_numpy(v).astype("float64") for v in block.weights}

    def weight(*names):
        (found,) = (
            value
            for path, value in w.items()
            if path.split("/")[-len(names) :] == list(names)
        )
        return found

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
        return x * weight(name, "gamma") + weight(name, "beta")

    def dense(x, name):
        return x @ weight(name, "kernel") + weight(name, "bias")

    def gelu(v):
        erf = np.vectorize(lambda u: float(ops.convert_to_numpy(ops.erf(u))))
        return 0.5 * v * (1 + erf(v / np.sqrt(2.0)))

    x = inputs().astype("float64")
    n = np.concatenate([np.zeros((BATCH, 3, UNITS)), norm(x, "norm")], 1)
    conv = block.conv.cell
    kernel, bias = (tools.to_numpy(v) for v in (conv.kernel, conv.bias))
    c = bias + sum(kernel[j] * n[:, j : j + STEPS] for j in range(4))
    states = [np.zeros((BATCH, 2 * UNITS))]
    named, h = tools.named_weights(block.forward.cell), []
    for t in range(STEPS):
        y, states = REFERENCES["min_gru"](named, c[:, t], states)
        h.append(y)
    y = x + dense(np.stack(h, axis=1), "down")
    z = y + dense(gelu(dense(norm(y, "mlp_norm"), "mlp_up")), "mlp_down")
    assert error(block(inputs()), z) < 1e-5


def hand_count(cell, n):
    """Weights of the second of two blocks n wide, four heads."""
    conv = 4 * n + n
    if BLOCK_OF[cell] == "min_rnn":
        gates = {"min_gru": 2, "min_lstm": 3}[cell]
        rnn = gates * (n * 2 * n + 2 * n)
        mlp = (n * 4 * n + 4 * n) + (4 * n * n + n)
        return 2 * n + conv + rnn + (2 * n * n + n) + 2 * n + mlp
    if cell == "mlstm":
        m = 2 * n
        qkv = 3 * (m // 4) * 4 * 4
        gates = 3 * m * 8 + 8
        return n + n * 2 * m + 5 * m + qkv + gates + m + m + m * n
    if cell == "slstm":
        d, m = n // 4, round(4 * n / 3)
        own = 4 * 4 * d * d + 4 * n
        return n + conv + 4 * 4 * d * d + own + n + n + n * 2 * m + m * n
    norms = 4 * n
    if cell == "rwkv4":
        time = 4 * n * n + 5 * n
        return norms + time + 2 * n + n * n + 2 * n * 4 * n
    if cell == "rwkv6":
        mixes = 6 * n + 2 * 5 * 32 * n
        time = 5 * n * n + mixes + (n + 2 * 64 * n) + n + 2 * n
        return norms + time + 2 * n + n * n + 2 * n * int(3.5 * n)
    vectors = 6 * n + 3 * n + 3 * n + 2 * n
    time = 4 * n * n + vectors + 4 * 2 * 32 * n
    return norms + time + n + 2 * n * 4 * n


@each(fast=BLOCK_OF)
def test_number_of_weights(cell):
    stack = Stack(cell, UNITS, num_layers=2, block=BLOCK_OF[cell])
    stack.build((None, None, UNITS))
    _, second = stack.blocks
    assert second.count_params() == hand_count(cell, UNITS)


def test_a_memoryless_cell_runs_as_any_cell():
    """Step, loop and whole sequence, and against NumPy."""
    x = inputs()
    layer = Recurrent(CausalConv(UNITS, 3), return_sequences=True)
    built(layer)
    padded = np.concatenate([np.zeros((BATCH, 2, UNITS), "float32"), x], 1)
    kernel = tools.to_numpy(layer.cell.kernel)
    expected = tools.to_numpy(layer.cell.bias) + sum(
        kernel[n] * padded[:, n : n + STEPS] for n in range(3)
    )
    assert error(layer(x), expected) < 1e-6
    layer.parallel = False
    assert error(layer(x), expected) < 1e-6
    stock = keras.layers.RNN(layer.cell, return_sequences=True)
    assert error(stock(x), expected) < 1e-6


@pytest.mark.parametrize("version", [4, 6, 7])
def test_channel_mix_by_numpy(version):
    layer = built(Recurrent(ChannelMix(UNITS, 5, version)))
    w = tools.named_weights(layer.cell)
    x, previous = inputs()[:, -1], inputs()[:, -2]

    def shifted(name):
        mu = w[f"{name}_mix"]
        mu = mu if version == 4 else 1 - mu
        return (mu * x + (1 - mu) * previous) @ w[f"{name}_kernel"]

    y = np.maximum(shifted("key"), 0) ** 2 @ w["value_kernel"]
    if version != 7:
        y = sigmoid(shifted("receptance")) * y
    assert error(layer(inputs()), y) < 1e-5


def test_cells_without_projections():
    """A bare cell is one of these after its projections."""
    x = normal(BATCH, STEPS, 3)
    dtype = tools.EXACT

    def outputs(cell, x):
        layer = Recurrent(cell, return_sequences=True)
        return tools.to_numpy(built(layer, x.shape[-1])(x))

    bare = cells.MLSTM(UNITS, forget_gate="exp", dtype=dtype)
    y = outputs(bare, x)
    w = {v.name: tools.to_numpy(v) for v in bare.weights}
    q, k, v, o = np.split(x @ w["kernel"] + w["bias"], 4, axis=-1)
    b_k = np.split(w["bias"], 4)[1]
    k = k - b_k + b_k * np.sqrt(UNITS / 4)
    gates = x @ w["gate_kernel"] + w["gate_bias"]
    inner = cells.MLSTM(
        UNITS, forget_gate="exp", project_inputs=False, dtype=dtype
    )
    h = outputs(inner, np.concatenate([q, k, v, gates], axis=-1))
    assert inner.weights == []
    assert error(sigmoid(o) * h, y) < tools.ROUNDING

    bare = cells.SLSTM(UNITS, dtype=dtype)
    y = outputs(bare, x)
    kernel, recurrent_kernel, bias = bare.get_weights()
    layer = Recurrent(
        cells.SLSTM(UNITS, project_inputs=False, dtype=dtype),
        return_sequences=True,
    )
    layer.build((None, None, 4 * UNITS))
    layer.set_weights([recurrent_kernel, bias])
    assert error(layer(x @ kernel), y) < tools.ROUNDING


def test_initial_values():
    """Those that depend on width and depth; and what adds nothing yet."""
    block = MLSTMBlock("mlstm", 64, num_layers=4)
    block.build((None, None, 64))
    for layer, stddev in (
        (block.up, np.sqrt(2 / (5 * 64))),
        (block.query, np.sqrt(2 / (5 * 64))),
        (block.down, 2 / 4 / 8),
    ):
        kernel = tools.to_numpy(layer.kernel)
        assert abs(kernel.std() / stddev - 1) < 0.1
    assert (tools.to_numpy(block.gates.kernel) == 0).all()
    forget = tools.to_numpy(block.gates.bias)[4:]
    assert np.allclose(forget, [3, 4, 5, 6])
    assert (tools.to_numpy(block.skip) == 1).all()
    for cell in ("rwkv4", "rwkv6", "rwkv7"):
        block = RWKVBlock(cell, UNITS)
        block.build((None, None, UNITS))
        assert (tools.to_numpy(block.mix(inputs())[0]) == 0).all()


def test_blocks_of_rwkv7_share_the_first_value():
    """What the first cell makes of its input changes all the others."""
    stack = stack_of("rwkv7", num_layers=3, return_state=False)
    assert [block.output_size for block in stack.blocks] == [16, 16, 8]
    first, *_ = stack.blocks[0](inputs())
    second, *_ = stack.blocks[1](first)
    assert error(second[..., UNITS:], first[..., UNITS:]) == 0
    alone = RWKVBlock("rwkv7", UNITS)
    assert alone.forward.cell.first_value == "none"


# === Options ===


def test_an_instance_is_a_template():
    template = cells.MLSTM(24, num_heads=2, forget_gate="exp")
    stack = Stack(template, num_layers=2, block="xlstm")
    own = [block.forward.cell for block in stack.blocks]
    assert stack.output_size == 12
    for cell in own:
        assert cell.num_heads == 2 and cell.forget_gate == "exp"
        assert cell.units == 24 and not cell.project_inputs
    assert template.project_inputs and not template.built
    wide = built(Stack(cells.MinGRU(24), UNITS, block="min_rnn"))
    assert wide.state_size == [3 * UNITS, 24]
    assert tuple(wide(inputs()).shape) == (BATCH, STEPS, UNITS)


def test_conditionable_states_are_those_of_the_cells():
    """Set by a decoder's bridge; what a convolution has seen is not."""
    assert stack_of("min_gru").conditionable_states == (1, 3)
    assert stack_of("mlstm").conditionable_states == ()


def test_dropout_drops_in_training_alone():
    block = built(SLSTMBlock("slstm", UNITS, dropout=0.5))
    assert error(block(inputs()), block(inputs(), training=False)) == 0
    assert error(block(inputs(), training=True), block(inputs())) > 0.01


@each(fast=("mlstm",))
def test_mixed_precision(cell):
    wide = stack_of(cell, features=3)
    half = stack_of(cell, features=3, dtype="mixed_bfloat16")
    half.set_weights(wide.get_weights())
    expected, *_ = wide(inputs(3))
    y, *states = half(inputs(3), mask=MASK)
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    assert error(y[0], expected[0]) < 0.15
    dtypes = [keras.backend.standardize_dtype(s.dtype) for s in states]
    assert dtypes == half.state_dtypes
    y, _ = half.step(inputs(3)[:, 0], half.get_initial_state(BATCH))
    assert error(y, expected[:, 0]) < 0.15


# === Whole models ===


@each(fast=("rwkv7",))
def test_file_round_trip(cell, tmp_path):
    model = rnnzoo.build(
        "synced",
        vocabulary=9,
        num_outputs=3,
        cell=cell,
        units=UNITS,
        block=BLOCK_OF[cell],
        num_layers=2,
        dropout=0.1,
    )
    tools.randomise(model, scale=0.5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    ids = np.array([[5, 6, 7, 8], [3, 4, 0, 0]])
    assert error(loaded(ids), model(ids)) == 0
    stack = loaded.encoder.stack
    assert stack.block == BLOCK_OF[cell] and stack.num_layers == 2
    assert stack.blocks[1].num_layers == 2 and stack.blocks[1].index == 1
    y, states = loaded.step(ids[:, 0])
    y, _ = loaded.step(ids[:, 1], states)
    assert error(y, model(ids)[:, 1]) < 1e-5


def data(architecture):
    """`(options, x, y)` of one batch."""
    ids = np.array([[5, 6, 7, 2], [3, 4, 2, 0]])
    values = normal(2, 4, dtype="float32")
    pairs = {"source_vocabulary": 9, "target_vocabulary": 9}
    return {
        "many_to_one": ({"vocabulary": 9}, ids, np.array([0, 1])),
        "one_to_many": (
            {"input_shape": (4,), "vocabulary": 9},
            {"source": values, "target": ids},
            None,
        ),
        "one_to_one": ({"input_shape": (4,)}, values, np.array([3, 1])),
        "seq2seq": (pairs, {"source": ids, "target": ids}, None),
        "synced": ({"vocabulary": 9, "num_outputs": 9}, ids, ids),
    }[architecture]


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell, architecture",
    [
        *(("min_lstm", "synced"), ("rwkv4", "seq2seq"), ("rwkv6", "synced")),
        *(("min_gru", name) for name in rnnzoo.list_architectures()),
        *(("mlstm", "many_to_one"), ("mlstm", "synced")),
        *(("slstm", "one_to_many"), ("slstm", "synced")),
        *(("rwkv7", "one_to_one"), ("rwkv7", "seq2seq")),
    ],
)
def test_every_topology_trains(architecture, cell):
    """With blocks; and each class of blocks in more than one of them."""
    options, x, y = data(architecture)
    model = rnnzoo.build(
        architecture,
        cell=cell,
        units=UNITS,
        # Blocks of RWKV-7 are unlike the first.
        num_layers=2 if cell == "rwkv7" else 1,
        block=BLOCK_OF[cell],
        **options,
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    history = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert history[-1] < history[0]
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_an_encoder_with_a_block_reads_forwards():
    """Whether it does without is the option of the topology."""
    options = {"cell": "min_gru", "units": UNITS}
    model = rnnzoo.build("seq2seq", block="min_rnn", **options)
    assert not model.encoder.stack.bidirectional
    # Tokens are as wide as the stream, not as the cell.
    assert model.encoder.embedding.output_dim == UNITS
    assert rnnzoo.build("seq2seq", **options).encoder.stack.bidirectional


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: Stack("gru", 8, block="xlstm"),
            "cells: 'mlstm', 'slstm'. Received: a GRU",
        ),
        (lambda: Stack("gru", 8, block="xlsmt"), "Did you mean 'xlstm'"),
        (lambda: MLSTMBlock("gru", 8), "for the cells 'mlstm'. Received: GRU"),
        (
            lambda: Stack("mlstm", 8, block="xlstm", residual=True),
            "sums of its own. Received: residual=True",
        ),
        (
            lambda: Stack("mlstm", 8, block="xlstm", pre_norm=True),
            "norms of its own. Received: pre_norm=True",
        ),
        (
            lambda: rnnzoo.build(
                "seq2seq", cell="mlstm", block="xlstm", bidirectional=True
            ),
            "a stream of one width.*Received: bidirectional=True",
        ),
        (
            lambda: Stack("mlstm", 8, num_layers=0, block="xlstm"),
            "Received: num_layers=0",
        ),
        (lambda: Stack("mlstm", 8, block="xlstm", dropout=2), "dropout=2"),
        (
            lambda: Stack(cells.MLSTM(6, num_heads=1), block="xlstm"),
            "cell has 6 units. Received: units=3. Choose a multiple of two",
        ),
        (
            lambda: Stack(cells.RWKV4(6), 8, block="rwkv"),
            "Received: units=8 and a cell of 6 units",
        ),
        (
            lambda: Recurrent(cells.MLSTM(8, project_inputs=False))(inputs(3)),
            "here 32 features. Received: 3 features",
        ),
        (lambda: Recurrent(CausalConv(4))(inputs(3)), "units=4 and 3 features"),
        (
            lambda: built(MinRNNBlock("min_gru", 8))(
                inputs(), initial_state=[np.zeros((BATCH, 4), "float32")]
            ),
            "carries 2 states",
        ),
        (
            lambda: built(MinRNNBlock("min_gru", 8))(
                inputs(), constants=np.ones((BATCH, 4), "float32")
            ),
            "takes no constants",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
