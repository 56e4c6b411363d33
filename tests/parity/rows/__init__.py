"""What is held to which fixture: a module for each package."""

from tests.parity.rows import (
    edgeml,
    fla,
    haiku,
    haste,
    lru,
    min_gru,
    recurrentgemma,
    repositories,
    reservoirpy,
    rwkv,
    sru,
    torch_nn,
    torchrecurrent,
    xlstm,
)

MODULES = (
    *(edgeml, fla, haiku, haste, lru, min_gru, recurrentgemma, repositories),
    *(reservoirpy, rwkv, sru, torch_nn, torchrecurrent, xlstm),
)

ROWS = [row for module in MODULES for row in module.ROWS]
DISAGREEMENTS = [
    row for module in MODULES for row in getattr(module, "DISAGREEMENTS", [])
]

# Cells without a row, and why.
WITHOUT_PACKAGE = {
    "jordan": "no package has it",
    "layernorm_gru": "the one package that has it differs from the paper",
}
