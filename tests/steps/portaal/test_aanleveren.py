"""What a productbeheerder may ask of deliveries, what they are told, and how a delivery is judged in the background."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from include.schemas.domein import LeveringStatus, Product, Stap
from include.steps.leveren import beoordeel_ontvangen, ontvangst_van
from include.steps.portaal import aanleveren, oordelen
from include.steps.portaal.aanleveren import (
    bestand_met_fouten,
    geschiedenis,
    lever_aan,
    stand,
    verslag,
    verslag_csv,
)
from include.steps.portaal.oordelen import Oordelaar
from include.steps.portaal.toegang import Gebruiker, Mandaat, NietGevonden
from include.steps.verwerking import Opslag
from include.storage.actor import acting_as
from include.storage.audit_log import entries
from include.storage.levering_voortgang import claim_next, complete, fail, find_voortgang, report
from include.storage.leveringen import find_leveringen
from include.storage.organisaties import find_organisatie
from include.storage.portal_models import PortaalAccount
from tests.dags.wereld import ALFA, BETA
from tests.steps.hulp import Klok, lever_in, schrijf_in
from tests.storage.moord import sterf_na

BB, AV = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS
GOED = "0014;J;;999900018;;;;;;\r\n"
SLECHT = "0014;J;;123456789;;;;;;\r\n"
ELFPROEF = (
    "V053 kolom D: Het BSN van de aanvrager voldoet niet aan de elfproef: controleer of alle cijfers goed zijn "
    "overgenomen."
)
NAAM = (
    "V064 kolom E: De geslachtsnaam van de aanvrager bestaat niet alleen uit letters (minstens één), spaties, "
    "koppeltekens, apostrofs en punten: verwijder cijfers en andere tekens, ook onzichtbare."
)
J_OF_N = (
    "V032 kolom B: BRP bevragen is geen J of N: vul J in als wij de BRP moeten bevragen, of N als u de leefvorm zelf "
    "aanlevert."
)
PERCENTAGE = (
    "V041 kolom C: Het normpercentage is geen heel getal van 100 tot en met 150: vul 3 cijfers in zonder komma of "
    "procentteken, of maak de cel leeg."
)
DUBBEL = (
    "V054 kolom D: Deze aanvrager staat al op een eerdere, geldige rij: verwijder deze rij, want alleen die eerdere "
    "telt mee."
)
KOLOMMEN = (
    "V012: Deze rij heeft minder dan 4 kolommen, of is voorbij kolom J gevuld: lever de kolommen A tot en met J mee, "
    "ook de lege, en geen andere."
)


def gebruiker(opslag: Opslag, *organisaties: str, product: Product = BB) -> Gebruiker:
    with opslag.database.reading() as sessie:
        mandaten = tuple(
            Mandaat(nummer, naam, find_organisatie(sessie, naam).id, product)
            for nummer, naam in enumerate(organisaties)
        )
    return Gebruiker("account-1", "Anna de Vries", "anna@alfa.example", mandaten)


def aangeleverd(opslag: Opslag, wie: Gebruiker, inhoud: str = GOED, naam: str = "vraag.csv") -> str:
    bestand = io.BytesIO(inhoud.encode())
    return lever_aan(opslag, wie, wie.organisaties(BB)[0], bestandsnaam=naam, inhoud=bestand).levering_id


def beoordeeld(opslag: Opslag, inhoud: bytes) -> tuple[Gebruiker, str]:
    schrijf_in(opslag, ALFA)
    return gebruiker(opslag, ALFA), lever_in(opslag, ALFA, inhoud, ontvangen=opslag.klok()).levering.id


# -- whose it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vraag", [stand, verslag, verslag_csv, bestand_met_fouten])
@pytest.mark.parametrize("wie", ["vreemd", "ander product", "niemand", "onbekend", "verwijderd"])
def test_what_is_not_theirs_is_not_there(wereld: Opslag, vraag: Callable[..., Any], wie: str) -> None:
    [levering] = geschiedenis(wereld, gebruiker(wereld, ALFA)).aanleveringen
    vragers = {
        "vreemd": gebruiker(wereld, BETA),
        "ander product": gebruiker(wereld, ALFA, product=AV),
        "niemand": gebruiker(wereld),
    }
    vraag(wereld, gebruiker(wereld, ALFA), levering.id)
    if wie == "verwijderd":
        with wereld.database.transaction() as sessie:
            find_leveringen(sessie, organisatie=find_organisatie(sessie, ALFA))[
                0
            ].verwijderd_op = wereld.klok()
    id_ = "00000000-0000-4000-8000-000000000000" if wie == "onbekend" else levering.id
    with pytest.raises(NietGevonden):
        vraag(wereld, vragers.get(wie, gebruiker(wereld, ALFA)), id_)


def test_nobody_hands_in_or_looks_for_another_organisation(wereld: Opslag) -> None:
    vreemd = gebruiker(wereld, BETA)
    for vraag in (aanleveren.vooruitblik, aanleveren.geschiedenis):
        with pytest.raises(NietGevonden):
            vraag(wereld, vreemd, ALFA)
    with pytest.raises(NietGevonden):
        lever_aan(wereld, vreemd, ALFA, bestandsnaam="x.csv", inhoud=io.BytesIO(GOED.encode()))
    assert {rij.organisatie for rij in geschiedenis(wereld, vreemd).aanleveringen} == {BETA}


# -- what they are told ----------------------------------------------------------------------------------------


def test_the_history_tells_which_file_counts_and_who_handed_it_in(opslag: Opslag, klok: Klok) -> None:
    # 5 November 2026: for ronde 2026-11, of which the rapportagemaand ends on 31 December. 90 days later is 31 March
    # 2027; for what does not count 90 days after receipt on 5, 6 and 7 November: 3, 4 and 5 February.
    schrijf_in(opslag, ALFA)
    with opslag.database.transaction() as sessie:
        account = {"issuer": "https://i.example", "sub": "s", "email": "anna@alfa.example"}
        moment = {"gekoppeld_op": klok.nu, "laatst_ingelogd_op": klok.nu}
        sessie.add(PortaalAccount(id="account-1", naam="Anna de Vries", **account, **moment))
    lever_in(opslag, ALFA, GOED, ontvangen=klok.nu, naam="een.csv")
    klok.verder(days=1)
    wie = gebruiker(opslag, ALFA)
    with acting_as("account-1"):
        aangeleverd(opslag, wie, "0014;J;;999900043\r\n", "twee.csv")
    Oordelaar(opslag).werk_af()
    klok.verder(days=1)
    lever_in(opslag, ALFA, SLECHT, ontvangen=klok.nu, naam="drie.csv")
    klok.verder(days=1)
    aangeleverd(opslag, wie, "0014;J;;999900055\r\n", "vier.csv")

    rijen = geschiedenis(opslag, wie).aanleveringen

    assert [(rij.bestandsnaam, rij.door, rij.status, rij.telt_mee, rij.vervangen_door) for rij in rijen] == [
        ("vier.csv", "BIDN", None, True, None),  # as if it is usable, until it is judged
        ("drie.csv", "BIDN", LeveringStatus.AFGEKEURD, False, None),
        ("twee.csv", "Anna de Vries", LeveringStatus.CORRECT, False, "vier.csv"),
        ("een.csv", "BIDN", LeveringStatus.CORRECT, False, "vier.csv"),
    ]
    verdwijnt = [
        "2027-03-31",
        "2027-02-05",
        "2027-03-31",
        "2027-02-03",
    ]  # what may replace twee.csv is not judged
    assert [str(rij.verdwijnt_op) for rij in rijen] == verdwijnt


def test_the_verslag_counts_each_error_and_shows_the_rows_of_one_kind(opslag: Opslag) -> None:
    # Line 2: the elfproef fails; 3: no J or N, and a percentage of 99; 4 to 58: the elfproef again, 55 times.
    wie, id_ = beoordeeld(opslag, (GOED + SLECHT + "0014;X;99;999900043\r\n" + 55 * SLECHT).encode())
    alles = verslag(opslag, wie, id_)
    assert [(soort.code, soort.aantal, soort.regels) for soort in alles.soorten] == [
        ("V032", 1, (3,)),
        ("V041", 1, (3,)),
        ("V053", 56, (2, 4, 5, 6, 7)),
    ]
    assert (alles.bladen, len(alles.rijen), alles.rijen[0].waarde) == (3, 25, "123456789")
    assert [(rij.regel, rij.foutcode) for rij in alles.rijen[:3]] == [(2, "V053"), (3, "V032"), (3, "V041")]
    rest = verslag(opslag, wie, id_, code="V053", blad=3)
    assert [rij.regel for rij in rest.rijen] == [
        53,
        54,
        55,
        56,
        57,
        58,
    ]  # the 51st to 56th of line 2 and 4 to 58
    assert (
        verslag(opslag, wie, id_, code="V999", blad=99).blad == 3
    )  # unknown narrows nothing; past the end is the end


@pytest.mark.parametrize(
    ("geleverd", "terug"),
    [
        pytest.param(
            "0014;J;;999900018\r\n"
            "0014;J;;123456789;;;;;;\r\n"
            "\r\n"
            '0014;N;;999900043;"=1;de ""Vries""";19800317;3;;;\r\n'
            "0014;X;99;999900055;;;;;;\r\n"
            '0014;N;;999900067;"Jan\nsen";19800317;3;;;\r\n'
            "0014;J;;999900018;;;;;;;;\r\n"
            "0014;J\r\n".encode("utf-8-sig"),
            "0014;J;;999900018;;;;;;;\r\n"
            f"0014;J;;123456789;;;;;;;{ELFPROEF}\r\n"
            "\r\n"
            f'0014;N;;999900043;"\'=1;de ""Vries""";19800317;3;;;;{NAAM}\r\n'
            f"0014;X;99;999900055;;;;;;;{J_OF_N} | {PERCENTAGE}\r\n"
            f'0014;N;;999900067;"Jan\nsen";19800317;3;;;;{NAAM}\r\n'
            f"0014;J;;999900018;;;;;;;;;{DUBBEL}\r\n"
            f"0014;J;;;;;;;;;{KOLOMMEN}\r\n",
            id="what a spreadsheet writes",
        ),
        pytest.param(
            "sep=,\n0014,N,,999900018,Öztürk,19800317,3,,,\n0014,J,+120,999900043\n\x1a".encode("cp1252"),
            f'sep=,\r\n0014,N,,999900018,Öztürk,19800317,3,,,,\r\n0014,J,+120,999900043,,,,,,,"{PERCENTAGE}"\r\n\r\n',
            id="Windows-1252, with the separator named",
        ),
        pytest.param(
            b"0014\tJ\t\t999900018\r0014\tJ\t\t123456789\r",
            f"0014\tJ\t\t999900018\t\t\t\t\t\t\t\r\n0014\tJ\t\t123456789\t\t\t\t\t\t\t{ELFPROEF}\r\n",
            id="CSV (Macintosh), with tabs",
        ),
    ],
)
def test_the_file_comes_back_with_its_errors_beside_each_row(
    opslag: Opslag, geleverd: bytes, terug: str
) -> None:
    wie, id_ = beoordeeld(opslag, geleverd)
    download = bestand_met_fouten(opslag, wie, id_)
    with opslag.database.reading() as sessie:  # before its first byte is read
        assert entries(sessie, naam="vraagbestand-ophalen", laatste=9)[-1].onderwerp == id_
    assert b"".join(download.stukken) == b"\xef\xbb\xbf" + terug.encode()
    assert download.naam == "vraag-met-fouten.csv"


# -- judging in the background -----------------------------------------------------------------------------------


def _claim(opslag: Opslag, houder: str) -> str | None:
    return claim_next(opslag.database, houder, nu=opslag.klok())


def test_a_delivery_is_judged_by_one_process_and_free_again_when_that_one_is_gone(
    beide: Opslag, klok: Klok
) -> None:
    schrijf_in(beide, ALFA)
    id_ = aangeleverd(beide, gebruiker(beide, ALFA))
    assert [_claim(beide, "een"), _claim(beide, "twee")] == [id_, None]
    klok.verder(seconds=59)
    assert report(
        beide.database, id_, "een", Stap.GELEZEN, gedaan=0, totaal=1, nu=klok.nu
    )  # renews the lease
    klok.verder(seconds=59)
    assert _claim(beide, "twee") is None
    klok.verder(seconds=1)
    assert _claim(beide, "twee") == id_
    assert not report(beide.database, id_, "een", Stap.GECONTROLEERD, gedaan=1, totaal=1, nu=klok.nu)
    complete(beide.database, id_, "een")  # it is not its any more
    with beide.database.reading() as sessie:
        assert find_voortgang(sessie, id_).houder == "twee"


def test_of_one_organisation_the_first_comes_first_and_what_failed_comes_last(
    beide: Opslag, klok: Klok
) -> None:
    for naam in (ALFA, BETA):
        schrijf_in(beide, naam)
    eerste = aangeleverd(beide, gebruiker(beide, ALFA), GOED)
    klok.verder(seconds=1)
    tweede = aangeleverd(beide, gebruiker(beide, ALFA), SLECHT)
    klok.verder(seconds=1)
    andere = aangeleverd(beide, gebruiker(beide, BETA), "0687;J;;999900018\r\n")
    assert [_claim(beide, "een") for _ in range(3)] == [eerste, andere, None]
    fail(beide.database, eerste, "een", nu=klok.nu)  # for instance because its file is damaged
    assert [_claim(beide, "een"), _claim(beide, "een")] == [tweede, None]
    complete(beide.database, tweede, "een")
    klok.verder(seconds=60)
    # Of tweede nothing is left, but neither was it judged; what failed comes after it.
    assert [_claim(beide, "een") for _ in range(2)] == [tweede, andere]


def test_the_bar_shows_what_the_work_itself_says(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    wie = gebruiker(opslag, ALFA)
    id_ = aangeleverd(opslag, wie, GOED + SLECHT + "0014;J\r\n")
    gezien = [stand(opslag, wie, id_).gedaan]
    gezegd: list[tuple[Stap, int]] = []
    _claim(opslag, "een")

    def voortgang(stap: Stap, rijen: int) -> None:
        report(opslag.database, id_, "een", stap, gedaan=0, totaal=rijen, nu=opslag.klok())
        gezegd.append((stap, rijen))
        gezien.append(stand(opslag, wie, id_).gedaan)

    beoordeel_ontvangen(opslag, ontvangst_van(opslag, id_), voortgang)
    complete(opslag.database, id_, "een")
    klaar = stand(opslag, wie, id_)
    assert gezegd == [(Stap.GELEZEN, 3), (Stap.GECONTROLEERD, 3)]
    assert ([*gezien, klaar.gedaan], klaar.klaar) == ([1, 2, 3, 4], True)


def test_a_judgement_that_fails_says_so_and_is_tried_again(
    opslag: Opslag, klok: Klok, caplog: pytest.LogCaptureFixture
) -> None:
    schrijf_in(opslag, ALFA)
    wie = gebruiker(opslag, ALFA)
    id_ = aangeleverd(opslag, wie)
    sleutel = f"leveringen/{id_}/vraagbestand.csv"
    opslag.bestanden.write(sleutel, b"beschadigd")
    Oordelaar(opslag).werk_af()
    assert stand(opslag, wie, id_).hapert
    assert f"delivery {id_} could not be judged" in caplog.text
    opslag.bestanden.write(sleutel, GOED.encode())  # ops restored it
    klok.verder(seconds=60)
    Oordelaar(opslag).werk_af()
    assert stand(opslag, wie, id_).aanlevering.status is LeveringStatus.CORRECT


def test_the_same_bytes_again_are_judged_anew_only_for_other_gemeenten(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA, ["0034"])
    wie = gebruiker(opslag, ALFA)
    id_ = aangeleverd(opslag, wie)
    Oordelaar(opslag).werk_af()
    assert stand(opslag, wie, id_).aanlevering.status is LeveringStatus.AFGEKEURD
    assert (aangeleverd(opslag, wie), stand(opslag, wie, id_).klaar) == (id_, True)
    schrijf_in(opslag, ALFA, ["0014"])
    assert (aangeleverd(opslag, wie), stand(opslag, wie, id_).klaar) == (id_, False)
    Oordelaar(opslag).werk_af()
    assert stand(opslag, wie, id_).aanlevering.status is LeveringStatus.CORRECT


def test_the_threads_judge_what_is_announced_and_what_waited(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    wie = gebruiker(opslag, ALFA)
    wachtte = aangeleverd(opslag, wie)
    oordelaar = Oordelaar(opslag)
    oordelaar.start()
    try:
        nieuw = aangeleverd(opslag, wie, SLECHT)
        oordelaar.meld(nieuw)
        einde = time.monotonic() + 60
        while not (stand(opslag, wie, wachtte).klaar and stand(opslag, wie, nieuw).klaar):
            assert time.monotonic() < einde
            time.sleep(0.02)
    finally:
        oordelaar.stop()


@pytest.mark.slow
def test_killed_at_any_moment_the_judgement_is_finished_at_the_next_start(
    opslag: Opslag, klok: Klok, monkeypatch: pytest.MonkeyPatch
) -> None:
    schrijf_in(opslag, ALFA)
    wie = gebruiker(opslag, ALFA)
    stap, klaar = 0, False
    while not klaar:
        id_ = aangeleverd(opslag, wie, f"0014;J;;999900018\r\n{stap};J\r\n")
        klaar = sterf_na(stap, Oordelaar(opslag).werk_af, binnen_transacties=False, in_os=("replace",))
        klok.verder(seconds=oordelen.LEASE.total_seconds())
        Oordelaar(opslag).werk_af()
        uitkomst = verslag(opslag, wie, id_)
        assert [(soort.code, soort.regels) for soort in uitkomst.soorten] == [("V012", (2,))]
        assert b"".join(verslag_csv(opslag, wie, id_).stukken).count(b"\r\n") == 2
        with opslag.database.reading() as sessie:
            assert find_voortgang(sessie, id_) is None
        stap += 1
        klok.verder(seconds=timedelta(minutes=1).total_seconds())
    assert len(geschiedenis(opslag, wie).aanleveringen) == min(stap, aanleveren.PER_BLAD)
    assert stap > 5
