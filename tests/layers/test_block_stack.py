"""`Block` and `Stack`: composition, both directions, steps, files."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Block, Recurrent, Stack
from tests.cells import tools
from tests.cells.rows import KINDS
from tests.cells.test_masks import MASK
from tests.cells.tools import error, normal

FEATURES = 3
BATCH, STEPS = MASK.shape
# A few of all: none, one and all of the options, and odd ones together.
OPTIONS = {
    "plain": {},
    "residual": {"residual": True},
    "pre_norm": {"pre_norm": True},
    "both": {"residual": True, "pre_norm": True},
    "bidirectional": {"bidirectional": True},
    "all": {"bidirectional": True, "residual": True, "pre_norm": True},
}
FORWARD = [name for name in OPTIONS if name not in ("bidirectional", "all")]


def inputs(features=FEATURES, seed=2):
    return normal(BATCH, STEPS, features, seed=seed, dtype="float32")


def built(layer, features=FEATURES):
    layer.build((BATCH, STEPS, features))
    return tools.randomise(layer)


def compose(block, x, mask=None):
    """A block by hand, from its parts."""
    normed = block.norm(x) if block.pre_norm else x
    y, *states = block.forward(normed, mask=mask)
    if block.bidirectional:
        z, *more = block.backward(normed, mask=mask)
        y, states = ops.concatenate([y, ops.flip(z, 1)], -1), states + more
    if block.residual:
        kernel = None if block.shortcut is None else block.shortcut.kernel
        y = y + (x if kernel is None else ops.matmul(x, kernel))
    return y, states


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("features", [3, 4])
@pytest.mark.parametrize("options", OPTIONS)
def test_block_is_its_parts(options, features, mask):
    """With a shortcut through a matrix only where widths differ."""
    options = OPTIONS[options]
    block = built(Block("gru", 4, return_state=True, **options), features)
    x = inputs(features)
    y, *states = block(x, mask=mask)
    assert error((y, states), compose(block, x, mask)) < 1e-6
    wide = 4 * (1 + bool(options.get("bidirectional")))
    assert tuple(y.shape) == (BATCH, STEPS, wide)
    through_matrix = bool(options.get("residual")) and wide != features
    assert (block.shortcut is not None) == through_matrix


def test_a_masked_step_is_its_shortcut_alone():
    block = built(Block("gru", 4, residual=True, bidirectional=False), 4)
    y = tools.to_numpy(block(inputs(4), mask=MASK))
    assert (y[~MASK] == inputs(4)[~MASK]).all()
    plain = built(Block("gru", 4), 4)
    assert (tools.to_numpy(plain(inputs(4), mask=MASK))[~MASK] == 0).all()


def test_pre_norm_normalises_the_input_and_leaves_the_shortcut():
    """By the formula of a layer norm, weights at one and zero."""
    block = Block("elman", 4, residual=True, pre_norm=True)
    block.build((BATCH, STEPS, 4))
    x = inputs(4)
    mean = x.mean(axis=-1, keepdims=True)
    normed = (x - mean) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-3)
    expected = x + tools.to_numpy(block.forward(normed)[0])
    assert error(block(x), expected) < 1e-5


@pytest.mark.parametrize("options", OPTIONS)
def test_stack_is_its_blocks(options):
    options = {"num_layers": 3, "return_state": True, **OPTIONS[options]}
    stack = built(Stack("lstm", 4, **options))
    y, states = inputs(), []
    for block in stack.blocks:
        y, new = compose(block, y, MASK)
        states += new
    if stack.norm is not None:
        y = stack.norm(y)
    found, *last = stack(inputs(), mask=MASK)
    assert error((found, last), (y, states)) < 1e-6
    assert [tuple(s.shape)[1] for s in last] == stack.state_size
    assert stack.output_size == found.shape[-1]
    again = stack(inputs(), initial_state=last, mask=MASK)
    assert error(again[0], found) > 0.01


@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param(
            name, options, marks=() if name in KINDS else pytest.mark.slow
        )
        for place, name in enumerate(sorted(cells.CELLS))
        for number, options in enumerate(FORWARD)
        # Cells that are like others take turns.
        if name in KINDS or number == place % len(FORWARD)
    ],
)
def test_steps_are_the_call(name, options):
    """Each of all cells, from the states that a first half leaves."""
    options = {"num_layers": 2, "return_state": True, **OPTIONS[options]}
    stack = built(Stack(name, 4, **options))
    expected, *last = stack(inputs())
    _, *states = stack(inputs()[:, :3])
    outputs = []
    for t in range(3, STEPS):
        y, states = stack.step(inputs()[:, t], states)
        outputs.append(y)
    assert error(ops.stack(outputs, axis=1), expected[:, 3:]) < 1e-5
    assert error(states, last) < 1e-5
    zero = stack.get_initial_state(BATCH)
    y, _ = stack.step(inputs()[:, 0], zero)
    assert error(y, expected[:, 0]) < 1e-5
    assert [tuple(s.shape) for s in zero] == [
        (BATCH, n) for n in stack.state_size
    ]


def test_a_bidirectional_layer_has_no_step():
    for layer in (
        Block("gru", 4, bidirectional=True),
        Stack("gru", 4, num_layers=2, bidirectional=True),
    ):
        layer = built(layer)
        states = layer.get_initial_state(BATCH)
        with pytest.raises(ValueError, match="no single step.*directional=Fal"):
            layer.step(inputs()[:, 0], states)


def test_both_directions_read_the_whole_sequence():
    """The backward state is that of the reversed sequence."""
    block = built(Block("gru", 4, bidirectional=True, return_state=True))
    _, forward, backward = block(inputs())
    assert error(forward, block.forward(inputs())[1]) < 1e-6
    turned = Recurrent(cells.clone(block.backward.cell))
    built(turned).set_weights(block.backward.get_weights())
    assert error(backward, turned(inputs()[:, ::-1])) < 1e-6
    given = [normal(BATCH, 4, seed=n, dtype="float32") for n in (5, 6)]
    y = block(inputs(), initial_state=given)[0]
    expected = block.backward(inputs(), initial_state=given[1:])[0]
    assert error(y[:, :, 4:], ops.flip(expected, axis=1)) < 1e-6


# === Cells as templates ===


def test_an_instance_is_a_template():
    """Cloned for each layer and direction: options go along, weights do not."""
    template = cells.GRU(4, reset_after=False, recurrent_dropout=0.2, seed=3)
    stack = built(Stack(template, num_layers=2, bidirectional=True))
    own = [layer.cell for block in stack.blocks for layer in block.directions()]
    assert len({id(cell) for cell in [*own, template]}) == 5
    for cell in own:
        assert not cell.reset_after and cell.recurrent_dropout == 0.2
    assert not template.built
    kernels = [tools.to_numpy(cell.recurrent_kernel) for cell in own]
    for n, kernel in enumerate(kernels):
        for other in kernels[:n]:
            assert (kernel != other).any()
    assert len(stack.trainable_weights) == 4 * 3


@pytest.mark.parametrize("template", ["gru", "keras"])
def test_cells_start_apart(template):
    """New weights, not copies of the template's, if it has any."""
    template = keras.layers.GRUCell(4) if template == "keras" else cells.GRU(4)
    stack = Stack(template, num_layers=2)
    stack.build((BATCH, STEPS, 4))
    first, second = (block.forward.cell.weights[0] for block in stack.blocks)
    assert error(first, second) > 0.01


def test_conditionable_states_count_through_layers_and_directions():
    stack = built(Stack("lstm", 4, num_layers=2, bidirectional=True))
    assert stack.conditionable_states == tuple(range(8))
    assert built(Stack("mlstm", 4, num_layers=2)).conditionable_states == ()


def test_dropout_drops_outputs_in_training_alone():
    stack = built(Stack("gru", 4, num_layers=1, dropout=0.5))
    plain = tools.to_numpy(stack(inputs()))
    dropped = tools.to_numpy(stack(inputs(), training=True))
    kept = dropped != 0
    assert 0.2 < kept.mean() < 0.8
    assert error(dropped[kept], 2 * plain[kept]) < 1e-6
    assert error(stack(inputs(), training=False), plain) == 0


@pytest.mark.parametrize("options", FORWARD)
def test_stateful_stack_continues(options):
    options = {"num_layers": 2, **OPTIONS[options]}
    whole = built(Stack("rwkv4", 4, **options))
    halves = built(Stack("rwkv4", 4, stateful=True, **options))
    expected = tools.to_numpy(whole(inputs()))
    for _ in range(2):
        assert error(halves(inputs()[:, :3]), expected[:, :3]) < 1e-6
        assert error(halves(inputs()[:, 3:]), expected[:, 3:]) < 1e-6
        halves.reset_state()


# === Files and errors ===


@pytest.mark.parametrize("kind", [Block, Stack])
def test_file_round_trip(kind, tmp_path):
    options = {
        "bidirectional": True,
        "residual": True,
        "pre_norm": True,
        "dropout": 0.1,
        "return_state": True,
    }
    if kind is Stack:
        options["num_layers"] = 2
    cell = cells.MLSTM(4, num_heads=2, forget_gate="exp", recurrent_dropout=0.1)
    layer = kind(cell, name="mine", **options)
    whole = keras.Input((None, FEATURES))
    model = tools.randomise(keras.Model(whole, layer(whole)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    config = loaded.get_layer("mine").get_config()
    for name, value in options.items():
        assert config[name] == value
    assert config["cell"]["config"]["forget_gate"] == "exp"
    assert config["cell"]["config"]["recurrent_dropout"] == 0.1
    assert error(loaded(inputs()), model(inputs())) == 0


OWN_CELL = """
    from keras import ops
    import rnnzoo

    class Leaky(rnnzoo.Cell):
        def __init__(self, units, leak=0.1, **kwargs):
            super().__init__(units, **kwargs)
            self.leak = leak

        def build(self, input_shape):
            super().build(input_shape)
            self.kernel = self.add_weight(
                shape=(self.input_dim, self.units), name="kernel"
            )

        def project(self, inputs, training=False):
            return ops.matmul(inputs, self.kernel)

        def step(self, projected, states):
            (h,) = states
            h = (1 - self.leak) * h + self.leak * ops.tanh(projected)
            return h, [h]

        def get_config(self):
            return {**super().get_config(), "leak": self.leak}
"""

LOAD = """
    import sys
    import keras, numpy
    import own_cell

    model = keras.saving.load_model("model.keras")
    assert model.layers[-1].blocks[1].forward.cell.leak == 0.7
    numpy.save("found.npy", model(numpy.load("x.npy")))
"""


@pytest.mark.slow
def test_an_own_cell_loads_in_a_fresh_process(tmp_path, monkeypatch):
    """It registers itself: its module has to be imported, and no more."""
    (tmp_path / "own_cell.py").write_text(textwrap.dedent(OWN_CELL))
    monkeypatch.syspath_prepend(tmp_path)
    import own_cell

    stack = Stack(own_cell.Leaky(4, leak=0.7), num_layers=2)
    whole = keras.Input((None, FEATURES))
    model = tools.randomise(keras.Model(whole, stack(whole)))
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", inputs())
    root = str(tools.ROOT)
    script = f"import sys; sys.path.insert(0, {root!r})" + "\n"
    done = subprocess.run(
        [sys.executable, "-c", script + textwrap.dedent(LOAD)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "found.npy")
    assert error(found, model(inputs())) == 0


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Stack("gru", 4, num_layers=0), "Received: num_layers=0"),
        (lambda: Stack("gru", 4, dropout=1.5), "Received: dropout=1.5"),
        (lambda: Block("gru", 4, dropout=-1), "Received: dropout=-1"),
        (lambda: Stack("lsmt", 4), "Did you mean 'lstm'"),
        (lambda: Stack(cells.GRU(4), 5), "units=5 and a GRU of 4 units"),
        (
            lambda: Stack("gru", 4).build((None, 3)),
            r"\(batch, timesteps, features\). Received: shape \(None, 3\)",
        ),
        (
            lambda: built(Stack("lstm", 4, num_layers=2))(
                inputs(), initial_state=[np.zeros((BATCH, 4), "float32")]
            ),
            "states",
        ),
        (
            lambda: built(Stack("lstm", 4))(
                inputs(), initial_state=[np.zeros((BATCH, 4), "float32")] * 3
            ),
            "states",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
