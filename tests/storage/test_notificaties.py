from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.schemas.domein import Product
from include.storage.leveringen import register_levering
from include.storage.notificaties import (
    claim_mail,
    count_sent,
    mark_sent,
    recipients,
    release_claim,
    uncertain_claims,
)
from include.storage.organisaties import register_organisatie, register_productbeheerder, set_notificaties
from include.storage.publicaties import TePubliceren, publish

BB, AV = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS


@pytest.fixture
def publicatie(database, bestanden, organisatie, levering, nu) -> str:
    """The id of a publication of Bijzondere Bijstand."""
    return publish(
        database,
        bestanden,
        organisatie=organisatie,
        levering=levering,
        ronde="2026-09",
        uitvoer=[TePubliceren("overzicht", "overzicht.csv", b"x", 1)],
        manifest={},
        verwerking="run-1/1",
        nu=nu,
    ).publicatie.id


@pytest.fixture
def beheerders(database, organisatie, nu):
    """Two who want mail, one who opted out, one of the other product, one of another organisation."""
    with database.transaction() as sessie:
        ander = register_organisatie(sessie, "Gemeente Zeist", ["0355"], nu=nu)
        for wie, email, meer in (
            (organisatie, "bea@example.org", {}),
            (organisatie, "an@example.org", {}),
            (organisatie, "uit@example.org", {"notificaties": False}),
            (organisatie, "av@example.org", {"product": AV}),
            (ander, "zeist@example.org", {}),
        ):
            register_productbeheerder(
                sessie, wie, naam=email.split("@")[0], email=email, **({"product": BB} | meer)
            )


def adressen(database, *publicaties: str) -> list[str]:
    with database.reading() as sessie:
        return [ontvanger.email for ontvanger in recipients(sessie, publicaties)]


def standen(database, *publicaties: str) -> tuple[int, int]:
    """How many went out, and of how many nobody knows."""
    with database.reading() as sessie:
        return count_sent(sessie, publicaties), uncertain_claims(sessie, publicaties)


def ontvanger(database, publicatie: str, email: str):
    with database.reading() as sessie:
        return next(wie for wie in recipients(sessie, [publicatie]) if wie.email == email)


@pytest.mark.usefixtures("beheerders")
class TestOnePublication:
    def test_who_is_mailed(self, database, publicatie):
        assert adressen(database, publicatie) == ["an@example.org", "bea@example.org"]

    def test_claimed_sent_and_marked_is_done(self, database, publicatie, nu):
        an = ontvanger(database, publicatie, "an@example.org")
        recht = claim_mail(database, [publicatie], an, nu=nu)
        assert recht.publicaties == (publicatie,)
        mark_sent(database, recht, nu=nu)
        assert adressen(database, publicatie) == ["bea@example.org"]
        assert claim_mail(database, [publicatie], an, nu=nu) is None
        assert standen(database, publicatie) == (1, 0)

    def test_refused_by_the_mail_server_is_tried_again(self, database, publicatie, nu):
        an = ontvanger(database, publicatie, "an@example.org")
        release_claim(database, claim_mail(database, [publicatie], an, nu=nu))
        assert "an@example.org" in adressen(database, publicatie)
        assert claim_mail(database, [publicatie], an, nu=nu) is not None

    def test_a_mail_that_went_out_cannot_be_given_back(self, database, publicatie, nu):
        an = ontvanger(database, publicatie, "an@example.org")
        recht = claim_mail(database, [publicatie], an, nu=nu)
        mark_sent(database, recht, nu=nu)
        release_claim(database, recht)
        assert claim_mail(database, [publicatie], an, nu=nu) is None

    def test_killed_after_sending_is_never_sent_again_and_ops_sees_it(
        self, database, publicatie, nu, tmp_path
    ):
        an = ontvanger(database, publicatie, "an@example.org")
        kind = os.fork()
        if kind == 0:
            try:
                claim_mail(database, [publicatie], an, nu=nu)
                (tmp_path / "verzonden").touch()
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(kind, 0)
        assert (tmp_path / "verzonden").exists()
        assert adressen(database, publicatie) == ["bea@example.org"]
        assert claim_mail(database, [publicatie], an, nu=nu) is None
        assert standen(database, publicatie) == (0, 1)

    def test_of_many_at_once_one_may_send(self, database, publicatie, nu):
        an = ontvanger(database, publicatie, "an@example.org")
        with ThreadPoolExecutor(6) as tegelijk:
            claims = list(tegelijk.map(lambda _: claim_mail(database, [publicatie], an, nu=nu), range(6)))
        assert sum(recht is not None for recht in claims) == 1

    def test_who_opts_out_at_the_last_moment_gets_no_mail(self, database, organisatie, publicatie, nu):
        an = ontvanger(database, publicatie, "an@example.org")
        with database.transaction() as sessie:
            set_notificaties(sessie, organisatie, email="an@example.org", product=BB, aan=False)
        assert claim_mail(database, [publicatie], an, nu=nu) is None

    def test_a_new_version_is_announced_anew(
        self, database, bestanden, organisatie, levering, publicatie, nu
    ):
        mark_sent(
            database,
            claim_mail(database, [publicatie], ontvanger(database, publicatie, "an@example.org"), nu=nu),
            nu=nu,
        )
        nieuw = publish(
            database,
            bestanden,
            organisatie=organisatie,
            levering=levering,
            ronde="2026-09",
            uitvoer=[TePubliceren("overzicht", "overzicht.csv", b"y", 1)],
            manifest={},
            verwerking="run-2/1",
            nu=nu,
        ).publicatie.id
        assert adressen(database, nieuw) == ["an@example.org", "bea@example.org"]


def test_the_lists_of_a_regeling_are_announced_in_one_mail(database, bestanden, nu):
    with database.transaction() as sessie:
        isd = register_organisatie(sessie, "ISD Brabantse Wal", ["0748", "0851", "0873"], nu=nu)
        register_productbeheerder(sessie, isd, naam="Bo", email="bo@example.org", product=AV)
    lijst = register_levering(
        database, bestanden, inhoud=b"x", bestandsnaam="x", nu=nu, product=AV, kenmerk="avd_2026_01"
    ).levering
    ids = [
        publish(
            database,
            bestanden,
            organisatie=isd,
            levering=lijst,
            gemeentecode=code,
            uitvoer=[TePubliceren("selectielijst", "selectielijst.csv", b"x", 0)],
            manifest={},
            verwerking="run-1",
            nu=nu,
        ).publicatie.id
        for code in isd.gemeentecodes
    ]
    bo = ontvanger(database, ids[0], "bo@example.org")
    assert claim_mail(database, ids[:1], bo, nu=nu).publicaties == (ids[0],)
    assert claim_mail(database, ids, bo, nu=nu).publicaties == (
        ids[1],
        ids[2],
    )  # the first was announced already
    assert claim_mail(database, ids, bo, nu=nu) is None
    assert adressen(database, *ids) == []
