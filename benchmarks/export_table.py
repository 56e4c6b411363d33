"""What can be exported: every cell, one step and whole sequences.

Writes rnnzoo/architectures/EXPORT.md. A model of each cell is exported, the
file is run on its own, and its numbers are held to those of the model.

Run: python benchmarks/export_table.py [--only gru min_gru]
"""

import argparse
import logging
import pathlib
import tempfile
import warnings

import keras
import numpy as np
import tensorflow as tf

import rnnzoo

PAGE = (
    pathlib.Path(__file__)
    .parents[1]
    .joinpath("rnnzoo", "architectures", "EXPORT.md")
)
BATCH, TIMESTEPS, VOCABULARY = 2, 4, 11
BOUND = 1e-5

INTRODUCTION = f"""\
# What can be exported

Made by `python benchmarks/export_table.py` on TensorFlow {tf.__version__} and
Keras {keras.__version__}: a `synced` model of each cell was exported, the file
run without rnnzoo, and its numbers held to the model's, to {BOUND:.0e}.

* *Step* is `model.export_step(path)`: one time step, states in and out, any
  batch size; for LiteRT with `format="litert", batch_size=...`.
* *Whole* is `model.export(path)` of Keras: whole sequences of any length; for
  LiteRT of one batch size and length, which go in as `input_signature=
  [keras.layers.InputSpec(shape=(batch, timesteps), dtype="int32")]`. Without
  them Keras writes a file that LiteRT does not run.

Bidirectional models have no step. Those that write sequences, `one_to_many`
and `seq2seq`, are not in this table.

| cell | step, SavedModel | step, LiteRT | whole, SavedModel | whole, LiteRT |
|---|---|---|---|---|
"""


def build(cell):
    """`(model, ids, outputs)`: what every column is held to."""
    keras.utils.set_random_seed(1)
    model = rnnzoo.build(
        "synced", vocabulary=VOCABULARY, num_outputs=3, cell=cell, units=8
    )
    rng = np.random.default_rng(0)
    # What starts at zero would hide a state that is lost.
    for weight in model.trainable_variables:
        if not keras.ops.convert_to_numpy(weight).any():
            weight.assign(rng.normal(0, 0.3, weight.shape))
    ids = rng.integers(4, VOCABULARY, (BATCH, TIMESTEPS)).astype("int32")
    return model, ids, keras.ops.convert_to_numpy(model(ids))


# === Running what was written ===


def interpreter(path):
    with warnings.catch_warnings():
        # Told to all: a package that is no dependency will replace it.
        warnings.simplefilter("ignore", UserWarning)
        return tf.lite.Interpreter(model_path=str(path))


def stream(step, states, ids):
    """Outputs of a signature, one step after the other."""
    outputs = []
    for t in range(ids.shape[1]):
        found = dict(step(inputs=ids[:, t], **states))
        outputs.append(np.array(found.pop("outputs")))
        states = found
    return np.stack(outputs, axis=1)


def step_saved_model(model, ids, folder):
    model.export_step(folder / "step")
    loaded = tf.saved_model.load(str(folder / "step"))
    states = loaded.signatures["initial_states"](
        batch_size=tf.constant(len(ids))
    )

    def step(inputs, **states):
        return loaded.signatures["serving_default"](
            inputs=tf.constant(inputs), **states
        )

    return stream(step, states, ids)


def step_litert(model, ids, folder):
    path = folder / "step.tflite"
    model.export_step(path, format="litert", batch_size=len(ids))
    file = interpreter(path)
    states = file.get_signature_runner("initial_states")()
    step = file.get_signature_runner("serving_default")
    return stream(step, states, ids)


def whole_saved_model(model, ids, folder):
    model.export(folder / "whole", verbose=False)
    loaded = tf.saved_model.load(str(folder / "whole"))
    return loaded.serve(tf.constant(ids)).numpy()


def whole_litert(model, ids, folder):
    path = folder / "whole.tflite"
    spec = keras.layers.InputSpec(shape=ids.shape, dtype="int32")
    model.export(path, format="litert", input_signature=[spec], verbose=False)
    (outputs,) = interpreter(path).get_signature_runner()(inputs=ids).values()
    return outputs


COLUMNS = (step_saved_model, step_litert, whole_saved_model, whole_litert)


def answer(column, model, ids, outputs):
    """ "yes", or what went wrong, for one entry of the table."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = column(model, ids, pathlib.Path(folder))
        except Exception as error:  # Converters raise their own, of all kinds.
            if "Select TensorFlow op" in str(error):
                return "no: has operations that LiteRT lacks"
            return f"no: {' '.join(str(error).split())[:60]}".replace("|", "/")
    difference = np.abs(found - outputs).max()
    return "yes" if difference < BOUND else f"no: differs by {difference:.0e}"


def line(cell):
    """One row of the table."""
    case = build(cell)
    answers = [answer(column, *case) for column in COLUMNS]
    return f"| `{cell}` | {' | '.join(answers)} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", help="cells; writes no page")
    arguments = parser.parse_args()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    lines = []
    for cell in arguments.only or rnnzoo.list_cells():
        lines.append(line(cell))
        print(lines[-1], end="", flush=True)
        keras.backend.clear_session()
    if not arguments.only:
        PAGE.write_text(INTRODUCTION + "".join(lines), "utf-8")


if __name__ == "__main__":
    main()
