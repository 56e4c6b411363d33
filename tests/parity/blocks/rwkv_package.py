"""Fixtures from rwkv: whole networks of versions 4, 6 and 7, in float32.

Two layers over the rows of an embedding. The output matrix is the identity,
so that the logits are what comes out of the last norm.
"""

import torch

from tests.parity.blocks.storage import save
from tests.parity.packages.rwkv import (
    CHANNEL_MIXING,
    DOWN,
    MATRIX,
    TIME_MIXING,
    UP,
    VECTOR,
    WIDTH,
    load,
)
from tests.parity.packages.torch_tools import normal

torch.set_default_dtype(torch.float32)

LAYERS, VOCABULARY = 2, WIDTH
HIDDEN = {4: 4 * WIDTH, 6: int(3.5 * WIDTH), 7: 4 * WIDTH}
TOKENS = ([1, 5, 2, 2, 0, 7, 3], [4, 4, 6, 1, 3, 0, 2])
# Only layers above the first have these; the package asks for all of them.
FIRST_VALUE = {"v0": VECTOR, "v1": DOWN, "v2": UP}


def main():
    for version in TIME_MIXING:
        checkpoint = random_checkpoint(version)
        weights = {key: value.clone() for key, value in checkpoint.items()}
        _, model = load(version, checkpoint)
        y = [model.forward(t, None, full_output=True)[0] for t in TOKENS]
        x = weights.pop("emb.weight")[torch.tensor(TOKENS)]
        save(f"rwkv{version}", x, torch.stack(y), weights)


def random_checkpoint(version):
    shapes = {"emb.weight": (VOCABULARY, WIDTH)}
    for norm in ("ln_out", "blocks.0.ln0"):
        shapes.update({f"{norm}.weight": VECTOR, f"{norm}.bias": VECTOR})
    for layer in range(LAYERS):
        shapes.update(layer_shapes(version, f"blocks.{layer}.", layer))
    checkpoint = {
        key: normal(*shape, seed=seed, scale=0.7)
        for seed, (key, shape) in enumerate(shapes.items(), start=1000)
    }
    return {**checkpoint, "head.weight": torch.eye(WIDTH)}


def layer_shapes(version, prefix, layer):
    time_mixing = dict(TIME_MIXING[version])
    if version == 7 and layer:
        time_mixing.update(FIRST_VALUE)
    channel_mixing = {
        **CHANNEL_MIXING[version],
        "key.weight": (HIDDEN[version], WIDTH),
        "value.weight": (WIDTH, HIDDEN[version]),
    }
    if version != 7:
        channel_mixing["receptance.weight"] = MATRIX
    return {
        **{f"{prefix}att.{key}": size for key, size in time_mixing.items()},
        **{f"{prefix}ffn.{key}": size for key, size in channel_mixing.items()},
        **{
            f"{prefix}{norm}.{weight}": VECTOR
            for norm in ("ln1", "ln2")
            for weight in ("weight", "bias")
        },
    }


if __name__ == "__main__":
    main()
