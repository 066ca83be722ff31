from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.errors import GegevensFout
from include.schemas.domein import Product
from include.storage.organisaties import (
    GeldendeInstellingen,
    find_aangemeld,
    find_aanmeldingen,
    find_organisatie,
    find_organisaties,
    find_productbeheerders,
    instellingen_at,
    instellingen_for_ronde,
    instellingen_of_versie,
    register_aanmelding,
    register_organisatie,
    register_productbeheerder,
    set_instellingen,
    set_notificaties,
)

BB, AV = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS


def moment(tekst: str) -> datetime:
    return datetime.fromisoformat(tekst).replace(tzinfo=UTC)


# -- organisations -------------------------------------------------------------------------------------


def test_registering_again_replaces_the_gemeenten_it_serves(database, nu):
    with database.transaction() as sessie:
        eerste = register_organisatie(sessie, " ISD  Brabantse Wal ", ["0873", "0748", "0851"], nu=nu)
    with database.transaction() as sessie:
        register_organisatie(sessie, "ISD Brabantse Wal", ["0748", "0752"], nu=nu)
    with database.reading() as sessie:
        gevonden = find_organisatie(sessie, "ISD Brabantse Wal")
        assert find_organisaties(sessie) == [gevonden]
    assert gevonden.id == eerste.id
    assert gevonden.gemeentecodes == ("0748", "0752")


@pytest.mark.parametrize(
    ("naam", "codes"),
    [
        ("", ["0363"]),
        ("   ", ["0363"]),
        ("x" * 201, ["0363"]),
        ("Gemeente\0Utrecht", ["0344"]),
        ("Gemeente Utrecht", []),
        ("Gemeente Utrecht", ["344"]),
        ("Gemeente Utrecht", ["03440"]),
        ("Gemeente Utrecht", ["٠٣٤٤"]),
    ],
)
def test_an_unusable_name_or_code_is_refused(database, nu, naam, codes):
    with pytest.raises(GegevensFout), database.transaction() as sessie:
        register_organisatie(sessie, naam, codes, nu=nu)


def test_an_unknown_organisation_is_named(database):
    with pytest.raises(GegevensFout, match="Gemeente Nergens"), database.reading() as sessie:
        find_organisatie(sessie, "Gemeente Nergens")


# -- productbeheerders ---------------------------------------------------------------------------------


def test_a_productbeheerder_is_known_by_address_and_product(database, organisatie):
    with database.transaction() as sessie:
        register_productbeheerder(
            sessie, organisatie, naam="A. de Wit", email="a.dewit@example.org", product=BB
        )
        register_productbeheerder(
            sessie,
            organisatie,
            naam="Anna de Wit",
            email=" A.deWit@example.org",
            product=BB,
            notificaties=False,
        )
        register_productbeheerder(
            sessie, organisatie, naam="Anna de Wit", email="a.dewit@example.org", product=AV
        )
    with database.reading() as sessie:
        gevonden = [
            (b.naam, b.email, b.product, b.notificaties) for b in find_productbeheerders(sessie, organisatie)
        ]
        alleen_av = find_productbeheerders(sessie, organisatie, AV)
    assert gevonden == [
        ("Anna de Wit", "a.dewit@example.org", AV, True),
        ("Anna de Wit", "a.dewit@example.org", BB, False),
    ]
    assert [beheerder.product for beheerder in alleen_av] == [AV]


def test_mails_are_switched_off_and_on_again(database, organisatie):
    with database.transaction() as sessie:
        register_productbeheerder(
            sessie, organisatie, naam="A. de Wit", email="a.dewit@example.org", product=BB
        )
    for aan in (False, True):
        with database.transaction() as sessie:
            set_notificaties(sessie, organisatie, email="A.DEWIT@example.org", product=BB, aan=aan)
        with database.reading() as sessie:
            assert [b.notificaties for b in find_productbeheerders(sessie, organisatie)] == [aan]
    with pytest.raises(GegevensFout, match="Stichtse Vecht"), database.transaction() as sessie:
        set_notificaties(sessie, organisatie, email="niemand@example.org", product=BB, aan=True)


@pytest.mark.parametrize(
    ("given", "again", "kept"),
    [
        ("a.dewit@Example.ORG", "A.DEWIT@example.org", "a.dewit@example.org"),
        ("info@b\u00fccher.example.org", "info@xn--bcher-kva.example.org", "info@b\u00fccher.example.org"),
        ("info@bu\u0308cher.example.org", "INFO@B\u00dcCHER.example.org", "info@b\u00fccher.example.org"),
    ],
)
def test_one_address_however_it_is_written_is_one_productbeheerder(database, organisatie, given, again, kept):
    with database.transaction() as sessie:
        register_productbeheerder(sessie, organisatie, naam="A. de Wit", email=given, product=BB)
        register_productbeheerder(sessie, organisatie, naam="Anna de Wit", email=again, product=BB)
        set_notificaties(sessie, organisatie, email=again, aan=False, product=BB)
        [beheerder] = find_productbeheerders(sessie, organisatie)
    assert (beheerder.naam, beheerder.email, beheerder.notificaties) == ("Anna de Wit", kept, False)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "geen-adres",
        "a@b@c",
        "a b@example.org",
        "a@example.org\r\nBcc: x@example.org",
        "a@b,c@d",
        "<a@b>",
        "a..b@c.test",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(database, organisatie, email):
    with pytest.raises(GegevensFout) as gevangen, database.transaction() as sessie:
        register_productbeheerder(sessie, organisatie, naam="A. de Wit", email=email, product=BB)
    assert not email or email not in str(gevangen.value)


# -- instellingen (besluit B8) -------------------------------------------------------------------------

VERSIES = [
    # entered at (UTC)      vermogen  voertuigen  percentage
    ("2026-03-01T09:00:00", True, False, 120),
    ("2026-09-20T12:00:00", True, True, 130),
    ("2026-10-31T22:59:59", False, True, 110),  # 23:59:59 in Amsterdam, on the last day of October
    ("2026-10-31T23:00:00", False, False, 150),  # 00:00 on 1 November
]


@pytest.fixture
def met_versies(database, organisatie):
    for tekst, vermogen, voertuigen, percentage in VERSIES:
        with database.transaction() as sessie:
            set_instellingen(
                sessie,
                organisatie,
                vermogen=vermogen,
                voertuigen=voertuigen,
                percentage=percentage,
                nu=moment(tekst),
            )
    return organisatie


def test_the_defaults_are_those_of_b8(database, organisatie, nu):
    with database.reading() as sessie:
        geldend = instellingen_at(sessie, organisatie, nu)
    assert (geldend.versie, geldend.vermogen, geldend.voertuigen, geldend.percentage) == (
        0,
        False,
        False,
        120,
    )


@pytest.mark.parametrize(
    ("tekst", "versie", "percentage"),
    [
        ("2026-03-01T08:59:59", 0, 120),
        ("2026-03-01T09:00:00", 1, 120),
        ("2026-09-20T11:59:59", 1, 120),
        ("2026-09-20T12:00:01", 2, 130),
        ("2026-12-01T00:00:00", 4, 150),
    ],
)
def test_the_version_in_force_is_the_last_one_entered(database, met_versies, tekst, versie, percentage):
    with database.reading() as sessie:
        geldend = instellingen_at(sessie, met_versies, moment(tekst))
        assert (geldend.versie, geldend.percentage) == (versie, percentage)
        assert instellingen_of_versie(sessie, met_versies, versie, op=date(2026, 10, 31)) == geldend


@pytest.mark.parametrize(
    ("nu", "versie"),
    [
        ("2026-10-05T06:00:00", 2),  # during the rapportagemaand: as it is now
        ("2026-10-31T22:59:59", 3),  # its last second in Amsterdam
        ("2026-10-31T23:00:00", 3),  # over: version 4 was entered at 00:00 of the next month
        ("2027-02-01T00:00:00", 3),
    ],
)
def test_after_the_rapportagemaand_its_end_decides(database, met_versies, nu, versie):
    with database.reading() as sessie:
        geldend = instellingen_for_ronde(sessie, met_versies, laatste_dag=date(2026, 10, 31), nu=moment(nu))
    assert geldend.versie == versie


def test_what_is_not_given_stays_and_no_change_is_no_version(database, organisatie, nu):
    with database.transaction() as sessie:
        assert set_instellingen(sessie, organisatie, vermogen=True, nu=nu) == GeldendeInstellingen(
            versie=1, vermogen=True, voertuigen=False, percentage=120, ingevoerd_op=nu
        )
        tweede = set_instellingen(sessie, organisatie, percentage=110, nu=nu)
        assert (tweede.versie, tweede.vermogen, tweede.percentage) == (2, True, 110)
        assert set_instellingen(sessie, organisatie, percentage=110, nu=nu).versie == 2


@pytest.mark.parametrize("percentage", [99, 151, 0, -120])
def test_a_percentage_outside_100_to_150_is_refused(database, organisatie, nu, percentage):
    with pytest.raises(GegevensFout, match="100 and 150"), database.transaction() as sessie:
        set_instellingen(sessie, organisatie, percentage=percentage, nu=nu)


# -- registrations: [begin, einde) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "actief"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),  # einde is the first day no longer registered
    ],
)
def test_a_registration_is_active_from_begin_until_einde(database, organisatie, op, actief):
    with database.transaction() as sessie:
        register_aanmelding(sessie, organisatie, AV, begin=date(2026, 1, 1), einde=date(2026, 7, 1))
        assert [o.naam for o in find_aangemeld(sessie, AV, op)] == (
            ["Gemeente Stichtse Vecht"] if actief else []
        )
        assert find_aangemeld(sessie, BB, op) == []


@pytest.mark.parametrize(
    ("begin", "einde", "mag"),
    [
        (date(2025, 1, 1), date(2026, 1, 1), True),  # ends where the other begins
        (date(2026, 7, 1), None, True),  # begins where the other ends
        (date(2026, 1, 1), date(2026, 9, 1), True),  # the same begin: changes it
        (date(2025, 1, 1), date(2026, 1, 2), False),
        (date(2026, 6, 30), None, False),
        (date(2025, 1, 1), None, False),
        (date(2026, 3, 1), date(2026, 4, 1), False),
        (date(2026, 8, 1), date(2026, 8, 1), False),  # empty
    ],
)
def test_registrations_do_not_overlap(database, organisatie, begin, einde, mag):
    with database.transaction() as sessie:
        register_aanmelding(sessie, organisatie, AV, begin=date(2026, 1, 1), einde=date(2026, 7, 1))
    if mag:
        with database.transaction() as sessie:
            register_aanmelding(sessie, organisatie, AV, begin=begin, einde=einde)
    else:
        with pytest.raises(GegevensFout), database.transaction() as sessie:
            register_aanmelding(sessie, organisatie, AV, begin=begin, einde=einde)
    with database.reading() as sessie:
        assert ((begin, einde) in [(a.begin, a.einde) for a in find_aanmeldingen(sessie, organisatie)]) is mag
