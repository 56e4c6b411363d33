from tests.training.conftest import empty_store, root

__all__ = ["empty_store", "root"]
