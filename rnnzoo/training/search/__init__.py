"""Searches for a better Config: KerasTuner chooses, MLflow keeps all trials."""

from rnnzoo.training.search.crew import takes_part
from rnnzoo.training.search.front import search
from rnnzoo.training.search.oracles import KINDS
from rnnzoo.training.search.summary import command

__all__ = ["KINDS", "command", "search", "takes_part"]
