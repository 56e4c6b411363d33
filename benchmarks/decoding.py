"""What decoding costs beyond its matrix products and its top-k.

The model is a translator of random weights, whose sequences are all cut off at
the same length. The first row is one TensorFlow graph of nothing but the
products of a beam search and the top-k over its logits. `ratio` is to that row,
of the same run and in turns, the best of several; 1.3 is the bar for beam
search.

`loop` is the same search as a Python loop over calls of the model, each with
all that was written so far, as tutorials write it. It runs once, for fewer
sentences: only its tokens per second compare.

Run: python benchmarks/decoding.py [--attention additive] [--write]
"""

import argparse
import functools
import os
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf
from _race import race
from keras import ops

import rnnzoo
from rnnzoo.decoding.rules import MOST_FORBIDDEN
from rnnzoo.text import BEGIN, END, PAD

PAGE = pathlib.Path(__file__).with_suffix(".md")
VOCABULARY, UNITS, LENGTH = 8000, 256, 30
# Sentences of a Python loop, batched and one by one.
FEW, ALONE = 64, 1


def translator(cell, attention):
    """A model that never ends a sequence before its length is reached."""
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=VOCABULARY,
        target_vocabulary=VOCABULARY,
        cell=cell,
        units=UNITS,
        attention=attention,
        max_length=LENGTH,
    )
    bias = np.zeros(VOCABULARY)
    bias[[PAD, BEGIN, END]] = -100
    model.decoder.head.bias.assign(bias)
    return model


def products(model, source, width):
    """The products and the top-k of a beam search, as a function to call.

    * Encoder, each direction: the embedded source by the kernel of the cell;
      step by step, a state by the recurrent kernel.
    * Keys of the attention, and the bridge.
    * Decoder, step by step, all beams: token and state by the kernels of the
      cell; the query of additive attention; scores; contexts; `combine`; head;
      top-k over the logits.

    Each reads what another gave, so that none is left out or runs ahead. There
    are no gates, biases, activations and softmax, and no choice among beams.
    """
    encoder, decoder = model.encoder, model.decoder
    attend, combine = decoder.decoder.attend, decoder.decoder.combine
    block = encoder.stack.blocks[0]
    readers = [block.forward.cell, block.backward.cell]
    writer = decoder.stack.blocks[0].forward.cell
    count = width + MOST_FORBIDDEN

    def read(x, cell):
        outputs = tf.matmul(x, cell.kernel)[..., :UNITS]

        def step(t, h):
            return t + 1, tf.matmul(h, cell.recurrent_kernel)[:, :UNITS]

        start = (0, outputs[:, 0])
        return outputs, tf.while_loop(lambda t, h: t < LENGTH, step, start)[1]

    def scores(query, keys, met):
        if attend.score == "multiplicative":
            return tf.matmul(query, keys, transpose_b=True)
        # The tanh of query and keys is no product: `met` stands for it.
        query = tf.matmul(query, attend.query_projection.kernel)
        return tf.linalg.matvec(met, attend.v + query[0, 0])

    @tf.function(autograph=False)
    def run(source):
        x = tf.gather(encoder.embedding.embeddings, source)
        both = [read(x, cell) for cell in readers]
        outputs, last = (tf.concat(x, -1) for x in zip(*both, strict=True))
        keys = tf.matmul(outputs, attend.memory_projection.kernel)
        met = tf.repeat(keys[:, None], width, axis=1)
        bridges = [x.kernel for x in decoder.bridge.projections]
        h = sum(tf.matmul(last, kernel) for kernel in bridges)

        def step(t, tokens, h):
            x = tf.gather(decoder.embedding.embeddings, tokens)
            query = tf.matmul(h, writer.recurrent_kernel)[:, :UNITS]
            h = tf.matmul(x, writer.kernel)[:, :UNITS]
            beams = tf.reshape(query, (-1, width, UNITS))
            contexts = tf.matmul(scores(beams, keys, met), outputs)
            looked = tf.concat([contexts, beams], axis=-1)
            looked = tf.reshape(looked, (-1, looked.shape[-1]))
            looked = tf.matmul(looked, combine.kernel)
            logits = tf.matmul(looked, decoder.head.kernel)
            _, ids = tf.math.top_k(logits, count)
            return t + 1, ids[:, 0], h

        h = tf.repeat(h, width, axis=0)
        start = (0, tf.zeros_like(h[:, 0], "int32"), h)
        return tf.while_loop(lambda t, *_: t < LENGTH, step, start)[1]

    source = tf.constant(source)
    return lambda: run(source).numpy()


def loop(model, source, width):
    """Beam search by calls of the model; all sequences are equally long."""
    rows = len(source)
    source = np.repeat(source, width, axis=0)
    tokens = np.zeros((rows * width, 0), "int32")
    totals = np.where(np.arange(width) == 0, 0.0, -1e9) + np.zeros((rows, 1))
    row = np.arange(rows)[:, None]
    for _ in range(LENGTH):
        # The model shifts its target: what the last step reads is before it.
        target = np.pad(tokens, ((0, 0), (0, 1)))
        logits = model({"source": source, "target": target})[:, -1]
        gains = ops.reshape(ops.log_softmax(logits), (rows, width, -1))
        totals = ops.reshape(totals[..., None] + gains, (rows, -1))
        totals, best = (np.array(x) for x in ops.top_k(totals, width))
        parents, ids = np.divmod(best, VOCABULARY)
        tokens = tokens.reshape(rows, width, -1)[row, parents]
        tokens = np.concatenate([tokens, ids[..., None]], axis=-1)
        tokens = tokens.reshape(rows * width, -1).astype("int32")
    return tokens.reshape(rows, width, LENGTH)[:, 0]


def one_by_one(model, source, width):
    return np.concatenate([loop(model, row[None], width) for row in source])


def seconds_of(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measured(arguments, attention):
    """Rows of the table: `(name, sentences, seconds, ratio)`."""
    keras.utils.set_random_seed(1)
    model = translator(arguments.cell, attention)
    count, width = arguments.sentences, arguments.beam
    source = np.random.randint(4, VOCABULARY, (count, LENGTH)).astype("int32")
    options = {
        f"`generate(beam_width={width})`": {"beam_width": width},
        "the same, no three tokens twice in a row": {
            "beam_width": width,
            "no_repeat_ngram": 3,
        },
        "`generate()`, greedy": {},
        "`generate(top_k=50)`": {"top_k": 50},
        "`generate(top_p=0.9)`": {"top_p": 0.9},
    }
    runners = {"products and top-k alone": products(model, source, width)} | {
        name: functools.partial(model.generate, source, **own)
        for name, own in options.items()
    }
    best = race(runners, arguments.rounds)
    bare = best["products and top-k alone"]
    rows = [
        (name, count, seconds, f"{seconds / bare:.2f}")
        for name, seconds in best.items()
    ]
    loops = {
        f"loop, beam {width}": (loop, FEW, width),
        f"loop, beam {width}, one by one": (one_by_one, ALONE, width),
        "loop, greedy": (loop, FEW, 1),
        "loop, greedy, one by one": (one_by_one, ALONE, 1),
    }
    for name, (search, few, beams) in loops.items():
        if not arguments.no_loops:
            run = functools.partial(search, model, source[:few], beams)
            rows.append((name, few, seconds_of(run), ""))
    return rows


def table(arguments, attention):
    """A table in Markdown, under its heading."""
    lines = [
        f"## {attention} attention",
        "",
        "| | sentences | seconds | tokens per second | ratio |",
        "|---|---|---|---|---|",
    ]
    for name, sentences, seconds, ratio in measured(arguments, attention):
        rate = sentences * LENGTH / seconds
        lines.append(
            f"| {name} | {sentences} | {seconds:.2f} | {rate:,.0f} | {ratio} |"
        )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--cell", choices=("gru", "lstm"), default="gru")
    parser.add_argument(
        "--attention",
        nargs="+",
        choices=("multiplicative", "additive"),
        default=("multiplicative", "additive"),
    )
    parser.add_argument(
        "--no-loops", action="store_true", help="skip what takes minutes"
    )
    parser.add_argument(
        "--write", action="store_true", help=f"write {PAGE.name}, too"
    )
    arguments = parser.parse_args()
    heading, _, text = __doc__.partition("\n\n")
    text, _, _ = text.partition("\n\nRun:")
    page = (
        f"# {heading}\n\n{text}\n\n"
        "Written by `python benchmarks/decoding.py --write`, best of "
        f"{arguments.rounds}: {arguments.cell} {UNITS}, a vocabulary of "
        f"{VOCABULARY:,}, {LENGTH} tokens in and out, on "
        f"{os.cpu_count()} CPU cores with TensorFlow {tf.__version__}.\n"
    )
    print(page)
    for attention in arguments.attention:
        found = table(arguments, attention)
        print(found, flush=True)
        page += f"\n{found}"
    if arguments.write:
        PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
