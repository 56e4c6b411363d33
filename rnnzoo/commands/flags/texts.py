"""What commands that use a run have alike: the run, its inputs, the output."""

from rnnzoo.commands.flags import numbers

RUN = """\
RUN is what was trained:
  latest                  the newest run that has a model
  latest:translation      the same, of one recipe
  3f2a9c41                a run in MLflow: its id, or the beginning of it
  gru-u128-l1-s1          a run in MLflow: its name
  mlruns/untracked/...    a folder with a model.keras
  model.keras             a file

The run is looked for in ./mlruns, or where MLFLOW_TRACKING_URI says.
"""


def add_output(parser):
    """Adds `--output`."""
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="writes to this file (default: to standard output)",
    )


def add_batch_size(parser, what):
    """Adds `--batch_size`, of `what` at a time."""
    parser.add_argument(
        "--batch_size",
        type=numbers.positive,
        default=128,
        metavar="INTEGER",
        help=f"{what} at a time, which bound the memory (default: 128)",
    )


def check(parser, values, what):
    """Refuses none and too many; `what` is what one of them is called."""
    if bool(values.text) == bool(values.file):
        parser.error(
            f"give {what}s, or --file PATH, or - for standard input, and only "
            "one of them"
        )
    if "-" in values.text and len(values.text) > 1:
        parser.error(
            f"- stands for all of standard input: give no other {what}"
        )
