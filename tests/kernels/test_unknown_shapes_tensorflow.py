"""Kernels inside functions that know neither batch nor length."""

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo import kernels
from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.rows import CELL_ROWS, FEATURES, every_form
from tests.cells.test_masks import MASK
from tests.cells.tools import ROUNDING, error, normal
from tests.kernels import naive, test_loop, test_scans

LENGTHS = [1, 2, 16, 17, 64, 65, 100]


# Arrays of a length, kernel, its oracle, and its plain loop.
MATRIX = (
    test_scans.matrix,
    kernels.matrix_scan,
    naive.matrix_scan,
    test_scans.plain_matrix,
)
DELTA = (
    test_scans.delta,
    kernels.delta_scan,
    naive.delta_scan,
    test_scans.plain_delta,
)


def keyed(timesteps):
    return test_scans.matrix(timesteps, decays=test_scans.KEYS)


def specification(array, unknown):
    return tf.TensorSpec([None] * unknown + list(array.shape[unknown:]))


def compiled(function, arrays, unknown, **options):
    """`function` and the gradients of its sum, traced once for any length."""
    signature = [
        tf.TensorSpec([None] * n + list(a.shape[n:]), a.dtype)
        for a, n in zip(arrays, unknown, strict=True)
    ]

    @tf.function(input_signature=signature, **options)
    def both(*tensors):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            values = tf.nest.flatten(function(*tensors))
            total = tf.add_n([tf.reduce_sum(value) for value in values])
        return values, tape.gradient(total, tensors)

    return both


def slopes(function, arrays):
    _, found = tools.gradients(
        lambda *a: tf.add_n(
            [tf.reduce_sum(v) for v in tf.nest.flatten(function(*a))]
        ),
        [],
        arrays,
    )
    return found


def test_linear_scan():
    both = compiled(kernels.linear_scan, test_scans.vector(3), [2, 2, 1])
    for timesteps in LENGTHS:
        arrays = test_scans.vector(timesteps)
        (h,), found = both(*arrays)
        assert error(h, naive.linear_scan(*arrays)) < ROUNDING
        expected = slopes(test_scans.plain_linear, arrays)
        assert error(found, expected) < ROUNDING


def test_complex_scan():
    def scan(*arrays):
        return kernels.linear_scan(*arrays, is_complex=True)

    both = compiled(scan, test_scans.turning(3), [2, 2, 1])
    one = test_scans.turning(3, constant=True)
    both_constant = compiled(scan, one, [0, 2, 1])
    for timesteps in LENGTHS:
        for constant, function in ((False, both), (True, both_constant)):
            arrays = test_scans.turning(timesteps, constant=constant)
            (h,), found = function(*arrays)
            assert error(h, naive.complex_scan(*arrays)) < ROUNDING
            if timesteps in (1, 65):
                expected = slopes(test_scans.plain_complex, arrays)
                assert error(found, expected) < ROUNDING


@pytest.mark.parametrize("kind", ["one decay", "decays of keys", "delta"])
def test_matrix_scans(kind):
    make, scan, oracle, plain = {
        "one decay": MATRIX,
        "decays of keys": (keyed, *MATRIX[1:]),
        "delta": DELTA,
    }[kind]
    both = compiled(scan, make(3), [2] * (len(make(3)) - 1) + [1])
    for timesteps in LENGTHS:
        arrays = make(timesteps)
        values, found = both(*arrays)
        assert error(tuple(values), oracle(*arrays)) < ROUNDING
        if timesteps in (1, 65):
            assert error(found, slopes(plain, arrays)) < ROUNDING


@pytest.mark.parametrize("timesteps", [1, 65])
def test_scans_of_an_empty_batch(timesteps):
    """No row, and as many steps as were given, of values and gradients."""
    arrays = [a[:0] for a in test_scans.vector(timesteps)]
    (m,), _ = compiled(kernels.running_maximum, arrays, [2, 2, 1])(*arrays)
    assert m.shape == arrays[1].shape
    (h,), found = compiled(kernels.linear_scan, arrays, [2, 2, 1])(*arrays)
    assert h.shape == arrays[1].shape
    assert [f.shape for f in found] == [a.shape for a in arrays]
    for make, scan in (MATRIX[:2], (keyed, kernels.matrix_scan), DELTA[:2]):
        arrays = [a[:0] for a in make(timesteps)]
        both = compiled(scan, arrays, [2] * (len(arrays) - 1) + [1])
        (r, S), found = both(*arrays)
        assert r.shape == arrays[-2].shape
        assert S.shape == arrays[-1].shape
        assert [f.shape for f in found] == [a.shape for a in arrays]


def test_running_maximum():
    signature = [
        specification(a, n)
        for a, n in zip(
            [a.astype("float32") for a in test_scans.vector(3)],
            [2, 2, 1],
            strict=True,
        )
    ]
    scan = tf.function(kernels.running_maximum, input_signature=signature)
    for timesteps in LENGTHS:
        decay, candidate, initial = test_scans.vector(timesteps)
        arrays = [
            a.astype("float32") for a in (np.log(decay), candidate, initial)
        ]
        expected = naive.running_maximum(*arrays)
        assert error(scan(*arrays), expected) < 1e-5


def test_loop_with_lengths():
    def function(x, h, counts):
        outputs, last, (state,) = kernels.loop(
            test_loop.step, x, [h], tf.zeros_like(h), counts
        )
        return outputs, last, state

    units = test_loop.UNITS
    signature = [
        tf.TensorSpec([None, None, units], "float64"),
        tf.TensorSpec([None, units], "float64"),
        tf.TensorSpec([None], "int32"),
    ]
    function = tf.function(function, input_signature=signature)
    for timesteps in (1, 2, 7):
        x, h = test_loop.arrays(timesteps)
        counts = np.array([timesteps, 1, 0, 2], "int32")
        expected = naive.loop(test_loop.numpy_step, x, h, counts)
        assert error(function(x, h, counts), expected) < ROUNDING


@every_form(CELL_ROWS, steps=())
def test_layers(row, form):
    """One graph for every length and mask, with the states to start from."""
    layer = tools.sequence_layer(row)
    sizes = layer.state_size

    def function(x, mask, *states):
        return tools.run(layer, x, list(states), form, mask=mask)

    graph = tf.function(
        function,
        input_signature=[
            tf.TensorSpec([None, None, FEATURES], "float64"),
            tf.TensorSpec([None, None], "bool"),
            *(tf.TensorSpec([None, n], "float64") for n in sizes),
        ],
    )
    for timesteps in (1, 3, 6):
        mask = MASK[:, :timesteps]
        x = normal(*mask.shape, FEATURES, seed=timesteps)
        states = tools.start(layer, len(x))
        expected = function(x, mask, *states)
        assert error(graph(x, mask, *states), expected) < ROUNDING


@every_form(CELL_ROWS, steps=())
def test_an_empty_batch(row, form):
    """What a replica gets of a batch that has fewer rows than replicas."""
    layer = tools.sequence_layer(row)
    x, mask = np.zeros((0, 6, FEATURES)), np.zeros((0, 6), "bool")
    with tf.GradientTape() as tape:
        outputs, states = tools.run(layer, x, form=form, mask=mask)
        total = tf.reduce_sum(outputs)
    found = tape.gradient(total, layer.trainable_weights)
    assert outputs.shape == (0, 6, layer.cell.output_size)
    assert [s.shape for s in states] == [(0, n) for n in layer.state_size]
    assert not any(slope.numpy().any() for slope in found)


def test_static_shapes_survive():
    """What follows a recurrent layer may need to know its sizes."""
    layer = Recurrent("gru", units=5, return_sequences=True, return_state=True)
    shapes = []

    @tf.function(
        input_signature=[tf.TensorSpec([None, 7, FEATURES], "float32")]
    )
    def function(x):
        outputs, state = layer(x)
        shapes.append([outputs.shape.as_list(), state.shape.as_list()])
        return outputs

    layer.build((None, 7, FEATURES))
    function(np.ones((2, 7, FEATURES), "float32"))
    assert shapes == [[[None, 7, 5], [None, 5]]]
