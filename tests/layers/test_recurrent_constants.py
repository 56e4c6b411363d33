"""Constants: what a cell reads at every step beside its input."""

import keras
import pytest
from keras import ops

import rnnzoo
from rnnzoo.layers import Block, Recurrent, Stack
from tests.cells import tools
from tests.cells.test_masks import MASK
from tests.cells.tools import error, normal

FEATURES, CONTEXT = 3, 2
BATCH, STEPS = MASK.shape


class Conditioned(rnnzoo.Cell):
    """h_t = tanh(W x_t + V c + h_{t-1} / 2), c the constant."""

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_weight(
            shape=(self.input_dim, self.units), name="kernel"
        )
        self.context_kernel = self.add_weight(
            shape=(CONTEXT, self.units), name="context_kernel"
        )

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel)

    def step(self, projected, states, constants=None):
        (h,) = states
        if constants is not None:
            projected += ops.matmul(constants["context"], self.context_kernel)
        h = ops.tanh(projected + 0.5 * h)
        return h, [h]


def inputs():
    x = normal(BATCH, STEPS, FEATURES, seed=1, dtype="float32")
    return x, normal(BATCH, CONTEXT, seed=2, dtype="float32")


def built(layer):
    layer.build((BATCH, STEPS, FEATURES))
    return tools.randomise(layer)


def joined(layer):
    """An Elman cell that reads input and constant as one vector."""
    weights = tools.named_weights(layer.cell)
    cell = rnnzoo.cells.Elman(4)
    elman = Recurrent(cell, return_sequences=True, return_state=True)
    elman.build((BATCH, STEPS, FEATURES + CONTEXT))
    kernel = [weights["kernel"], weights["context_kernel"]]
    cell.kernel.assign(ops.concatenate(kernel, axis=0))
    cell.recurrent_kernel.assign(0.5 * ops.eye(4))
    return elman


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_constants_reach_every_step(mask):
    layer = built(
        Recurrent(Conditioned(4), return_sequences=True, return_state=True)
    )
    x, context = inputs()
    found = layer(x, mask=mask, constants={"context": context})
    repeated = ops.repeat(context[:, None], STEPS, axis=1)
    both = ops.concatenate([x, repeated], axis=-1)
    assert error(found, joined(layer)(both, mask=mask)) < 1e-6
    assert error(found, layer(x, mask=mask)) > 0.01
    h = layer.get_initial_state(BATCH)
    output, _ = layer.step(x[:, 0], h, constants={"context": context})
    if mask is None:
        assert error(output, found[0][:, 0]) < 1e-6


@pytest.mark.parametrize("name", ["block", "stack"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_constants_reach_every_layer(name, bidirectional):
    options = {"bidirectional": bidirectional}
    if name == "stack":
        layer = Stack(Conditioned(4), num_layers=2, **options)
    else:
        layer = Block(Conditioned(4), **options)
    layer = built(layer)
    x, context = inputs()

    def function(context):
        outputs = layer(x, constants={"context": context})
        return tools.weighted(None, outputs)

    _, found = tools.gradients(function, layer.trainable_variables, [context])
    names = [weight.name for weight in layer.trainable_variables]
    assert names.count("context_kernel") == (1 + (name == "stack")) * (
        1 + bidirectional
    )
    for gradient in found:
        assert abs(gradient).max() > 1e-6


def test_constants_in_a_functional_model(tmp_path):
    sequences = keras.Input((None, FEATURES))
    context = keras.Input((CONTEXT,))
    layer = Recurrent(Conditioned(4))
    outputs = layer(sequences, constants={"context": context})
    model = tools.randomise(keras.Model([sequences, context], outputs))
    x, c = inputs()
    expected = tools.to_numpy(layer(x, constants={"context": c}))
    assert error(model([x, c]), expected) < 1e-6
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(loaded([x, c]), model([x, c])) == 0


def test_cells_without_constants_refuse_them():
    layer = built(Recurrent("gru", units=4))
    x, context = inputs()
    message = "cell GRU takes no constants. Give its `step` an argument"
    with pytest.raises(ValueError, match=message):
        layer(x, constants=context)
    with pytest.raises(ValueError, match=message):
        layer.step(x[:, 0], layer.get_initial_state(BATCH), constants=context)
    with pytest.raises(ValueError, match=message):
        built(Stack("gru", units=4))(x, constants=context)
