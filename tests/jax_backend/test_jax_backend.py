"""Cells, kernels and layers on the JAX backend, in a process of its own."""

import os
import re
import subprocess
import sys

import pytest

from tests.cells.tools import ROOT

# The tables, the loop, what layers pass around it.
FAST = [
    "tests/cells/test_tables.py",
    "tests/kernels/test_loop.py",
    "tests/layers/test_recurrent_constants.py",
]
# Everything that holds for any backend; what is TensorFlow's says so.
ALL = [
    "tests/architectures/test_crf.py::"
    "test_metrics_are_of_the_weights_that_gave_the_outputs",
    "tests/cells",
    "tests/decoding/test_ctc.py::test_narrow_beams_are_what_numpy_does",
    "tests/kernels",
    "tests/layers/test_block_stack.py::test_stack_is_its_blocks",
    "tests/layers/test_block_stack.py::test_steps_are_the_call",
    "tests/layers/test_blocks.py::test_steps_and_halves_are_the_call",
    "tests/layers/test_carried_states.py",
    "tests/layers/test_character_encoder.py",
    "tests/layers/test_crf.py",
    "tests/layers/test_ctc_head.py::test_is_the_loss_of_keras",
    "tests/layers/test_crf_head.py",
    "tests/layers/test_attention.py",
    "tests/layers/test_frame_encoder.py",
    "tests/layers/test_recurrent.py",
    "tests/layers/test_recurrent_constants.py",
    "tests/layers/test_segment_forecaster.py::test_is_the_paper_in_numpy",
    "tests/test_edit_distance.py",
    "tests/test_losses.py",
    "tests/test_metrics.py",
    "tests/test_metrics_likelihood.py",
    "tests/test_metrics_sequences.py",
    "tests/test_metrics_spans.py",
    "--ignore-glob=*_tensorflow.py",
    # In every form in a test of its own.
    "--ignore=tests/cells/test_references.py",
    # Drawn by initializers of Keras.
    "--ignore=tests/cells/test_initial_values.py",
    # JAX compiles each operation anew, and these have many; their kernels and
    # their equations are tested all the same.
    "-k",
    "not rwkv7 and not mlstm and not extreme and not saturated"
    " and not nothing_reads and not reset_begins",
]
OPTIONS = [
    "-p",
    "tests.jax_backend.no_tensorflow",
    "-p",
    "no:cacheprovider",
    "--quiet",
]


def run(*arguments, backend="jax"):
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, *OPTIONS],
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "JAX_PLATFORMS": "cpu",
            # Much of the time goes into making code fast that runs once.
            "XLA_FLAGS": "--xla_backend_optimization_level=0"
            " --xla_llvm_disable_expensive_passes=true"
            " --xla_cpu_parallel_codegen_split_count=1",
        },
        capture_output=True,
        text=True,
    )


def passed(done):
    """How many tests passed; fails with the output where any did not."""
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    return int(re.search(r"(\d+) passed", done.stdout).group(1))


def test_jax():
    assert passed(run(*FAST)) > 60


@pytest.mark.slow
def test_jax_slowly():
    """Everything with one of each kind of cell."""
    assert passed(run(*ALL)) > 300


@pytest.mark.slow
def test_jax_with_every_form():
    assert passed(run("tests/cells/test_references.py", "--run-slow")) > 40


def test_an_import_of_tensorflow_is_noticed():
    """On the TensorFlow backend, which cannot do without."""
    done = run(
        "tests/cells/test_tables.py::test_get_keeps_an_instance",
        backend="tensorflow",
    )
    assert done.returncode != 0
    assert "tensorflow has been taken away" in done.stdout + done.stderr
