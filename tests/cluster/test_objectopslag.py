"""The file store on a real S3 API: what lies there, what a reader sees, and what a failure leaves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from include.errors import GegevensFout, OpslagFout
from include.steps.registreren import kies_instellingen
from include.steps.verwerking import Opslag
from include.storage.backends import ObjectStoreBackend
from include.storage.database import Database
from include.storage.file_store import FileStore
from tests.cluster.objectopslag import BUCKET, client, keys, maak, unfinished
from tests.dags.wereld import ALFA, ARM, RIJK
from tests.harness import take_until
from tests.steps.conftest import _mock, bronnen, klok, lege_sqlite  # noqa: F401 - fixtures
from tests.steps.hulp import Klok, inhoud, lever_in, schrijf_in, versies, verwerking_van

SLEUTEL = "leveringen/5f0c/vraagbestand.csv"


@pytest.fixture
def opslag(s3_omgeving: dict[str, str], lege_sqlite: Path, tmp_path: Path, klok: Klok) -> Opslag:  # noqa: F811
    """An installation with its files in the bucket."""
    shutil.copy(lege_sqlite, tmp_path / "bidn.sqlite")
    return Opslag(Database(f"sqlite:///{tmp_path / 'bidn.sqlite'}"), FileStore(), klok)


def test_what_lies_there_is_encrypted_and_comes_back_as_it_was(s3_omgeving: dict[str, str]) -> None:
    bestanden = FileStore()
    bestand = bestanden.write(SLEUTEL, b"0014;J;;999900018;;;;;;\r\n")

    assert keys(s3_omgeving) == [f"opslag/{SLEUTEL}"]
    kaal = client(s3_omgeving).get_object(Bucket=BUCKET, Key=f"opslag/{SLEUTEL}")["Body"].read()
    assert kaal.startswith(b"age-encryption.org/v1\n")
    assert b"999900018" not in kaal
    assert bestanden.read(SLEUTEL, sha256=bestand.sha256) == b"0014;J;;999900018;;;;;;\r\n"
    assert [(een.key, een.size) for een in bestanden.list("leveringen")] == [(SLEUTEL, len(kaal))]


def test_what_was_removed_is_gone_for_a_store_that_already_looked(s3_omgeving: dict[str, str]) -> None:
    schrijver, lezer = FileStore(), FileStore()
    schrijver.write(SLEUTEL, b"x")
    assert lezer.exists(SLEUTEL)
    assert schrijver.remove(SLEUTEL) is True
    assert lezer.exists(SLEUTEL) is False
    assert lezer.list() == []
    with pytest.raises(GegevensFout, match="not in the file store"):
        lezer.read(SLEUTEL)


@pytest.mark.parametrize("mebibytes", [1, 120], ids=["in one request", "in parts"])
def test_a_file_half_written_is_never_seen_and_leaves_no_upload(
    s3_omgeving: dict[str, str], mebibytes: int
) -> None:
    bestanden = FileStore()
    bestanden.write(SLEUTEL, b"oud")
    blok = os.urandom(1 << 20)

    def breek_af() -> None:
        with bestanden.writer(SLEUTEL) as schrijver:
            for _ in range(mebibytes):
                schrijver.write(blok)
            assert FileStore().read(SLEUTEL) == b"oud"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breek_af()
    assert bestanden.read(SLEUTEL) == b"oud"
    assert unfinished(s3_omgeving) == []


def test_a_file_in_parts_comes_back_whole(s3_omgeving: dict[str, str]) -> None:
    bestanden = FileStore()
    inhoud_ = os.urandom(1 << 20) * 120
    bestand = bestanden.write("publicaties/x/detail.xml", inhoud_)
    assert bestanden.read("publicaties/x/detail.xml", sha256=bestand.sha256) == inhoud_


def test_a_store_that_is_away_is_an_outage(s3_omgeving: dict[str, str]) -> None:
    client(s3_omgeving).delete_bucket(Bucket=BUCKET)
    try:
        with pytest.raises(OpslagFout, match="could not write"):
            FileStore().write(SLEUTEL, b"x")
    finally:
        maak(s3_omgeving)


def test_a_reader_has_the_old_version_or_the_new_wherever_publishing_fails(
    opslag: Opslag,
    bronnen: SimpleNamespace,  # noqa: F811
    s3_omgeving: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schrijf_in(opslag, ALFA)
    lever_in(opslag, ALFA)
    take_until(opslag, verwerking_van(opslag, ALFA, "run-1"), bronnen.url)
    [eerste] = versies(opslag, ALFA)
    oud = {bestand.soort: inhoud(opslag, eerste, bestand.soort) for bestand in eerste.bestanden}
    assert RIJK in oud["overzicht"].decode("utf-8-sig")
    assert ARM in oud["overzicht"].decode("utf-8-sig")

    kies_instellingen(opslag, ALFA, percentage=110)  # so that there is something new to publish
    verwerking = verwerking_van(opslag, ALFA, "run-2")
    take_until(opslag, verwerking, bronnen.url, tot="rapporten_maken")
    fouten = 0
    while True:
        with monkeypatch.context() as kapot:
            kapot.setattr(ObjectStoreBackend, "open_write", _breekt_bij(fouten))
            try:
                take_until(opslag, verwerking, bronnen.url, van="publiceren")
                break
            except OpslagFout:
                fouten += 1
        [huidig] = versies(opslag, ALFA)
        assert {soort: inhoud(opslag, huidig, soort) for soort in oud} == oud
    assert fouten >= 3  # each file of the publication has failed once

    nieuw = versies(opslag, ALFA)
    assert [publicatie.versie for publicatie in nieuw] == [1, 2]
    assert not set(_sleutels(nieuw[0])) & set(
        _sleutels(nieuw[1])
    )  # a new version never writes over an old one
    for publicatie in nieuw:
        for bestand in publicatie.bestanden:
            inhoud(
                opslag, publicatie, bestand.soort
            )  # raises when its hash is not that of what was published
    assert unfinished(s3_omgeving) == []


def _sleutels(publicatie: Any) -> list[str]:
    return [bestand.sleutel for bestand in publicatie.bestanden]


def _breekt_bij(nummer: int) -> Any:
    """ObjectStoreBackend.open_write, of which the upload with this number (from 0) fails after its last byte."""
    echt, geteld = ObjectStoreBackend.open_write, iter(range(1_000))

    @contextmanager
    def open_write(zelf: ObjectStoreBackend, sleutel: str) -> Iterator[BinaryIO]:
        with echt(zelf, sleutel) as bestand:
            yield bestand
            if next(geteld) == nummer:
                raise OpslagFout(f"the file store could not write {sleutel}: ConnectionError")

    return open_write
