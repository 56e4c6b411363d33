"""A pytest plugin that takes TensorFlow away: importing it fails.

Keras itself looks for TensorFlow on any backend and does without; whatever
of ours would import it ends the test that led there.
"""

import importlib.abc
import sys


class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"{name} has been taken away", name=name)


sys.meta_path.insert(0, Absent())
