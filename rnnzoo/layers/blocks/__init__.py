"""What papers put around their cells."""

from rnnzoo import cells
from rnnzoo.cells.checks import one_of
from rnnzoo.layers.blocks.min_rnn_block import MinRNNBlock
from rnnzoo.layers.blocks.mlstm_block import MLSTMBlock
from rnnzoo.layers.blocks.paper_block import names_of
from rnnzoo.layers.blocks.rwkv_block import RWKVBlock
from rnnzoo.layers.blocks.slstm_block import SLSTMBlock

__all__ = ["BLOCKS", "MLSTMBlock", "MinRNNBlock", "RWKVBlock", "SLSTMBlock"]

# A paper's blocks, one for each of its cells that needs its own.
BLOCKS = {
    "min_rnn": (MinRNNBlock,),
    "rwkv": (RWKVBlock,),
    "xlstm": (MLSTMBlock, SLSTMBlock),
}


def block_class(block, cell):
    """The class of a paper's block for a cell.

    Args:
        block: str, key of `BLOCKS`.
        cell: str or cell, as for `Recurrent`.

    Raises:
        ValueError: an unknown block or cell, or a cell of another paper.
    """
    kinds = BLOCKS[one_of("block", block, tuple(BLOCKS))]
    cell = cells.get(cell)
    for kind in kinds:
        if isinstance(cell, kind.fits):
            return kind
    fitting = names_of([cell for kind in kinds for cell in kind.fits])
    raise ValueError(
        f"block={block!r} is what a paper puts around its own cells: "
        f"{fitting}. Received: a {type(cell).__name__}. Choose one of these, "
        "or leave `block` out."
    )
