"""What `python -m rnnzoo compare --output` writes: Markdown and pictures."""

import pathlib
import re
import sys

from rnnzoo.commands import lines
from rnnzoo.training import comparison_plots, comparison_table

PAGE = "comparison.md"

_PICTURES = {
    "scores": comparison_plots.scores,
    "curves": comparison_plots.curves,
    "costs": comparison_plots.costs,
}


def write(compared, folder, order="score"):
    """Writes one page for all comparisons, and three pictures for each.

    Args:
        compared: list of `comparison.Comparison`, all with groups.
        folder: str. Made if it is not there.
        order: str. Of `comparison_table.ORDERS`.

    Raises:
        ValueError: it cannot be written.
    """
    folder = pathlib.Path(folder)
    parts = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in compared:
            part = comparison_table.markdown(one, order)
            for what, draw in _PICTURES.items():
                figure = draw(one)
                if figure is None:
                    continue
                name = f"{what}{_of(one, compared)}.png"
                figure.savefig(folder / name)
                part += f"\n![{what}]({name})\n"
            parts.append(part)
    except OSError as error:
        raise ValueError(
            f"--output {folder} cannot be written: {error.strerror}. Give a "
            "folder, which need not be there yet."
        ) from error
    lines.write("\n".join(parts), folder / PAGE)
    print(f"\n{folder / PAGE}", file=sys.stderr)


def _of(one, compared):
    """What tells the pictures of one comparison from those of others."""
    if len(compared) == 1:
        return ""
    words = [one.recipe, one.dataset, one.metric]
    return "-" + re.sub(r"[^\w.-]+", "_", "-".join(words))
