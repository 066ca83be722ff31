"""What the tests of the norms share."""

import pytest

from include.normen import gemeenten, laden


@pytest.fixture(autouse=True)
def _niets_onthouden() -> None:
    """Work everything out anew in each test: a mutation test sees only what a test itself sets to work."""
    for lezer in (laden.normen_op, gemeenten.actieve_gemeenten, gemeenten.opvolgers, gemeenten._gemeenten):
        lezer.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _lees_de_tabellen_opnieuw() -> None:
    """Read the files in this process, also when it was forked from one that already had."""
    laden.tabellen.cache_clear()
