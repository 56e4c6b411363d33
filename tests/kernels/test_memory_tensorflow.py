"""Twice as many steps take twice the memory, not four times."""

import pytest

from benchmarks import peak_memory


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min_gru", "rwkv6", "rwkv7"])
def test_memory_grows_linearly_with_length(name):
    once, twice = (peak_memory.measured(name, n) for n in (4096, 8192))
    # Not below either, where the smaller would be what a process costs.
    assert 1.5 * once < twice < 2.7 * once
