from tests.training.conftest import root

__all__ = ["root"]
