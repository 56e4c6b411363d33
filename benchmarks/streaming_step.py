"""What a streaming step costs beyond its cell.

Each row is one run of all sides, in turns: `model.step`, and a bare
`tf.function` of the same cell and the product of the head, which is handed
tensors and returns tensors. `exported` is the SavedModel of
`model.export_step`, loaded. A ratio of 1.5 to the bare function is the bar;
`eager` is the same step with nothing compiled.

Run: python benchmarks/streaming_step.py [--rounds 9] [--batch 1]
"""

import argparse
import tempfile

import keras
import numpy as np
import tensorflow as tf
from _race import race

import rnnzoo

CELLS = ("gru", "lstm", "min_gru", "mlstm")
FEATURES, UNITS, OUTPUTS = 128, 256, 10
STEPS = 200


def bare_step(model):
    """The cell and the head as one `tf.function`, as one would write it."""
    cell, head = model.encoder.stack.blocks[0].forward.cell, model.head

    @tf.function(autograph=False)
    def step(inputs, states):
        features, states = cell(inputs, states)
        return head(features), states

    return step


def exported_step(model):
    """The signature of the exported step, with a step's arguments."""
    with tempfile.TemporaryDirectory() as folder:
        model.export_step(folder)
        loaded = tf.saved_model.load(folder)
    signature = loaded.signatures["serving_default"]
    names = [f"state_{n}" for n in range(len(model.state_types))]

    def step(inputs, states):
        named = dict(zip(names, states, strict=True))
        found = signature(inputs=inputs, **named)
        return found["outputs"], [found[name] for name in names]

    # The functions live as long as what was loaded.
    step.loaded = loaded
    return step


def run(step, inputs, states):
    """`STEPS` steps, each from the states of the one before."""

    def stream():
        last = states
        for _ in range(STEPS):
            outputs, last = step(inputs, last)
        return outputs.numpy()

    return stream


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, default=1)
    arguments = parser.parse_args()
    names = ("bare", "step", "exported", "eager")
    print(
        f"batch {arguments.batch}, {FEATURES} -> {UNITS}, microseconds a step"
    )
    heading = "".join(f"{name:>10}" for name in names)
    print(f"{'cell':10}{heading}{'step / bare':>14}{'exported / bare':>17}")
    for cell in CELLS:
        keras.utils.set_random_seed(1)
        model = rnnzoo.build(
            "synced",
            input_dim=FEATURES,
            num_outputs=OUTPUTS,
            cell=cell,
            units=UNITS,
        )
        values = np.random.normal(size=(arguments.batch, FEATURES))
        values = tf.constant(values, "float32")
        states = model.initial_states(arguments.batch)
        steps = {
            "bare": bare_step(model),
            "step": model.step,
            "exported": exported_step(model),
            "eager": model.advance,
        }
        best = race(
            {name: run(step, values, states) for name, step in steps.items()},
            arguments.rounds,
        )
        times = "".join(f"{1e6 * best[n] / STEPS:10.0f}" for n in names)
        print(
            f"{cell:10}{times}{best['step'] / best['bare']:14.2f}"
            f"{best['exported'] / best['bare']:17.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
