"""Which account is which productbeheerder (besluit B53a), and what that lets it do."""

from __future__ import annotations

import pytest

from include.schemas.domein import Product
from include.steps.portaal.sessies import InlogGeweigerd, log_in, vind_sessie
from include.steps.portaal.toegang import NietGevonden, gebruiker_van, handelt_als
from include.steps.registreren import (
    Beheerder,
    Gebruikersbeheerder,
    Inschrijving,
    schrijf_in,
    trek_beheerder_in,
)
from include.steps.registreren import registreer_beheerder as registreer
from include.steps.verwerking import Opslag
from include.storage.audit_log import entries

BB, AV = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS
ALFA, BETA, ZETA = "Gemeente Alfa", "ISD Beta", "gemeente Zeta"
ANNA = "anna@alfa.test"


@pytest.fixture
def land(opslag: Opslag) -> Opslag:
    """Three organisations; Anna is productbeheerder of both products at Alfa and of one at Beta."""
    wie = {
        ALFA: [("Anna de Wit", ANNA, BB), ("Anna de Wit", ANNA, AV)],
        BETA: [("A. de Wit", "Anna@Alfa.TEST", BB), ("Bert Bos", "bert@beta.test", BB)],
        ZETA: [("Chris K", "k.chris@zeta.test", BB)],
    }
    for (naam, beheerders), code in zip(wie.items(), ("0014", "0687", "0193"), strict=True):
        rollen = [Beheerder(naam=een, email=email, product=product) for een, email, product in beheerders]
        tekenaar = Gebruikersbeheerder(naam="Greet Groen", email="greet@alfa.test")
        schrijf_in(
            opslag,
            Inschrijving(
                naam=naam, gemeentecodes=[code], productbeheerders=rollen, gebruikersbeheerders=[tekenaar]
            ),
        )
    return opslag


def _log_in(
    opslag: Opslag,
    sub: str = "s1",
    email: str | None = ANNA,
    *,
    geverifieerd: bool = True,
    issuer: str = "https://a",
) -> set[tuple[str, Product]]:
    """Log in, and return for what."""
    token = log_in(
        opslag, issuer=issuer, sub=sub, email=email, email_geverifieerd=geverifieerd, naam="Een naam"
    )
    aangemeld = vind_sessie(opslag, token)
    assert aangemeld is not None
    return {(mandaat.organisatie, mandaat.product) for mandaat in aangemeld.gebruiker.mandaten}


ANNAS = {(ALFA, BB), (ALFA, AV), (BETA, BB)}


@pytest.mark.parametrize(
    ("email", "geverifieerd", "uitkomst"),
    [
        (ANNA, True, ANNAS),
        ("ANNA@alfa.test", True, ANNAS),
        (" anna@Alfa.Test ", True, ANNAS),
        (ANNA, False, "email-niet-geverifieerd"),
        (None, True, "email-ontbreekt"),
        ("", True, "email-ontbreekt"),
        ("anna", True, "onbekend"),
        ("anna@beta.test", True, "onbekend"),
        ("greet@alfa.test", True, "onbekend"),  # gebruikersbeheerder only
        ("k.chris@zeta.test", True, {(ZETA, BB)}),
        ("\u212a.chris@zeta.test", True, "onbekend"),  # the Kelvin sign, which folds into a k
        ("%@alfa.test", True, "onbekend"),
    ],
)
def test_the_first_log_in_goes_by_a_verified_address(land: Opslag, email, geverifieerd, uitkomst):
    if isinstance(uitkomst, set):
        assert _log_in(land, email=email, geverifieerd=geverifieerd) == uitkomst
        return
    with pytest.raises(InlogGeweigerd) as geweigerd:
        _log_in(land, email=email, geverifieerd=geverifieerd)
    assert geweigerd.value.reden == uitkomst


@pytest.mark.parametrize(
    ("sub", "email", "geverifieerd", "uitkomst"),
    [
        ("s1", "iets@anders.test", True, ANNAS),  # the address changed
        ("s1", None, False, ANNAS),  # or is not told any more
        ("s2", ANNA, True, None),  # the address went to somebody else
    ],
)
def test_afterwards_the_coupling_counts_and_not_the_address(land: Opslag, sub, email, geverifieerd, uitkomst):
    _log_in(land)
    if uitkomst is None:
        with pytest.raises(InlogGeweigerd, match="onbekend"):
            _log_in(land, sub, email, geverifieerd=geverifieerd)
    else:
        assert _log_in(land, sub, email, geverifieerd=geverifieerd) == uitkomst


def test_the_same_sub_of_another_issuer_is_somebody_else(land: Opslag):
    _log_in(land)
    with pytest.raises(InlogGeweigerd, match="onbekend"):
        _log_in(land, issuer="https://b")


def test_who_is_registered_later_is_coupled_at_the_next_verified_log_in(land: Opslag):
    _log_in(land)
    registreer(land, ZETA, Beheerder(naam="Anna de Wit", email=ANNA, product=BB))
    assert _log_in(land, geverifieerd=False) == ANNAS
    assert _log_in(land) == ANNAS | {(ZETA, BB)}


def test_what_was_withdrawn_is_lost_at_once_and_can_be_given_again(land: Opslag):
    token = log_in(land, issuer="i", sub="s", email=ANNA, email_geverifieerd=True, naam=None)
    trek_beheerder_in(land, ALFA, email=ANNA, product=BB)
    aangemeld = vind_sessie(land, token)
    assert aangemeld is not None
    assert aangemeld.gebruiker.organisaties() == (ALFA, BETA)
    assert aangemeld.gebruiker.organisaties(BB) == (BETA,)
    registreer(land, ALFA, Beheerder(naam="Anna", email=ANNA, product=BB))
    assert gebruiker_van(land, aangemeld.gebruiker.account_id).organisaties(BB) == (BETA,)
    assert _log_in(land, "s", issuer="i") == ANNAS


def test_a_user_knows_only_what_is_their_own(land: Opslag):
    registreer(land, ZETA, Beheerder(naam="Anna de Wit", email=ANNA, product=AV))
    token = log_in(land, issuer="i", sub="s", email=ANNA, email_geverifieerd=True, naam="  Anna \n de Wit ")
    aangemeld = vind_sessie(land, token)
    assert aangemeld is not None
    anna = aangemeld.gebruiker
    assert (anna.naam, anna.email) == ("Anna de Wit", ANNA)
    assert anna.organisaties() == (ALFA, ZETA, BETA)
    assert anna.producten() == (BB, AV)
    assert anna.mandaat(AV, ZETA).organisatie == ZETA
    fouten = set()
    for product, organisatie in ((BB, ZETA), (BB, "Gemeente Nergens")):
        with pytest.raises(NietGevonden) as niet:
            anna.mandaat(product, organisatie)
        fouten.add(str(niet.value))
    assert len(fouten) == 1
    with pytest.raises(NietGevonden):
        gebruiker_van(land, "4c1c1f6e-0000-4000-8000-000000000000")


def test_the_logboek_has_who_logged_in_and_why_not_but_no_address(land: Opslag):
    with handelt_als(None, trace="a" * 32):
        _log_in(land)
        with pytest.raises(InlogGeweigerd):
            _log_in(land, "s9", "vera@elders.test")
    with land.database.reading() as sessie:
        goed, fout = entries(sessie, laatste=2)
    assert (goed.naam, goed.activiteit, goed.trace_id) == (
        "inloggen",
        "urn:bidn:verwerking:toegang",
        "a" * 32,
    )
    assert goed.uitvoerder == f"gebruiker:{goed.onderwerp}"
    assert goed.bijzonderheden == {"mandaten": 3, "gekoppeld": 3}
    assert (fout.naam, fout.status, fout.bijzonderheden) == (
        "inloggen-geweigerd",
        "Error",
        {"reden": "onbekend"},
    )
    assert "@" not in f"{vars(goed)} {vars(fout)}"
