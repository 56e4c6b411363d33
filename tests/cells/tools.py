"""What the tests of cells and layers share, on either backend."""

import pathlib

import keras
import numpy as np
from keras import ops

from rnnzoo.cells import SLSTM
from rnnzoo.layers import Recurrent
from tests.cells.rows import FEATURES
from tests.references import REFERENCES

ON_JAX = keras.backend.backend() == "jax"
ROOT = pathlib.Path(__file__).parents[2]
BATCH = 3
FORMS = ("step", "loop", "parallel")
# Keras on JAX computes tanh, exp and others of float64 in float32.
EXACT = "float32" if ON_JAX else "float64"
# What is equal up to rounding in that type, errors relative to what is large.
ROUNDING = 1e-4 if ON_JAX else 1e-9


def normal(*shape, seed=0, scale=1.0, dtype=EXACT):
    values = np.random.default_rng(seed).normal(0.0, scale, shape)
    return values.astype(dtype)


def randomise(layer, seed=0, scale=0.7):
    """Random values for all weights, also those that start at zero."""
    generator = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(generator.normal(0.0, scale, weight.shape))
    return layer


def layer_of(row, dtype=EXACT, cell_options=None, **options):
    """A built `Recurrent` around the row's cell, with random weights."""
    cell = row.cell(dtype=dtype, **(cell_options or {}))
    layer = Recurrent(cell, **options)
    layer.build((BATCH if layer.stateful else None, None, FEATURES))
    return randomise(layer)


def sequence_layer(row, **options):
    """As `layer_of`, returning sequences and states."""
    return layer_of(row, return_sequences=True, return_state=True, **options)


def named_weights(cell):
    return {w.name: to_numpy(w).astype("float64") for w in cell.weights}


def to_numpy(x):
    """NumPy, float32 where NumPy has no such type."""
    x = ops.convert_to_tensor(x.value if isinstance(x, keras.Variable) else x)
    if keras.backend.standardize_dtype(x.dtype) == "bfloat16":
        x = ops.cast(x, "float32")
    return ops.convert_to_numpy(x)


def run(layer, x, states=None, form="parallel", **arguments):
    """`(outputs (batch, timesteps, n), states)` of one of `FORMS`.

    `layer` returns sequences and states; `x` and `states` are arrays.
    """
    if form == "step":
        states = layer.get_initial_state(len(x)) if states is None else states
        states = [ops.convert_to_tensor(s) for s in states]
        outputs = []
        for t in range(x.shape[1]):
            output, states = layer.step(x[:, t], states)
            outputs.append(output)
        return ops.stack(outputs, axis=1), states
    layer.parallel = form == "parallel"
    outputs, *states = layer(x, initial_state=states, **arguments)
    return outputs, states


def reference(row, weights, x, states, mask=None, **arguments):
    """As `run`, by the NumPy reference, masked steps deleted.

    Their outputs are the last valid ones, and zero before the first.
    """
    step, options = REFERENCES[row.name], row.form
    mask = np.ones(x.shape[:2], "bool") if mask is None else mask
    outputs, last = [], []
    for e in range(len(x)):
        own = [np.asarray(s[e : e + 1], "float64") for s in states]
        output, rows = None, []
        for t in range(x.shape[1]):
            if mask[e, t]:
                output, own = step(
                    weights, x[e : e + 1, t], own, **arguments, **options
                )
            rows.append(output)
        outputs.append(rows)
        last.append(own)
    width = next(y for rows in outputs for y in rows if y is not None).shape
    outputs = np.array(
        [
            [np.zeros(width) if y is None else y for y in rows]
            for rows in outputs
        ]
    )
    states = [np.concatenate(s) for s in zip(*last, strict=True)]
    return outputs[:, :, 0], states


def start(layer, batch=BATCH):
    """The initial states as float64 arrays."""
    initial = layer.get_initial_state(batch)
    return [to_numpy(s).astype("float64") for s in initial]


def difference_bound(row):
    """How far a gradient may be from a central difference."""
    return 1e-3 if ON_JAX else row.difference


def differences(row, x, states, gradients, **arguments):
    """Slopes along random directions: `gradients` and the reference's own.

    Two lists, one number for each weight, then for x and each state.
    """
    layer = layer_of(row)
    weights = named_weights(layer.cell)
    # A frozen weight has no gradient.
    trained = [w.name for w in layer.cell.trainable_weights]
    arrays = [*(weights[name] for name in trained), x, *states]
    arrays = [np.asarray(a, "float64") for a in arrays]

    def value(arrays):
        x, *states = arrays[len(trained) :]
        own = {**weights, **dict(zip(trained, arrays, strict=False))}
        results = reference(row, own, x, states, **arguments)
        return weighted(layer.cell, *results, np)

    slopes, expected = [], []
    for n, array in enumerate(arrays):
        d = normal(*array.shape, seed=n, dtype="float64")
        ahead, behind = (
            value([*arrays[:n], array + step * d, *arrays[n + 1 :]])
            for step in (1e-5, -1e-5)
        )
        slopes.append(np.sum(gradients[n] * d))
        expected.append((ahead - behind) / 2e-5)
    return slopes, expected


def error(actual, expected):
    """Largest difference, relative to the largest number or to one."""
    pairs = zip(
        keras.tree.flatten(actual), keras.tree.flatten(expected), strict=True
    )
    errors = []
    for a, e in pairs:
        a, e = (to_numpy(v).astype("float64") for v in (a, e))
        assert a.shape == e.shape
        assert np.isfinite(e).all()
        # A difference that is no number is no small one.
        gap = np.nan_to_num(np.abs(a - e), nan=np.inf)
        errors.append(np.max(gap) / max(1.0, np.max(np.abs(e))))
    return max(errors)


def weighted(cell, outputs, states=(), numbers=ops):
    """A scalar that every number of outputs and states enters differently.

    `numbers` is the module that computes, `keras.ops` or NumPy.
    """
    total = 0.0
    for n, value in enumerate([outputs, *without_gauge(cell, states, numbers)]):
        factors = normal(*value.shape, seed=50 + n)
        total = total + numbers.sum(value * factors)
    return total


def without_gauge(cell, states, numbers=ops):
    """The states that mean something by themselves.

    A stabilised cell carries its linear states divided by exp(m), whatever m
    is; the products are what its equations without m would carry. They grow
    exponentially, so it is their logarithm, on both sides of zero. The h of an
    sLSTM is no such state.
    """
    if not states or not getattr(cell, "stabilised", False):
        return list(states)
    plain = isinstance(cell, SLSTM)
    *linear, m = states[plain : len(cell.carry_size)]
    scale = numbers.exp(m)[..., None]
    products = [
        numbers.arcsinh(numbers.reshape(state, (*m.shape, -1)) * scale)
        for state in linear
    ]
    return [*states[:plain], *products, *states[len(cell.carry_size) :]]


def gradients(function, variables, arrays, compiled=False):
    """`(value, gradients)` of `function(*arrays)`, a scalar.

    The gradients are arrays, one for each variable and then one for each of
    `arrays`; zeros where `function` does not depend on it.
    """
    differentiate = jax_gradients if ON_JAX else tensorflow_gradients
    return differentiate(function, list(variables), list(arrays), compiled)


def tensorflow_gradients(function, variables, arrays, compiled):
    import tensorflow as tf

    def both(*tensors):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        sources = [*variables, *tensors]
        found = tape.gradient(value, sources)
        return value, [
            ops.zeros_like(source) if slope is None else slope
            for source, slope in zip(sources, found, strict=True)
        ]

    if compiled:
        both = tf.function(both, jit_compile=True)
    value, found = both(*[tf.convert_to_tensor(a) for a in arrays])
    return to_numpy(value), [to_numpy(g) for g in found]


def jax_gradients(function, variables, arrays, compiled):
    import jax

    def pure(values, tensors):
        mapping = list(zip(variables, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return function(*tensors)

    both = jax.jit(jax.value_and_grad(pure, argnums=(0, 1)))
    values = [v.value for v in variables]
    value, found = both(values, [ops.convert_to_tensor(a) for a in arrays])
    return to_numpy(value), [to_numpy(g) for part in found for g in part]
