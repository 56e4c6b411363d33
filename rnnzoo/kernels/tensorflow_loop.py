"""The loop over time as a TensorFlow while-loop.

`keras.ops.scan` wants outputs shaped like the carry on TensorFlow, and has no
gradient under XLA there.
"""

import tensorflow as tf
from keras import tree


def loop(masked_step, inputs, states, output, keep_outputs):
    """As `rnnzoo.kernels.loop`, with `masked_step(t, x_t, last, states)`."""
    flat = [time_major(x) for x in tree.flatten(inputs)]
    timesteps = tf.shape(flat[0])[0]
    static_timesteps = flat[0].shape[0]
    arrays = [
        tf.TensorArray(
            x.dtype, timesteps, element_shape=x.shape[1:], infer_shape=True
        ).unstack(x)
        for x in flat
    ]
    kept = tree.flatten(output) if keep_outputs else []
    outputs = [
        tf.TensorArray(y.dtype, timesteps, element_shape=y.shape) for y in kept
    ]

    def body(t, outputs, last, states):
        inputs_t = tree.pack_sequence_as(inputs, [a.read(t) for a in arrays])
        new = masked_step(t, inputs_t, last, list(states))
        new_last, new_states = keep_shapes((last, states), new)
        outputs = [
            array.write(t, y)
            for array, y in zip(outputs, tree.flatten(new_last), strict=False)
        ]
        return t + 1, outputs, new_last, new_states

    _, outputs, last, states = tf.while_loop(
        lambda t, *_: t < timesteps,
        body,
        (0, outputs, output, list(states)),
        # Known to XLA, which needs a bound to differentiate the loop.
        maximum_iterations=timesteps,
    )
    if not keep_outputs:
        return None, last, states

    def stacked(array, y):
        stack = time_major(array.stack())
        stack.set_shape([y.shape[0], static_timesteps, *y.shape[1:]])
        return stack

    outputs = [stacked(*pair) for pair in zip(outputs, kept, strict=True)]
    return tree.pack_sequence_as(output, outputs), last, states


def keep_shapes(old, new):
    """`new`, whose static shapes are those of `old`, as a loop demands."""
    new = (new[0], list(new[1]))
    for before, after in zip(tree.flatten(old), tree.flatten(new), strict=True):
        after.set_shape(before.shape)
    return new


def time_major(x):
    return tf.transpose(x, [1, 0, *range(2, len(x.shape))])
