"""The fixture from pytorch-crf: likelihoods, their gradients, best paths."""

import pathlib

import numpy as np
import torch
import torchcrf

from tests.parity.packages.torch_tools import array, normal, randomise

ROWS, STEPS, LABELS = 6, 9, 5
# The package takes padding on the right only.
LENGTHS = (9, 8, 5, 3, 2, 1)


def main():
    emissions = normal(ROWS, STEPS, LABELS, seed=0, scale=2.0)
    emissions.requires_grad_()
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(LABELS, (ROWS, STEPS), generator=generator)
    mask = torch.arange(STEPS) < torch.tensor(LENGTHS)[:, None]
    crf = randomise(torchcrf.CRF(LABELS, batch_first=True))
    likelihoods = crf(emissions, labels, mask, reduction="none")
    likelihoods.sum().backward()
    paths = np.zeros((ROWS, STEPS), "int32")
    for row, path in enumerate(crf.decode(emissions, mask)):
        paths[row, : len(path)] = path
    weights = dict(crf.named_parameters())
    np.savez_compressed(
        pathlib.Path(__file__).parent / "pytorch_crf",
        emissions=array(emissions),
        labels=array(labels),
        mask=array(mask),
        likelihoods=array(likelihoods),
        paths=paths,
        emissions_gradient=array(emissions.grad),
        **{name: array(w) for name, w in weights.items()},
        **{f"{name}_gradient": array(w.grad) for name, w in weights.items()},
    )


if __name__ == "__main__":
    main()
