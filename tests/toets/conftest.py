"""What the tests of the rules share."""

import pytest

from include.normen import laden


@pytest.fixture(autouse=True, scope="session")
def _read_the_norms_anew() -> None:
    """Read the norm files in this process, also when it was forked from one that already had."""
    laden.tabellen.cache_clear()
    laden.normen_op.cache_clear()
