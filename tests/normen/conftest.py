"""What the tests of the norms share."""

import pytest

from include.normen import gemeenten, laden


@pytest.fixture(autouse=True, scope="session")
def _lees_de_tabellen_opnieuw() -> None:
    """Forget what was read before: a mutation test forks from a process that already read everything."""
    for lezer in (
        laden.normen_op,
        laden.tabellen,
        gemeenten.actieve_gemeenten,
        gemeenten.opvolgers,
        gemeenten._gemeenten,
    ):
        lezer.cache_clear()
