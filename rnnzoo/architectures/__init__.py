"""The five classical topologies, and `build`."""

import inspect

from rnnzoo.architectures.many_to_one import ManyToOne
from rnnzoo.architectures.one_to_many import OneToMany
from rnnzoo.architectures.one_to_one import OneToOne
from rnnzoo.architectures.segment_forecast import SegmentForecast
from rnnzoo.architectures.seq2seq import Seq2Seq
from rnnzoo.architectures.synced import Synced
from rnnzoo.cells.checks import one_of

# The name is the name of the topology's file.
ARCHITECTURES = {
    "many_to_one": ManyToOne,
    "one_to_many": OneToMany,
    "one_to_one": OneToOne,
    "seq2seq": Seq2Seq,
    "synced": Synced,
}

# Topology -> {option: the network of its own that the option asks for}.
FORMS = {"many_to_one": {"segment": SegmentForecast}}

ALIASES = {
    "captioning": "one_to_many",
    "encoder_decoder": "seq2seq",
    "many_to_many": "synced",
    "seq2vec": "many_to_one",
}


def build(name, **options):
    """A Keras model of one of the five recurrent topologies.

    Args:
        name: str, of `rnnzoo.list_architectures()`, or an alias:
            `"captioning"` for one_to_many, `"seq2vec"` for many_to_one,
            `"many_to_many"` for synced, `"encoder_decoder"` for seq2seq.
        **options: `cell`, `units` and the others of the topology's class, for
            example `rnnzoo.architectures.Seq2Seq`. None is required. With
            `segment`, many_to_one is `rnnzoo.architectures.SegmentForecast`.

    Returns:
        A `rnnzoo.Model`, which is a `keras.Model`, not yet compiled.

    Raises:
        ValueError: an unknown name or option; what the class raises.

    Example:

    ```python
    model = rnnzoo.build("seq2seq", cell="min_gru", units=8)
    model.compile()
    ```
    """
    known = (*ARCHITECTURES, *ALIASES)
    found = one_of("architecture", normalised(name), known)
    topology = ALIASES.get(found, found)
    forms = FORMS.get(topology, {})
    asked = [option for option in forms if option in options]
    kind = forms[asked[0]] if asked else ARCHITECTURES[topology]
    accepted = [
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        and parameter.name not in getattr(kind, "refused_options", ())
    ]
    of = f"{found} with {asked[0]}" if asked else found
    for option in options:
        if option != "name":
            one_of(f"option of {of}", option, (*accepted, *forms))
    return kind(**options)


def normalised(name):
    if not isinstance(name, str):
        return name
    return name.lower().replace("-", "_").replace(" ", "_")
