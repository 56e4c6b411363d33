"""Peak memory of a training step by the length of its sequences.

Each number comes from a process of its own: what its memory rose by, at most,
above that of a step of 64. Twice the length should take twice the memory.

Run: python benchmarks/peak_memory.py [--only min_gru rwkv7]
"""

import argparse
import subprocess
import sys

CELLS = ("min_gru", "lru", "mlstm", "rwkv6", "rwkv7")
LENGTHS = (2048, 4096, 8192)
BATCH, FEATURES, UNITS = 8, 128, 128


def measure(name, length):
    """MB that a training step takes; once in a process, peaks never fall."""
    import tensorflow as tf
    from training_step import training_step

    import rnnzoo
    from rnnzoo.memory import peak_memory

    layer = rnnzoo.layers.Recurrent(name, units=UNITS, return_sequences=True)
    layer.build((BATCH, None, FEATURES))
    training_step(layer, tf.zeros((BATCH, 64, FEATURES)))()
    before = peak_memory()
    training_step(layer, tf.zeros((BATCH, length, FEATURES)))()
    return (peak_memory() - before) / 1e6


def measured(name, length):
    """`measure` in a new process."""
    command = [sys.executable, __file__, "--measure", name, str(length)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return float(done.stdout.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=CELLS, default=CELLS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        name, length = arguments.measure
        print(measure(name, int(length)))
        return
    print(f"batch {BATCH}, {FEATURES} -> {UNITS}; MB")
    print(f"{'cell':12}" + "".join(f"{n:>8,}" for n in LENGTHS))
    for name in arguments.only:
        found = [measured(name, length) for length in LENGTHS]
        print(f"{name:12}" + "".join(f"{n:8,.0f}" for n in found), flush=True)


if __name__ == "__main__":
    main()
