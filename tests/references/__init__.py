"""The equations of every cell once more, in plain NumPy: the oracle.

Written from the papers, not from the cells, and slow on purpose: one step,
gate by gate, head by head. Every function reads

    step(weights, x, states, keep=1.0, **options) -> (output, states)

with the weights by name, x `(batch, features)`, and states a list of
`(batch, n)` in the layout the cell documents. `keep` is the mask of recurrent
dropout, zeros and 1 / (1 - rate), on what the cell documents as dropped.
"""

from tests.references import (
    classic,
    gru_family,
    linear,
    lstm_family,
    others,
    rwkv,
    xlstm,
)

MODULES = (classic, gru_family, linear, lstm_family, others, rwkv, xlstm)

# The key is the name of the cell.
REFERENCES = {
    name: step for module in MODULES for name, step in module.REFERENCES.items()
}

# Other forms of the same papers, whole sequences at a time.
SECOND_ORACLES = {
    name: oracles
    for module in MODULES
    for name, oracles in getattr(module, "SECOND_ORACLES", {}).items()
}
