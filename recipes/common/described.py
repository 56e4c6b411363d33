"""What runs of all recipes are compared by, under the same names."""

import math


def described(config, model):
    """Parameters of a run beside its Config, where that has not the same.

    Args:
        config: a Config, with a `learning_rate`.
        model: the compiled model that is trained.

    Returns:
        dict from str to a value: "topology", by its name; "bidirectional";
        "attention", "none" without; "optimizer" and its "global_clipnorm";
        "lr_log10", since axes of MLflow's pages are linear; "num_replicas".
    """
    optimizer = model.optimizer
    values = {
        "topology": topology(model),
        "bidirectional": _reads_both_ways(model),
        "attention": None,
        "optimizer": type(optimizer).__name__.lower(),
        "global_clipnorm": optimizer.global_clipnorm,
        "lr_log10": round(math.log10(config.learning_rate), 3),
        "num_replicas": model.distribute_strategy.num_replicas_in_sync,
    }
    return {name: values[name] for name in values if not hasattr(config, name)}


def topology(model):
    """The name of a model's topology, such as "synced"; None of others."""
    from rnnzoo.architectures import ARCHITECTURES, FORMS

    for name, kind in ARCHITECTURES.items():
        if isinstance(model, (kind, *FORMS.get(name, {}).values())):
            return name
    return None


def _reads_both_ways(model):
    encoder = getattr(model, "encoder", None)
    stack = getattr(encoder, "stack", encoder)
    return bool(getattr(stack, "bidirectional", False))
