"""The detail report of one aanvrager: the newest, and only of one's own (manual 1 and 4.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from include.errors import ControleFout, GegevensFout
from include.steps.raadplegen import lees_bsn, zoek_detail
from include.steps.verwerking import Opslag, Verwerking
from include.storage.bewaartermijn import sweep
from include.storage.organisaties import find_organisatie, set_instellingen
from tests.dags.wereld import ALFA, ARM, BETA, BIJSTAND, GAMMA, RIJK, RIJK_PARTNER
from tests.harness import take_until
from tests.steps.hulp import OP_TIJD, Klok, begin_run, lever_in, versies, verwerking_van


def _vind(
    opslag: Opslag, organisatie: str, bsn: str, ronde: str | None = None
) -> tuple[str | None, int] | None:
    """Ronde and version in which somebody is found, None when nowhere."""
    gevonden = zoek_detail(opslag, organisatie=organisatie, bsn=int(bsn), ronde=ronde)
    if gevonden is None:
        return None
    assert gevonden.aanvraag.findtext("{*}BSN") == bsn
    return gevonden.publicatie.ronde, gevonden.publicatie.versie


@pytest.mark.parametrize(
    ("organisatie", "bsn", "gevonden"),
    [
        (ALFA, RIJK, True),
        (BETA, RIJK, True),  # delivered by both: each has a report of its own
        (ALFA, ARM, True),
        (BETA, ARM, False),
        (ALFA, BIJSTAND, False),
        (GAMMA, RIJK, False),
        (ALFA, RIJK_PARTNER, False),  # no aanvrager
    ],
)
def test_only_within_the_asking_organisation(
    gepubliceerd: Opslag, organisatie: str, bsn: str, gevonden: bool
) -> None:
    assert (_vind(gepubliceerd, organisatie, bsn) is not None) is gevonden


def test_each_organisation_sees_its_own_report_of_a_shared_aanvrager(gepubliceerd: Opslag) -> None:
    percentages = {}
    for organisatie in (ALFA, BETA):
        gevonden = zoek_detail(gepubliceerd, organisatie=organisatie, bsn=int(RIJK))
        assert gevonden is not None
        percentages[organisatie] = gevonden.aanvraag.findtext("{*}Inkomen/{*}Toetspercentage")
        gemeente = gevonden.aanvraag.findtext("{*}Organisatie")
        assert gemeente == {ALFA: "Groningen", BETA: "Veere"}[organisatie]  # of the row (besluit B52)
    assert percentages == {ALFA: "120", BETA: "110"}


def test_the_newest_ronde_first_and_replaced_versions_never(
    gepubliceerd: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    lever_in(gepubliceerd, ALFA, f"0014;J;;{RIJK};;;;;;\r\n", ontvangen=OP_TIJD + timedelta(days=30))
    klok.nu = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
    november = Verwerking.uit_dict(begin_run(gepubliceerd, "run-2", "2026-11")[ALFA])
    take_until(gepubliceerd, november, bronnen.url)
    assert _vind(gepubliceerd, ALFA, RIJK) == ("2026-11", 1)
    assert _vind(gepubliceerd, ALFA, ARM) == ("2026-10", 1)  # not delivered in November
    assert _vind(gepubliceerd, ALFA, RIJK, "2026-10") == ("2026-10", 1)
    assert _vind(gepubliceerd, ALFA, ARM, "2026-11") is None

    # An older ronde published later is not newer.
    with gepubliceerd.database.transaction() as sessie:
        wie = find_organisatie(sessie, ALFA)
        set_instellingen(sessie, wie, nu=datetime(2026, 11, 6, tzinfo=UTC), percentage=110)
    take_until(gepubliceerd, verwerking_van(gepubliceerd, ALFA, "run-3"), bronnen.url)
    assert _vind(gepubliceerd, ALFA, RIJK) == ("2026-11", 1)
    assert _vind(gepubliceerd, ALFA, ARM) == ("2026-10", 2)


def test_after_its_90_days_nothing_is_found(gepubliceerd: Opslag) -> None:
    sweep(gepubliceerd.database, gepubliceerd.bestanden, nu=datetime(2027, 2, 3, 1, 0, tzinfo=UTC))
    assert _vind(gepubliceerd, ALFA, RIJK) is None


def test_an_index_that_is_not_what_was_published(gepubliceerd: Opslag) -> None:
    [publicatie] = versies(gepubliceerd, ALFA)
    gepubliceerd.bestanden.write(publicatie.bestand("index").sleutel, b"iets anders")
    with pytest.raises(ControleFout, match="is not what was stored"):
        _vind(gepubliceerd, ALFA, RIJK)


def test_an_unknown_organisation(gepubliceerd: Opslag) -> None:
    with pytest.raises(GegevensFout, match="Gemeente Nergens is not registered"):
        _vind(gepubliceerd, "Gemeente Nergens", RIJK)


@pytest.mark.parametrize(
    ("tekst", "bsn"),
    [
        ("999900018", 999900018),
        ("099990003", 99990003),
        ("99990003", 99990003),
        (" 9999.00.018 ", 999900018),
        ("9999-00 018", 999900018),
    ],
)
def test_a_bsn_as_typed(tekst: str, bsn: int) -> None:
    assert lees_bsn(tekst) == bsn


@pytest.mark.parametrize("tekst", ["", "1234567", "1234567890", "99990001x", "９９９９００1８", "999900019"])
def test_what_is_no_bsn_is_not_repeated(tekst: str) -> None:
    with pytest.raises(GegevensFout, match=r"^that is not a BSN: give its 8 or 9 digits"):
        lees_bsn(tekst)
