"""What the page is told about the ronde of voorbeeld.py, checked against the table there."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from voorbeeld import (
    AVD_RUN,
    EERDER,
    GEHEIM,
    LEVERING,
    NU,
    ORGANISATIES,
    RONDE,
    RUN,
    VOLGENDE,
    als_json,
    oordelen,
)

from include.errors import GegevensFout
from include.schemas.domein import Product
from include.steps.overzicht_rondes import Overzicht, Regel, overzicht, periodes, periodes_van_run
from include.storage.database import Database
from include.storage.models import Aanmelding, Deelname, Productbeheerder, RondeRow
from include.storage.ronde_queries import PATIENCE, Mailstand

BB, AVD = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS


def _regel(uit: Overzicht, organisatie: str) -> Regel:
    [regel] = [regel for regel in uit.regels if regel.organisatie == organisatie]
    return regel


def test_rondes_are_listed_with_how_many_are_how_far(database: Database) -> None:
    volgende, nu = periodes(database, BB)

    assert (volgende.naam, volgende.organisaties, volgende.geopend_op) == (VOLGENDE, 1, None)
    # Five take part; the sixth delivered.
    assert (nu.naam, nu.organisaties, nu.gepubliceerd, nu.afgekeurd) == (RONDE, 6, 2, 1)
    assert nu.deelnamedatum == date(2026, 9, 26)
    assert nu.uiterlijk == date(2026, 10, 31)  # the last day of the rapportagemaand (B3)
    assert nu.afgesloten_op is None


def test_who_is_registered_and_handed_nothing_in_is_named(database: Database) -> None:
    assert overzicht(database, BB, RONDE, nu=NU).niet_geleverd == []
    # Only Almere delivered for the next one.
    assert overzicht(database, BB, VOLGENDE, nu=NU).niet_geleverd == [
        "Borne",
        "Cuijk",
        "Delft",
        "Ede",
        "Fryslân",
    ]


# organisation, status, (read, accepted, rejected), version, rows published
STANDEN = [
    ("Almere", "gepubliceerd", (10, 10, 0), 2, 10),
    ("Borne", "open", (8, 6, 2), None, None),
    ("Cuijk", "afgekeurd", (3, 0, 3), None, None),
    ("Delft", "open", (5, 5, 0), None, None),
    ("Ede", "gepubliceerd", (4, 4, 0), 1, 4),
    ("Fryslân", "aangeleverd", (None, None, None), None, None),
]


@pytest.mark.parametrize(("organisatie", "status", "rijen", "versie", "gepubliceerd"), STANDEN)
def test_every_organisation_is_shown_as_far_as_it_is(
    database: Database,
    organisatie: str,
    status: str,
    rijen: tuple[int | None, ...],
    versie: int | None,
    gepubliceerd: int | None,
) -> None:
    regel = _regel(overzicht(database, BB, RONDE, nu=NU), organisatie)

    assert regel.status == status
    assert regel.levering is not None
    assert (regel.levering.gelezen, regel.levering.goedgekeurd, regel.levering.afgewezen) == rijen
    assert (regel.publicatie.versie if regel.publicatie else None) == versie
    assert (regel.publicatie.rijen if regel.publicatie else None) == gepubliceerd


def test_lines_are_by_name_and_codes_are_explained(database: Database) -> None:
    uit = overzicht(database, BB, RONDE, nu=NU)

    assert [regel.organisatie for regel in uit.regels] == list(ORGANISATIES)
    assert _regel(uit, "Borne").levering.fouten == {"V041": 2, "V052": 1}  # type: ignore[union-attr]
    assert set(uit.omschrijvingen) == {"V041", "V052"}
    assert "normpercentage" in uit.omschrijvingen["V041"]


def test_the_current_version_counts_unless_a_run_is_asked_for(database: Database) -> None:
    nu = _regel(overzicht(database, BB, RONDE, nu=NU), "Almere").publicatie
    toen = _regel(overzicht(database, BB, RONDE, nu=NU, run=EERDER), "Almere").publicatie
    niet = _regel(overzicht(database, BB, RONDE, nu=NU, run=EERDER), "Ede").publicatie

    assert nu is not None
    assert toen is not None
    assert (nu.versie, nu.vervangen_op, nu.oordelen) == (2, None, oordelen(4, 5, 1))
    assert (toen.versie, toen.vervangen_op, toen.oordelen) == (1, NU, oordelen(1, 9, 0))
    assert nu.verwijderen_op == date(2027, 1, 12)
    assert niet is None


# Almere: of two productbeheerders one was mailed and one opted out. Ede: one was claimed an hour ago.
@pytest.mark.parametrize(
    ("organisatie", "moment", "stand"),
    [
        ("Almere", NU, Mailstand(verzonden=1, onzeker=0, wachtend=0, afgemeld=1)),
        ("Ede", NU, Mailstand(verzonden=0, onzeker=1, wachtend=1, afgemeld=0)),
        # Claimed just now: it is on its way.
        (
            "Ede",
            NU - timedelta(hours=1) + PATIENCE,
            Mailstand(verzonden=0, onzeker=0, wachtend=2, afgemeld=0),
        ),
    ],
)
def test_mail_is_sent_in_doubt_to_be_sent_or_not_wanted(
    database: Database, organisatie: str, moment: datetime, stand: Mailstand
) -> None:
    publicatie = _regel(overzicht(database, BB, RONDE, nu=moment), organisatie).publicatie

    assert publicatie is not None
    assert publicatie.mail == stand


def test_who_opts_out_after_a_mail_was_still_mailed(database: Database) -> None:
    with database.transaction() as sessie:
        sessie.execute(update(Productbeheerder).values(notificaties=False))
    publicatie = _regel(overzicht(database, BB, RONDE, nu=NU), "Almere").publicatie

    assert publicatie is not None
    assert publicatie.mail == Mailstand(verzonden=1, onzeker=0, wachtend=0, afgemeld=1)


@pytest.mark.parametrize(
    ("einde", "status"),
    [
        (None, "aangeleverd"),
        (date(2026, 9, 27), "aangeleverd"),  # the deelnamedatum 2026-09-26 is its last day
        (date(2026, 9, 26), "niet aangemeld"),
    ],
)
def test_who_delivered_and_is_not_registered_on_the_deelnamedatum_does_not_wait(
    database: Database, einde: date | None, status: str
) -> None:
    with database.transaction() as sessie:
        sessie.execute(delete(Deelname))
        sessie.execute(update(Aanmelding).values(einde=einde))
    assert {regel.status for regel in overzicht(database, BB, RONDE, nu=NU).regels} == {status}


def test_a_run_is_known_by_what_it_worked_on(database: Database) -> None:
    assert _regel(overzicht(database, BB, RONDE, nu=NU), "Borne").run == RUN
    assert periodes_van_run(database, BB, RUN) == [RONDE]
    assert periodes_van_run(database, BB, EERDER) == [RONDE]
    assert periodes_van_run(database, AVD, AVD_RUN) == [LEVERING]
    assert periodes_van_run(database, BB, AVD_RUN) == []
    # A name that only begins the same, and one that means something to LIKE.
    assert periodes_van_run(database, BB, RUN[:-1]) == []
    assert periodes_van_run(database, BB, "%") == []


def test_deliveries_for_a_ronde_to_come_are_shown(database: Database) -> None:
    [regel] = overzicht(database, BB, VOLGENDE, nu=NU).regels

    assert (regel.organisatie, regel.status, regel.publicatie) == ("Almere", "aangeleverd", None)


def test_a_levering_of_alleenverdieners_has_a_line_per_gemeente(database: Database) -> None:
    [periode] = periodes(database, AVD)
    uit = overzicht(database, AVD, LEVERING, nu=NU)

    assert (periode.naam, periode.organisaties) == (LEVERING, 2)
    assert [(regel.organisatie, regel.gemeentecode, regel.run) for regel in uit.regels] == [
        ("Almere", "0034", AVD_RUN),
        ("Ede", "0228", AVD_RUN),
    ]
    assert [regel.publicatie.rijen for regel in uit.regels if regel.publicatie] == [20, 10]
    assert uit.levering is not None
    assert (uit.levering.gelezen, uit.levering.goedgekeurd, uit.levering.afgewezen) == (31, 30, 1)
    assert "elfproef" in uit.omschrijvingen["S022"]


def test_productbeheerders_are_not_in_it(database: Database) -> None:
    alles = [asdict(overzicht(database, BB, RONDE, nu=NU)), asdict(overzicht(database, AVD, LEVERING, nu=NU))]

    assert GEHEIM not in als_json(alles)
    assert "@" not in als_json(alles)


@pytest.mark.parametrize(("product", "naam"), [(BB, "2031-01"), (AVD, "avd_2031")])
def test_what_was_never_there_is_refused_by_name(database: Database, product: Product, naam: str) -> None:
    with pytest.raises(GegevensFout, match=naam):
        overzicht(database, product, naam, nu=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("samenvatting", "duren"),
    [
        (None, {}),
        ({"organisaties": 6}, {}),
        ({"duren": {"intake": {"mediaan": 2, "langste": 9}}}, {"intake": 2.0}),
        ({"duren": {"intake": {"langste": 9}}}, {}),
        ({"duren": {"intake": 9}}, {}),
        ({"duren": "9 s"}, {}),
    ],
)
def test_durations_come_from_the_summary_when_it_has_them(
    database: Database, samenvatting: dict[str, object] | None, duren: dict[str, float]
) -> None:
    with database.transaction() as sessie:
        sessie.execute(update(RondeRow).values(samenvatting=samenvatting))

    assert overzicht(database, BB, RONDE, nu=NU).periode.duren == duren


def test_nothing_at_all_is_no_error(leeg: Database) -> None:
    assert periodes(leeg, BB) == periodes(leeg, AVD) == []
