"""Which code computed a report."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from include.steps.code_version import codeversie


@pytest.fixture(autouse=True)
def _vergeet() -> Iterator[None]:
    codeversie.cache_clear()
    yield
    codeversie.cache_clear()


def test_what_the_image_was_built_from_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIDN_CODEVERSIE", "v1.2.3")
    assert codeversie() == "v1.2.3"


@pytest.mark.parametrize("fout", [FileNotFoundError("git"), subprocess.CalledProcessError(128, "git")])
def test_without_a_checkout_it_is_unknown(monkeypatch: pytest.MonkeyPatch, fout: Exception) -> None:
    def geen_git(*_: object, **__: object) -> None:
        raise fout

    monkeypatch.delenv("BIDN_CODEVERSIE", raising=False)
    monkeypatch.setattr(subprocess, "run", geen_git)
    assert codeversie() == "onbekend"
