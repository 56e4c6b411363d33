"""`python -m rnnzoo draw`: a network as a picture."""

import difflib
import pathlib

from rnnzoo import console
from rnnzoo.commands import lines, models


def draw(values):
    """Builds or loads a model, and draws it; see `flags.draw`.

    Raises:
        ValueError: neither a topology nor a run; an option that the topology
            does not have; a place that nothing can be written to.
    """
    lines.check_output(values.output)
    console.start_tensorflow()
    from rnnzoo.diagnostics.draw import draw

    model = _model(values.model, values.options)
    figure, numbers = draw(
        model, unrolled=not values.folded, steps=values.steps
    )
    figure.savefig(values.output, dpi=values.dpi)
    print(
        f"{values.output}: {numbers['topology']} of {numbers['layers']} "
        f"recurrent layer{'s' * (numbers['layers'] > 1)}, "
        f"{numbers['weights']:,} weights"
    )


def _model(word, options):
    """The model of a topology's name, or of a run."""
    from rnnzoo import architectures
    from rnnzoo.serving import loading

    known = sorted({*architectures.ARCHITECTURES, *architectures.ALIASES})
    name = architectures.normalised(word)
    if name in known:
        return architectures.build(name, **_completed(name, options))
    if options:
        given = ", ".join(f"--{option}" for option in options)
        raise ValueError(
            f"{word!r} is no topology, and only one of these has options. "
            f"Received: {given}. Expected: {', '.join(known)}; or a run "
            "without options."
        )
    near = difflib.get_close_matches(name, known, n=1)
    if near and not pathlib.Path(word).exists():
        raise ValueError(
            f"There is no topology {word!r}; did you mean {near[0]}?"
        )
    return loading.load(models.find(word)[0])


def _completed(name, options):
    """The options, with an image to read where there is something for it."""
    if "encoder" in options:
        return {"input_shape": (32, 32, 3), **options}
    if options.get("attention") is not None and name in (
        "one_to_many",
        "captioning",
    ):
        # Attention needs regions: those of features that were made before.
        return {"input_shape": (16, 64), **options}
    return options
