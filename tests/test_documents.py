"""The examples of documents are only as good as what runs them."""

import numpy as np
import pytest

from tests import documents

DOCUMENT = """Text.

```python
x = np.ones((2, 5))   # (2, 5)
x.sum()   # 10.0
```

    ```bash
    make test
    ```
"""


def test_blocks_know_language_text_and_line():
    python, bash = documents.blocks(DOCUMENT, "python", "bash")
    assert (python.language, python.line) == ("python", 4)
    assert python.text.endswith("x.sum()   # 10.0\n")
    assert (bash.language, bash.text, bash.line) == ("bash", "make test\n", 9)


def test_run_keeps_the_namespace_and_the_promises():
    (block,) = documents.blocks(DOCUMENT, "python")
    namespace = {"np": np}
    documents.run(block, namespace, "README.md")
    assert namespace["x"].shape == (2, 5)


@pytest.mark.parametrize(
    "line",
    [
        "np.ones((2, 5))   # (5, 2)",
        "x = np.ones(3)   # (2,)",
        "'ab'.upper()   # 'Ab'",
        "2 * 1.5   # 2.5",
    ],
)
def test_run_refuses_a_wrong_comment(line):
    block = documents.Block("python", line, line=7)
    with pytest.raises(AssertionError, match="guide.md:7"):
        documents.run(block, {"np": np}, "guide.md")


def test_run_shows_the_line_of_the_document():
    block = documents.Block("python", "y = 1\n1 / 0\n", line=7)
    with pytest.raises(ZeroDivisionError) as failure:
        documents.run(block, {}, "guide.md", first_line=10)
    assert failure.traceback[-1].lineno + 1 == 17
