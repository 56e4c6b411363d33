"""Models whose drawings differ, by name; each is made once."""

import functools

import keras

import rnnzoo

SMALL = {"units": 8}
MODELS = {
    "one_to_one": ("one_to_one", {"input_shape": (4,)}),
    "many_to_one": ("many_to_one", {"cell": "lstm"}),
    "both_ways": ("many_to_one", {"bidirectional": True, "num_layers": 2}),
    "pooled": (
        "many_to_one",
        {"pooling": "mean", "residual": True, "pre_norm": True},
    ),
    "segments": (
        "many_to_one",
        {"input_dim": 2, "horizon": 6, "segment": 3},
    ),
    "synced": ("synced", {"num_layers": 2, "input_dim": 3}),
    "crf": ("synced", {"bidirectional": True, "head": "crf"}),
    "ctc": (
        "synced",
        {"input_dim": (8, 8, 1), "head": "ctc", "num_outputs": 5},
    ),
    "words": ("synced", {"characters": 30, "bidirectional": True}),
    "carried": ("synced", {"carried_rows": 2}),
    "xlstm": ("synced", {"block": "xlstm", "cell": "mlstm", "num_layers": 2}),
    "one_to_many": ("one_to_many", {}),
    "first_input": ("one_to_many", {"condition": "first_input"}),
    "every_step": ("one_to_many", {"condition": "every_step"}),
    "captions": (
        "one_to_many",
        {
            "input_shape": (12, 16),
            "encoder": "cnn",
            "attention": "additive",
            "input_feeding": True,
        },
    ),
    "plain_seq2seq": (
        "seq2seq",
        {"attention": None, "bidirectional": False},
    ),
    "seq2seq": ("seq2seq", {"num_layers": 2, "residual": True}),
    "tied": ("seq2seq", {"bidirectional": False, "tied": "all"}),
}


@functools.cache
def model(name):
    """The model of a name in `MODELS`."""
    topology, options = MODELS[name]
    return rnnzoo.build(topology, **SMALL, **options)


@functools.cache
def sequential():
    """A plain Keras model with layers of ours and of Keras."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(50, 8),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
            layers.Dropout(0.1),
            rnnzoo.layers.Recurrent("gru", units=6),
            layers.Dense(3, activation="softmax"),
        ]
    )
