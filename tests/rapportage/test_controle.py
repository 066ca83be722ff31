from __future__ import annotations

import io
from dataclasses import asdict

import pytest

from include.errors import ControleFout
from include.rapportage.controle import controleer
from tests.rapportage.hulp import (
    ANNA,
    BRAM,
    CARLA,
    MET_ALLES,
    Aanvraag,
    Inkomst,
    Rekening,
    detail,
    met,
    overzicht,
)

DRIE = (
    MET_ALLES,
    Aanvraag(bsn=BRAM, inkomen="Niet getoetst", huishouden="J", vermogen="Niet getoetst", belemmering="J"),
    met(
        MET_ALLES,
        bsn=CARLA,
        gsd_code="0034",
        totaal=-12_345,
        inkomsten=(Inkomst(meegeteld=-12_345),),
        saldo=100,
        rekeningen=2,
        bank=(Rekening(saldo=300, rente=-50), Rekening(saldo=-200, rente=0)),
    ),
)


def controle(csv: bytes, xml: bytes, aangenomen: int = 3) -> dict[str, object]:
    return asdict(controleer(io.BytesIO(csv), io.BytesIO(xml), aangenomen))


def test_totals_of_reports_that_agree() -> None:
    assert controle(overzicht(*DRIE), detail(*DRIE)) == {
        "rijen": 3,
        "oordelen": {
            "Belemmering": {"J": 3, "N": 0, "Niet getoetst": 0},
            "Inkomen": {"J": 2, "N": 0, "Niet getoetst": 1},
            "Vermogen": {"J": 2, "N": 0, "Niet getoetst": 1},
            "Huishouden": {"J": 1, "N": 2, "Niet getoetst": 0},
        },
        "bedragen": {
            "Inkomensnorm": 2 * 1893,
            "Toetsbedrag": 2 * 2082,
            "Reden(bedrag)": 2501 - 123,
            "Reden(saldo)": 15300 + 1,
            "Reden(rente)": -2,
        },
    }


def test_no_rows_at_all() -> None:
    assert controle(overzicht(), detail(), 0)["rijen"] == 0


@pytest.mark.parametrize("aangenomen", [2, 4])
def test_accepted_rows_that_are_not_all_reported(aangenomen: int) -> None:
    with pytest.raises(
        ControleFout, match=f"^{aangenomen} rows were accepted, but 3 are reported; nothing was"
    ):
        controle(overzicht(*DRIE), detail(*DRIE), aangenomen)


EEN = MET_ALLES


@pytest.mark.parametrize(
    ("anders", "kolom"),
    [
        (met(EEN, gsd_code="0034"), "GSD-code"),
        (met(EEN, brp_bevraagd=False), "BRP bevraagd"),
        (met(EEN, bsn=CARLA), "Aanvrager BSN"),
        (met(EEN, naam="Meer"), "Aanvrager Naam"),
        (met(EEN, geboortedatum="1980-03"), "Aanvrager Geboortedatum"),
        (met(EEN, partner_bsn=CARLA), "Partner BSN"),
        (met(EEN, partner_naam="Hart"), "Partner Naam"),
        (met(EEN, partner_geboortedatum=""), "Partner Geboortedatum"),
        (met(EEN, leefvorm="Onbekend"), "Leefvorm"),
        (met(EEN, zekerheid="Geen"), "Zekerheid leefvorm"),
        (met(EEN, uitkeringen=(("ANW", None),)), "Uitkeringen"),
        (met(EEN, belemmering="N"), "Belemmering"),
        (met(EEN, percentage=111), "Toetspercentage, Toetsbedrag"),
        (met(EEN, norm=189_340), "Toetsbedrag"),  # 2082.74, and still 1893 euro and 132 %
        (met(EEN, totaal=250_150), "Reden(bedrag)"),
        (met(EEN, saldo=1_530_050), "Reden(saldo)"),
        (met(EEN, rente=0), "Reden(rente)"),
        (met(EEN, huishouden="Niet getoetst"), "Huishouden"),
        (met(EEN, redenen=EEN.redenen[::-1]), "Reden(en)"),
        (met(EEN, voertuigen=EEN.voertuigen[:1]), "Kenteken(s)"),
    ],
)
def test_one_cell_that_differs(anders: Aanvraag, kolom: str) -> None:
    with pytest.raises(ControleFout) as fout:
        controle(overzicht(EEN), detail(anders), 1)
    assert str(fout.value) == (
        f"overzicht and detailrapportage differ in row 1: {kolom}; nothing was published."
    )


@pytest.mark.parametrize(
    ("csv", "xml", "melding"),
    [
        pytest.param(DRIE, DRIE[:2], "the detailrapportage ends before row 3", id="row missing in the XML"),
        pytest.param(DRIE[:2], DRIE, "the overzicht ends before row 3", id="row missing in the CSV"),
        pytest.param(DRIE, (DRIE[1], DRIE[0], DRIE[2]), "differ in row 1: ", id="another order"),
        pytest.param(
            DRIE[::-1], DRIE[::-1], "row 2 is not in order of GSD-code and BSN", id="order of neither"
        ),
        pytest.param(DRIE[:1] * 2, DRIE[:1] * 2, "row 2 is not in order", id="the same aanvrager twice"),
    ],
)
def test_rows(csv: tuple[Aanvraag, ...], xml: tuple[Aanvraag, ...], melding: str) -> None:
    with pytest.raises(ControleFout, match=melding):
        controle(overzicht(*csv), detail(*xml))


@pytest.mark.parametrize(
    ("verborgen", "wat"),
    [
        (Aanvraag(inkomen="N", inkomsten=EEN.inkomsten), "Inkomstenverhouding, Inkomstenverhouding"),
        (Aanvraag(inkomen="Niet getoetst", kortingen=EEN.kortingen[:1]), "Heffingskorting"),
        (Aanvraag(vermogen="N", bank=EEN.bank), "Rekening, Rekening"),
    ],
)
def test_details_of_a_test_without_belemmering(verborgen: Aanvraag, wat: str) -> None:
    with pytest.raises(ControleFout, match=f"^row 1 shows what the outcome hides: {wat}; nothing"):
        controle(overzicht(verborgen), detail(verborgen), 1)


def inkomsten(*meegeteld: int) -> tuple[Inkomst, ...]:
    return tuple(Inkomst(meegeteld=bedrag) for bedrag in meegeteld)


def bank(*rekeningen: tuple[int, int, bool]) -> tuple[Rekening, ...]:
    return tuple(Rekening(saldo=saldo, rente=rente, telt=telt) for saldo, rente, telt in rekeningen)


@pytest.mark.parametrize(
    ("kloppend", "anders", "kolom"),
    [
        ({"inkomsten": inkomsten(250_050)}, {"inkomsten": inkomsten(250_250)}, "Reden(bedrag)"),
        # 0.49 four times is 1.96, and shows as 0 four times under a total of 2
        ({"totaal": 196, "inkomsten": inkomsten(49, 49, 49, 49)}, {"totaal": 300}, "Reden(bedrag)"),
        ({"totaal": 0, "inkomsten": ()}, {"totaal": 100}, "Reden(bedrag)"),
        (
            {"saldo": 900, "rente": 0, "bank": bank((900, 0, True), (500, 0, False))},
            {"bank": bank((900, 0, True), (500, 0, True))},
            "Reden(saldo)",
        ),
        (
            {"saldo": 0, "rente": 700, "bank": bank((0, 700, True), (0, 300, False))},
            {"bank": bank((0, 700, False), (0, 300, True))},
            "Reden(rente)",
        ),
    ],
)
def test_details_add_up_to_the_total_but_for_their_rounding(
    kloppend: dict[str, object], anders: dict[str, object], kolom: str
) -> None:
    goed = met(EEN, **kloppend)
    assert controle(overzicht(goed), detail(goed), 1)["rijen"] == 1
    fout = met(goed, **anders)
    with pytest.raises(ControleFout) as melding:
        controle(overzicht(fout), detail(fout), 1)
    assert str(melding.value) == f"the details in row 1 do not add up to {kolom}; nothing was published."


BIJ_INKOMEN = "Inkomensnorm, Toetsbedrag, Reden(bedrag), Reden (percentage), "
DETAILS = "Inkomstenverhouding, Inkomstenverhouding, Heffingskorting, Heffingskorting"


@pytest.mark.parametrize(
    ("toets", "eerste_bedrag", "oordeel", "wat"),
    [
        ("Inkomen", 1893, "N", BIJ_INKOMEN + DETAILS),
        ("Inkomen", 1893, "Niet getoetst", BIJ_INKOMEN + "Toetspercentage, " + DETAILS),
        ("Vermogen", 15300, "N", "Reden(saldo), Reden(rente), Rekening, Rekening"),
        ("Vermogen", 15300, "Niet getoetst", "Reden(saldo), Reden(rente), Rekening, Rekening"),
    ],
)
def test_figures_of_a_test_without_belemmering(
    toets: str, eerste_bedrag: int, oordeel: str, wat: str
) -> None:
    csv = overzicht(EEN).decode().replace(f";J;{eerste_bedrag};", f";{oordeel};{eerste_bedrag};")
    xml = detail(EEN).decode().replace(f"<{toets}><Belemmering>J<", f"<{toets}><Belemmering>{oordeel}<")
    with pytest.raises(ControleFout) as fout:
        controle(csv.encode(), xml.encode(), 1)
    assert str(fout.value) == f"row 1 shows what the outcome hides: {wat}; nothing was published."


@pytest.mark.parametrize(
    ("csv", "melding"),
    [
        (b"", "header row"),
        (overzicht(*DRIE)[3:].replace(b"GSD-code", b"Gemeente"), "header row"),
        (
            overzicht(*DRIE).replace(b"van der Meer", b"van; der Meer", 1),
            "row 1 of the overzicht has 25 cells",
        ),
        (overzicht(*DRIE).replace(b"van der Meer", b'"van"der Meer', 1), r"cannot be read back \(Error\)"),
        (overzicht(*DRIE).replace(b"van der Meer", b"van d\xe9r Meer", 1), r"cannot be read back \(Unicode"),
    ],
)
def test_an_overzicht_that_is_not_one(csv: bytes, melding: str) -> None:
    with pytest.raises(ControleFout, match=melding) as fout:
        controle(csv, detail(*DRIE))
    assert "Meer" not in str(fout.value)


def test_a_detailrapportage_that_is_not_valid() -> None:
    with pytest.raises(ControleFout, match=r"not valid against detailrapportage\.xsd"):
        controle(overzicht(*DRIE), detail(*DRIE).replace(b"<Merk>HONDA</Merk>", b""))


def test_leaves_the_files_open_for_who_opened_them() -> None:
    csv, xml = io.BytesIO(overzicht(Aanvraag(bsn=ANNA))), io.BytesIO(detail(Aanvraag(bsn=ANNA)))
    controleer(csv, xml, 1)
    assert (csv.closed, xml.closed) == (False, False)
