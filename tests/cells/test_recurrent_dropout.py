"""Recurrent dropout: one mask per sequence, where the cell says."""

import keras
import numpy as np

from tests.cells import tools
from tests.cells.rows import CELL_ROWS, FEATURES, LINEAR_ROWS, ROWS, every
from tests.cells.tools import ROUNDING, error, normal

RATE = 0.4
BATCH, STEPS = 4, 6


def layer_of(row, **options):
    return tools.sequence_layer(
        row, cell_options={"recurrent_dropout": RATE, "seed": 3}, **options
    )


def fixed(layer):
    """Draws a mask once; the layer gets it for every sequence from now on."""
    noise = layer.cell.draw_noise(BATCH, training=True)
    layer.cell.draw_noise = lambda batch_size, training=False: noise
    noise = tools.to_numpy(noise).astype("float64")
    # An mlstm's last column stands for the normaliser, which is not dropped.
    return noise[..., : layer.cell.head_dim] if noise.ndim == 3 else noise


@every(ROWS)
def test_the_same_units_are_dropped_at_every_step(row):
    """Loop and parallel form are the equations under one mask."""
    x = normal(BATCH, STEPS, FEATURES, seed=2)
    layer = layer_of(row)
    keep = fixed(layer)
    assert 0 < (keep == 0).mean() < 1
    weights = tools.named_weights(layer.cell)
    start = tools.start(layer, BATCH)
    expected = [
        tools.reference(
            row,
            weights,
            x[e : e + 1],
            [s[e : e + 1] for s in start],
            keep=keep[e : e + 1],
        )
        for e in range(BATCH)
    ]
    expected = keras.tree.map_structure(
        lambda *parts: np.concatenate(parts), *expected
    )
    for form in row.loops:
        found = tools.run(layer, x, form=form, training=True)
        assert error(found, expected) < ROUNDING
    without = tools.run(tools.sequence_layer(row), x)
    assert error(found, without) > 0.01


@every(LINEAR_ROWS)
def test_gradients_under_one_mask(row):
    layer = layer_of(row)
    fixed(layer)

    def gradients(form):
        def function(x):
            results = tools.run(layer, x, form=form, training=True)
            return tools.weighted(layer.cell, *results)

        x = normal(BATCH, STEPS, FEATURES, seed=2)
        return tools.gradients(function, layer.trainable_variables, [x])

    assert error(gradients("parallel"), gradients("loop")) < ROUNDING


@every(CELL_ROWS)
def test_masks_differ_and_keep_the_mean(row):
    """Between examples, units and calls; zero, or 1 / (1 - rate)."""
    cell = layer_of(row).cell
    draws = [
        tools.to_numpy(cell.draw_noise(4000, training=True)) for _ in range(2)
    ]
    assert (draws[0] != draws[1]).any()
    keep = draws[0]
    if keep.ndim == 3:
        keep = keep[..., : cell.head_dim]
    values = np.unique(keep.round(4))
    assert values.shape == (2,)
    assert np.allclose(values, [0.0, 1 / (1 - RATE)], atol=1e-4)
    # Five standard deviations of the mean of 4,000 masks.
    spread = 5 * np.sqrt(RATE / (1 - RATE) / 4000)
    assert np.abs(keep.mean(axis=0) - 1).max() < spread
    # Drawn for each unit; all together they would be two.
    assert len(np.unique(keep.reshape(4000, -1), axis=0)) > 3


def test_the_output_keeps_its_mean():
    """Exactly so where the dropped part enters linearly."""
    row = next(row for row in ROWS if row.name == "min_gru")
    layer = layer_of(row)
    x = np.repeat(normal(1, STEPS, FEATURES, seed=2), 20_000, axis=0)
    outputs, _ = tools.run(layer, x, training=True)
    expected, _ = tools.run(layer, x[:1])
    mean = tools.to_numpy(outputs).mean(axis=0)
    assert np.abs(mean - tools.to_numpy(expected)[0]).max() < 0.03


@every(ROWS)
def test_none_at_inference(row):
    x = normal(BATCH, STEPS, FEATURES, seed=2)
    expected = tools.run(tools.sequence_layer(row), x)
    layer = layer_of(row)
    assert layer.cell.draw_noise(BATCH, training=False) is None
    for form in ("step", *row.loops):
        assert error(tools.run(layer, x, form=form), expected) < ROUNDING


def test_a_seed_repeats_the_masks():
    x = normal(BATCH, STEPS, FEATURES, seed=2)
    first, second = (
        tools.run(layer_of(CELL_ROWS[0]), x, training=True) for _ in range(2)
    )
    assert error(first, second) == 0


@every(CELL_ROWS)
def test_inside_a_compiled_training_step(row):
    """Drawn anew at each call of one and the same graph."""
    layer = layer_of(row, dtype="float32")
    inputs = keras.Input((STEPS, FEATURES))
    # Cells may have frozen weights alone, and Keras warns of such models.
    outputs = keras.layers.Dense(2)(layer(inputs)[0])
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    x = normal(BATCH, STEPS, FEATURES, seed=2, dtype="float32")
    losses = [model.train_on_batch(x, model(x)) for _ in range(2)]
    assert losses[0] > 1e-8 and losses[1] > 1e-8
    assert losses[0] != losses[1]
