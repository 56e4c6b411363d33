"""The head of a name."""

from rnnzoo.cells.checks import one_of
from rnnzoo.layers.crf_head import CRFHead
from rnnzoo.layers.ctc_head import CTCHead
from rnnzoo.layers.head import KINDS, Head

# Heads that judge whole sequences.
SEQUENCE_HEADS = {"crf": CRFHead, "ctc": CTCHead}


def make_head(kind, num_outputs, **options):
    """A head that is not built yet.

    Args:
        kind: str, one of the kinds of `Head`, `"crf"` or `"ctc"`; or a head,
            which is a template, and tells its number of outputs itself.
        num_outputs: int. Number of classes, labels or values.
        **options: `name` and `dtype`; a template has its own type.

    Raises:
        ValueError: an unknown kind; no positive number of outputs.
    """
    if isinstance(kind, (Head, *SEQUENCE_HEADS.values())):
        name = {"name": options["name"]} if "name" in options else {}
        return type(kind).from_config({**kind.get_config(), **name})
    one_of("head", kind, (*KINDS, *SEQUENCE_HEADS))
    if kind in SEQUENCE_HEADS:
        return SEQUENCE_HEADS[kind](num_outputs, **options)
    return Head(num_outputs, kind, **options)
