"""Who is mailed about a publication, and how often (besluit B54)."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from bidn_operators.retries import Herhaalbeleid
from include.errors import GegevensFout, InstallatieFout, MailFout
from include.rapportage.mail import Mail
from include.schemas.domein import Product
from include.steps.notificeren import Bezorging
from include.steps.samenvatting import stel_op
from include.steps.stored_branch import Outside
from include.steps.verwerking import Opslag, Verwerking
from include.storage.organisaties import (
    find_organisatie,
    find_productbeheerders,
    register_productbeheerder,
    set_instellingen,
    set_notificaties,
)
from tests.dags.wereld import ALFA, BETA, NAMEN, PERSONEN, RONDE
from tests.harness import take, take_until, unasked
from tests.steps.hulp import gepubliceerde, lever_in, schrijf_in, verwerking_van

BB = Product.BIJZONDERE_BIJSTAND
EEN, TWEE, DRIE = "een@alfa.test", "twee@alfa.test", "drie@alfa.test"


def notificeer(opslag: Opslag, verwerking: Verwerking, bezorg: Any) -> Any:
    return take(opslag, verwerking, "notificeren", Outside(unasked, bezorg))


class Post:
    """Stands in for the mail server: takes every mail, or answers as told, by address."""

    def __init__(self, **antwoorden: Bezorging) -> None:
        self.antwoorden = {f"{wie}@alfa.test": antwoord for wie, antwoord in antwoorden.items()}
        self.mails: list[tuple[str, Mail]] = []

    def __call__(self, mail: Mail, adres: str) -> tuple[Bezorging, str]:
        antwoord = self.antwoorden.get(adres, Bezorging.AANGENOMEN)
        if antwoord in (Bezorging.AANGENOMEN, Bezorging.ONZEKER):
            self.mails.append((adres, mail))
        return antwoord, "SMTPDataError 451"

    @property
    def gemaild(self) -> list[str]:
        return sorted(adres for adres, _ in self.mails)


def _beheerders(opslag: Opslag, *adressen: str, organisatie: str = ALFA, **keuze: Any) -> None:
    with opslag.database.transaction() as sessie:
        wie = find_organisatie(sessie, organisatie)
        for adres in adressen:
            register_productbeheerder(sessie, wie, naam="Beheerder", email=adres, **({"product": BB} | keuze))


@pytest.fixture
def opslag(gepubliceerd: Opslag) -> Opslag:
    """Alfa and Beta are published; nobody is registered to be told."""
    return gepubliceerd


@pytest.fixture
def verwerking(opslag: Opslag) -> Verwerking:
    """The publication of Alfa, with three productbeheerders to tell."""
    _beheerders(opslag, DRIE, EEN, TWEE)
    return gepubliceerde(opslag, ALFA)


def test_everybody_once_whatever_is_repeated(opslag: Opslag, verwerking: Verwerking) -> None:
    post = Post()
    assert notificeer(opslag, verwerking, post) == {"verzonden": 3, "nu_verzonden": 3, "onzeker": 0}
    for _ in range(3):
        assert notificeer(opslag, verwerking, post) == {"verzonden": 3, "nu_verzonden": 0, "onzeker": 0}
    assert post.gemaild == [DRIE, EEN, TWEE]


def test_only_who_is_there_for_this_product_and_wants_it(opslag: Opslag, verwerking: Verwerking) -> None:
    _beheerders(opslag, "beta@beta.test", organisatie=BETA)
    _beheerders(opslag, "avd@alfa.test", product=Product.ALLEENVERDIENERS)
    _beheerders(opslag, "uit@alfa.test", notificaties=False)
    with opslag.database.transaction() as sessie:
        set_notificaties(sessie, find_organisatie(sessie, ALFA), email=TWEE, product=BB, aan=False)
    post = Post()
    notificeer(opslag, verwerking, post)
    assert post.gemaild == [DRIE, EEN]


def test_who_opts_in_later_is_told_by_a_later_attempt(opslag: Opslag, verwerking: Verwerking) -> None:
    post = Post()
    notificeer(opslag, verwerking, post)
    _beheerders(opslag, "nieuw@alfa.test")
    assert notificeer(opslag, verwerking, post)["nu_verzonden"] == 1
    assert post.gemaild == [DRIE, EEN, "nieuw@alfa.test", TWEE]


@pytest.mark.parametrize(
    ("beheerders", "niemand"),
    [
        ([], True),
        ([{"notificaties": False}], True),
        ([{"product": Product.ALLEENVERDIENERS}], True),
        ([{"organisatie": BETA}], True),
        ([{}], False),
    ],
    ids=["nobody registered", "opted out", "of the other product", "of another organisation", "told"],
)
def test_a_publication_that_nobody_is_told_of_is_a_warning_and_fails_nothing(
    opslag: Opslag, caplog: pytest.LogCaptureFixture, beheerders: list[dict[str, Any]], niemand: bool
) -> None:
    for nummer, keuze in enumerate(beheerders):
        _beheerders(opslag, f"wie{nummer}@alfa.test", **keuze)
    verwerking = gepubliceerde(opslag, ALFA)
    for _ in range(2):  # a retry says the same
        caplog.clear()
        assert notificeer(opslag, verwerking, Post())["verzonden"] == (0 if niemand else 1)
        gezegd = [regel.getMessage() for regel in caplog.records if regel.levelname == "WARNING"]
        assert [
            f"organisation {ALFA}, bijzondere-bijstand 2026-10: it is published" in zin for zin in gezegd
        ] == ([True] if niemand else [])
    samenvatting = stel_op(opslag, RONDE, "run-1", {})
    # Beta is published too, and has a productbeheerder in one of the cases.
    van_beta = any(keuze.get("organisatie") == BETA for keuze in beheerders)
    assert samenvatting["niemand_bericht"] == [*([ALFA] if niemand else []), *([] if van_beta else [BETA])]
    assert samenvatting["niet_aangemeld"] == []


def test_a_refusal_keeps_nobody_else_waiting_and_a_retry_mails_the_rest(
    opslag: Opslag, verwerking: Verwerking
) -> None:
    post = Post(een=Bezorging.GEWEIGERD)
    for _ in range(2):
        with pytest.raises(
            MailFout,
            match=rf"^organisation {ALFA}, bijzondere-bijstand 2026-10: 1 of \d notifications were not sent "
            r"\(SMTPDataError 451\)\. The publication stands",
        ) as fout:
            notificeer(opslag, verwerking, post)
        assert EEN not in str(fout.value)
    assert post.gemaild == [DRIE, TWEE]
    post.antwoorden.clear()
    assert notificeer(opslag, verwerking, post) == {"verzonden": 3, "nu_verzonden": 1, "onzeker": 0}
    assert post.gemaild == [DRIE, EEN, TWEE]


@pytest.mark.parametrize("ook_tijdelijk", [False, True])
def test_an_address_refused_for_good_fails_at_once_and_keeps_nobody_else_waiting(
    opslag: Opslag, verwerking: Verwerking, ook_tijdelijk: bool
) -> None:
    post = Post(een=Bezorging.ONBESTELBAAR)
    if ook_tijdelijk:
        post.antwoorden[TWEE] = Bezorging.GEWEIGERD
    with opslag.database.reading() as sessie:
        wie = find_productbeheerders(sessie, find_organisatie(sessie, ALFA))
    [nummer] = [beheerder.id for beheerder in wie if beheerder.email == EEN]
    with pytest.raises(
        GegevensFout,
        match=rf"^organisation {ALFA}, bijzondere-bijstand 2026-10: the mail server refuses 1 of 3 notifications for "
        rf"good \(productbeheerder number {nummer}: SMTPDataError 451\)\. .*clear this task",
    ) as fout:
        notificeer(opslag, verwerking, post)
    assert EEN not in str(fout.value)
    assert ("For another reason 1 of 3 notifications were not sent." in str(fout.value)) is ook_tijdelijk
    assert Herhaalbeleid().evaluate(fout.value, 1, 24).action is RetryAction.FAIL
    assert post.gemaild == ([DRIE] if ook_tijdelijk else [DRIE, TWEE])

    # What the message says to do.
    _beheerders(opslag, "goed@alfa.test")
    with opslag.database.transaction() as sessie:
        set_notificaties(sessie, find_organisatie(sessie, ALFA), email=EEN, product=BB, aan=False)
    post.antwoorden.pop(TWEE, None)
    assert notificeer(opslag, verwerking, post)["verzonden"] == 3
    assert post.gemaild == [DRIE, "goed@alfa.test", TWEE]


def test_without_any_mail_server_nothing_is_in_doubt(opslag: Opslag, verwerking: Verwerking) -> None:
    def geen(mail: Mail, adres: str) -> tuple[Bezorging, str]:
        raise InstallatieFout("connection smtp_default is not there")

    with pytest.raises(InstallatieFout):
        notificeer(opslag, verwerking, geen)
    post = Post()
    assert notificeer(opslag, verwerking, post) == {"verzonden": 3, "nu_verzonden": 3, "onzeker": 0}


def test_a_mail_in_doubt_is_not_sent_again_but_reported(
    opslag: Opslag, verwerking: Verwerking, caplog: pytest.LogCaptureFixture
) -> None:
    post = Post(twee=Bezorging.ONZEKER)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert notificeer(opslag, verwerking, post)["onzeker"] == 1
    assert post.gemaild == [DRIE, EEN, TWEE]
    regels = [regel.getMessage() for regel in caplog.records if "nobody knows" in regel.getMessage()]
    assert len(regels) == 2
    assert all(ALFA in regel and TWEE not in regel for regel in regels)


@pytest.mark.parametrize("na_versturen", [False, True], ids=["before sending", "after sending"])
def test_a_task_killed_while_sending_never_sends_that_one_again(
    opslag: Opslag, verwerking: Verwerking, na_versturen: bool
) -> None:
    post = Post()

    def omgevallen(mail: Mail, adres: str) -> tuple[Bezorging, str]:
        if na_versturen:
            post(mail, adres)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notificeer(opslag, verwerking, omgevallen)
    assert notificeer(opslag, verwerking, post) == {"verzonden": 2, "nu_verzonden": 2, "onzeker": 1}
    assert post.gemaild == ([DRIE, EEN, TWEE] if na_versturen else [EEN, TWEE])


def test_simultaneous_attempts_mail_everybody_once(beide: Opslag, bronnen: SimpleNamespace) -> None:
    schrijf_in(beide, ALFA)
    lever_in(beide, ALFA)
    verwerking = verwerking_van(beide, ALFA)
    take_until(beide, verwerking, bronnen.url)
    adressen = [f"beheerder{nummer}@alfa.test" for nummer in range(6)]
    _beheerders(beide, *adressen)
    post, samen = Post(), threading.Barrier(4)

    def werk() -> None:
        samen.wait()
        notificeer(beide, verwerking, post)

    with ThreadPoolExecutor(4) as draden:
        for werkend in [draden.submit(werk) for _ in range(4)]:
            werkend.result()
    assert post.gemaild == adressen


def test_a_new_version_is_told_anew(opslag: Opslag, verwerking: Verwerking, bronnen: SimpleNamespace) -> None:
    post = Post()
    notificeer(opslag, verwerking, post)
    with opslag.database.transaction() as sessie:
        set_instellingen(sessie, find_organisatie(sessie, ALFA), percentage=150, nu=opslag.klok())
    nieuw = verwerking_van(opslag, ALFA, "run-2")
    take_until(opslag, nieuw, bronnen.url)
    assert notificeer(opslag, nieuw, post)["nu_verzonden"] == 3


def test_without_a_publication_of_this_run_there_is_nothing_to_tell(opslag: Opslag) -> None:
    ander = replace(gepubliceerde(opslag, ALFA), run="run-2")
    with pytest.raises(GegevensFout, match=f"^organisation {ALFA}, ronde 2026-10: there is no publication"):
        notificeer(opslag, ander, Post())


@pytest.mark.parametrize(
    ("soort", "onderwerp"),
    [
        ("productie", "Bijzondere Bijstand: rapporten klaar, ronde 2026-10"),
        ("test", "[TEST] Bijzondere Bijstand: rapporten klaar, ronde 2026-10"),
        ("ontwikkeling", "[ONTWIKKELING] Bijzondere Bijstand: rapporten klaar, ronde 2026-10"),
    ],
)
def test_what_the_mail_says_and_what_not(
    opslag: Opslag, verwerking: Verwerking, monkeypatch: pytest.MonkeyPatch, soort: str, onderwerp: str
) -> None:
    monkeypatch.setenv("BIDN_OMGEVING", soort)
    post = Post()
    notificeer(opslag, verwerking, post)
    for _, mail in post.mails:
        assert mail.onderwerp == onderwerp
        for vorm in (mail.tekst, mail.html):
            assert "2 rapporten" in vorm
            assert "3 februari 2027" in vorm
            for geheim in (*PERSONEN, *NAMEN):
                assert geheim not in vorm
