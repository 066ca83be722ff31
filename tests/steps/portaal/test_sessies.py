"""How long somebody stays logged in, and what ends that."""

from __future__ import annotations

import base64
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from include.schemas.domein import Product
from include.steps.portaal import sessies
from include.steps.portaal.sessies import Inlogpoging, vind_sessie
from include.steps.portaal.toegang import NietGevonden
from include.steps.registreren import Beheerder, Inschrijving, schrijf_in, trek_beheerder_in
from include.steps.verwerking import Opslag
from include.storage.audit_log import entries
from include.storage.portal_models import PortaalInlogpoging, PortaalSessie
from tests.steps.hulp import IN_RAPPORTAGEMAAND, Klok

ALFA, ANNA = "Gemeente Alfa", "anna@alfa.test"
BB = Product.BIJZONDERE_BIJSTAND


def _schrijf_in(opslag: Opslag) -> None:
    anna = Beheerder(naam="Anna de Wit", email=ANNA, product=BB)
    schrijf_in(opslag, Inschrijving(naam=ALFA, gemeentecodes=["0014"], productbeheerders=[anna]))


def _log_in(opslag: Opslag) -> str:
    return sessies.log_in(
        opslag, issuer="https://a", sub="s1", email=ANNA, email_geverifieerd=True, naam="Anna de Wit"
    )


@pytest.fixture
def token(opslag: Opslag) -> str:
    """Somebody logged in on 5 November at 9.00 UTC."""
    _schrijf_in(opslag)
    return _log_in(opslag)


def _handelingen(opslag: Opslag, laatste: int) -> list[tuple[str, dict[str, object]]]:
    with opslag.database.reading() as sessie:
        return [(regel.naam, dict(regel.bijzonderheden)) for regel in entries(sessie, laatste=laatste)]


@pytest.mark.parametrize(
    ("minuten", "ingelogd"),
    [
        ([29], True),
        ([30], False),
        ([29, 29, 29], True),  # every use begins it anew
        ([0.5, 29.4], True),
        ([0.9, 29.2], False),  # a use within the minute is not written down
        ([29] * 16, True),  # 7 h 44
        ([29] * 16 + [15.9], True),
        ([29] * 16 + [16], False),  # 8 h, in the midst of work
    ],
)
def test_a_session_ends_after_30_minutes_unused_and_after_8_hours(
    opslag: Opslag, klok: Klok, token, minuten, ingelogd
):
    for duur in minuten:
        klok.verder(minutes=duur)
        aangemeld = vind_sessie(opslag, token)
    assert (aangemeld is not None) == ingelogd


def test_it_says_when_it_ends_and_can_be_extended_until_the_8_hours(opslag: Opslag, klok: Klok, token):
    def over() -> timedelta:
        aangemeld = sessies.verleng(opslag, token)
        assert aangemeld is not None
        return aangemeld.sessie.verloopt_op - IN_RAPPORTAGEMAAND

    assert over() == timedelta(minutes=30)
    klok.verder(seconds=30)
    assert over() == timedelta(minutes=30, seconds=30)
    for _ in range(16):
        klok.verder(minutes=28)
        over()
    assert over() == timedelta(hours=7, minutes=58, seconds=30)
    klok.verder(minutes=20)
    assert over() == timedelta(hours=8)
    klok.verder(minutes=12)
    assert sessies.verleng(opslag, token) is None


def test_only_a_hash_of_the_token_is_kept(opslag: Opslag, token):
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    with opslag.database.reading() as sessie:
        [rij] = sessie.scalars(select(PortaalSessie))
    assert rij.id_hash == sha256(token.encode()).hexdigest()
    assert token not in str(vars(rij))
    assert rij.csrf != rij.id_hash
    assert vind_sessie(opslag, rij.id_hash) is None


def test_who_was_withdrawn_is_logged_out_at_the_next_request(opslag: Opslag, token):
    trek_beheerder_in(opslag, ALFA, email=ANNA, product=BB)
    assert vind_sessie(opslag, token) is None
    assert _handelingen(opslag, 1) == [("uitloggen", {"reden": "geen mandaat meer"})]
    schrijf_in(
        opslag,
        Inschrijving(
            naam=ALFA, gemeentecodes=["0014"], productbeheerders=[Beheerder(naam="A", email=ANNA, product=BB)]
        ),
    )
    assert vind_sessie(opslag, token) is None  # ended is ended


def test_logging_out_ends_one_session_and_everywhere_ends_all(opslag: Opslag, token):
    ander, derde = _log_in(opslag), _log_in(opslag)
    aangemeld = vind_sessie(opslag, ander)
    assert aangemeld is not None
    sessies.log_uit(opslag, token)
    sessies.log_uit(opslag, token)
    assert (vind_sessie(opslag, token), vind_sessie(opslag, derde) is None) == (None, False)
    assert sessies.log_overal_uit(opslag, aangemeld.gebruiker.account_id) == 2
    assert [vind_sessie(opslag, een) for een in (ander, derde)] == [None, None]
    assert _handelingen(opslag, 2) == [
        ("uitloggen", {"reden": "uitgelogd"}),
        ("overal-uitloggen", {"sessies": 2}),
    ]


def test_the_choice_of_an_organisation_is_of_one_session_and_of_ones_own(opslag: Opslag, token):
    def gekozen(van: str) -> str | None:
        aangemeld = vind_sessie(opslag, van)
        assert aangemeld is not None
        return aangemeld.sessie.organisatie

    ander = _log_in(opslag)
    sessies.kies_organisatie(opslag, token, ALFA)
    assert (gekozen(token), gekozen(ander)) == (ALFA, None)
    with pytest.raises(NietGevonden):
        sessies.kies_organisatie(opslag, token, "Gemeente Beta")
    with pytest.raises(NietGevonden):
        sessies.kies_organisatie(opslag, "geen token", ALFA)
    sessies.kies_organisatie(opslag, token, None)
    assert gekozen(token) is None


@pytest.mark.parametrize(
    ("state", "browser", "minuten", "gevonden"),
    [
        ("s", "b", 0, True),
        ("s", "b", 9.9, True),
        ("s", "b", 10, False),
        ("t", "b", 0, False),
        ("s", "c", 0, False),
        ("", "", 0, False),
    ],
)
def test_an_attempt_is_taken_once_in_time_by_its_own_browser(
    beide: Opslag, klok: Klok, state, browser, minuten, gevonden
):
    sessies.begin_inlogpoging(beide, state="s", nonce="n", code_verifier="v", naar="/x", browser="b")
    klok.verder(minutes=minuten)
    poging = sessies.neem_inlogpoging(beide, state=state, browser=browser)
    assert poging == (Inlogpoging("n", "v", "/x") if gevonden else None)
    if state == "s":
        assert sessies.neem_inlogpoging(beide, state="s", browser="b") is None


def test_what_is_over_is_removed(beide: Opslag, klok: Klok):
    _schrijf_in(beide)
    _log_in(beide)
    sessies.begin_inlogpoging(beide, state="s", nonce="n", code_verifier="v", naar="/", browser="b")
    klok.verder(minutes=29)
    blijft = _log_in(beide)
    sessies.begin_inlogpoging(beide, state="t", nonce="n", code_verifier="v", naar="/", browser="b")
    klok.verder(minutes=1)
    assert sessies.ruim_sessies_op(beide) == 1  # the attempt made way for the next one already
    with beide.database.reading() as sessie:
        aantallen = [
            sessie.scalar(select(func.count()).select_from(rij))
            for rij in (PortaalSessie, PortaalInlogpoging)
        ]
    assert aantallen == [1, 1]
    assert vind_sessie(beide, blijft) is not None
