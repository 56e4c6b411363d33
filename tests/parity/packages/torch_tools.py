"""What the scripts that run PyTorch share."""

import torch

from tests.parity.fixture import BATCH, Fixture

torch.set_default_dtype(torch.float64)


def normal(*shape, seed, scale=1.0, dtype=None):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    return (scale * values).to(dtype or torch.get_default_dtype())


def randomise(module, scale=0.7):
    """Random values for all weights, also for those that start at zero."""
    with torch.no_grad():
        for seed, weight in enumerate(module.parameters(), start=1000):
            weight.copy_(normal(*weight.shape, seed=seed, scale=scale))
    return module


def states(count, units, batch=BATCH):
    """Random states `(batch, units)`."""
    return [normal(batch, units, seed=10 + n, scale=0.5) for n in range(count)]


def save(name, x, y, weights, initial=(), final=()):
    """Writes a fixture from tensors; `weights` is a dict or a module."""
    if isinstance(weights, torch.nn.Module):
        weights = weights.state_dict()
    Fixture(
        x=array(x),
        y=array(y),
        weights={key: array(weight) for key, weight in weights.items()},
        initial=[array(state) for state in initial],
        final=[array(state) for state in final],
    ).save(name)


def array(tensor):
    return torch.as_tensor(tensor).detach().contiguous().numpy()
