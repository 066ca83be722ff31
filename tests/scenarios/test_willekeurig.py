"""Random populations through the ``toets`` command: every cell and every element, against the plain reference.

The households are those of ``tests/toets/willekeurig.py`` and what they must come to is worked out by
``tests/toets/referentie.py``; how that is written down, by ``tests/rapportage/naslag.py``. None of the three shares
anything with the product. What only an answer of a source can hold and a population file cannot (somebody without BSN,
or listed twice) stays with ``tests/toets``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

from include.mock_sources import mock_bronnen
from include.normen import laden
from include.rapportage.kop import Kop
from tests.rapportage import hulp, naslag
from tests.scenarios.draaien import read_report, toets
from tests.scenarios.populatie import Record, write_population, write_vraagbestand
from tests.toets.bouw import Opgave, Persoon, Populatie, Verhouding, Vraag
from tests.toets.referentie import GEEN_MOTORVOERTUIG, Kader, Verwacht, loopt, verwachtingen
from tests.toets.willekeurig import KADERS, willekeurige_populatie

CODES = {"G": 33, "P": 32, "T": 31, "Z": 37}
OVERGENOMEN = {veld.name for veld in fields(hulp.Aanvraag)} & {veld.name for veld in fields(Verwacht)}
ONGEORDEND = ("Inkomstenverhouding", "Heffingskorting", "Rekening")
"""Details whose order no besluit fixes."""


@pytest.mark.parametrize(
    ("kader", "aantal", "zaad"),
    [
        (KADERS[0], 200, 0),
        *(
            pytest.param(kader, 1_000, zaad, marks=pytest.mark.slow)
            for kader in (*KADERS, Kader(2026, 9, vermogen=False, voertuigen=False))
            for zaad in range(1, 5)
        ),
    ],
    ids=lambda iets: iets if isinstance(iets, int) else f"{iets.jaar}-{iets.maand:02}",
)
def test_every_cell_and_element_is_what_the_reference_says(
    kader: Kader, aantal: int, zaad: int, tmp_path: Path
) -> None:
    toeval = Random(f"{kader} {zaad}")
    populatie = zoals_in_bestanden(willekeurige_populatie(toeval, kader, aantal), kader)
    ronde = laden.ronde(f"{kader.jaar}-{kader.maand:02}")
    gepubliceerd = ronde.rapportagemaand.eerste_dag.replace(day=5)
    kop = Kop("Gemeente Voorbeeld", "vraagbestand.csv", ronde.deelnamedatum, gepubliceerd, ronde, "inclusief")
    hoort = sorted(
        (aanvraag(verwacht, vraag, populatie, kader)
         for verwacht, vraag in zip(verwachtingen(populatie, kader), populatie.vragen, strict=True)),
        key=lambda een: een.bsn,
    )  # fmt: skip

    vraagbestand = write_vraagbestand(map(rij, populatie.vragen), tmp_path / "vraagbestand.csv")
    with mock_bronnen(
        write_population(bestanden(populatie, kop.belastingjaar), tmp_path / "populatie")
    ) as url:
        gelopen = toets(opdracht(kader, kop, vraagbestand, url, tmp_path / "uit"))
    assert gelopen.exit_code == 0, gelopen.output
    rapport = read_report(tmp_path / "uit")

    cellen = naslag.overzicht_met_csv(kop, *hoort)
    if rapport.csv_bytes != cellen:
        assert rapport.csv_bytes.decode().splitlines() == cellen.decode().splitlines()
    elementen = etree.fromstring(naslag.detail_met_lxml(kop, *hoort))[1:]
    for verwacht, element in zip(elementen, rapport.aanvragen.values(), strict=True):
        assert geordend(element) == geordend(verwacht)


def opdracht(kader: Kader, kop: Kop, vraagbestand: Path, url: str, uit: Path) -> list[str]:
    """Return the command line."""
    regel = ["--ronde", kop.ronde.naam, "--organisatie", "Gemeente Voorbeeld", "--gemeentecodes", "0014"]
    regel += ["--vraagbestand", str(vraagbestand), "--bronnen", url, "--uit", str(uit)]
    regel += ["--percentage", str(kader.percentage), "--rapportagedatum", kop.rapportagedatum.isoformat()]
    return regel + ["--vermogen"] * kader.vermogen + ["--voertuigen"] * kader.voertuigen


def geordend(element: etree._Element) -> bytes:
    """Return an ``Aanvraag`` in writing, what has no order of its own sorted."""
    for groep in element:
        details = [kind for kind in groep if etree.QName(kind).localname in ONGEORDEND]
        groep[:] = [kind for kind in groep if kind not in details] + sorted(details, key=_tekst)
    return _tekst(element)


def _tekst(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", with_tail=False)


# --- what a population file can hold ------------------------------------------------------------------------


def zoals_in_bestanden(populatie: Populatie, kader: Kader) -> Populatie:
    """Return the population without what a vraagbestand or a population file cannot hold."""
    dag = kader.deelnamedatum.isoformat()
    kan = (
        vraag for vraag in populatie.vragen if max(vraag.geboren, vraag.partner_geboren) <= dag
    )  # besluit B19
    return populatie.alleen(vraag if vraag.adres is None else _vraag(vraag) for vraag in kan)


def _vraag(vraag: Vraag) -> Vraag:
    genoemd: dict[int, Persoon] = {}
    for persoon in vraag.adres or ():
        if persoon.bsn and (persoon.functieadres or persoon.bsn == vraag.bsn):
            genoemd.setdefault(persoon.bsn, persoon)
    if vraag.bsn not in genoemd:
        return replace(vraag, adres=None, letter="G")
    if not genoemd[vraag.bsn].functieadres:  # without an address one is alone
        genoemd = {vraag.bsn: genoemd[vraag.bsn]}
    return replace(vraag, adres=tuple(genoemd.values()))


def rij(vraag: Vraag) -> list[str]:
    """Return a row of the vraagbestand."""
    percentage = "" if vraag.percentage is None else str(vraag.percentage)
    if vraag.brp:
        return [vraag.gsd_code, "J", percentage, f"{vraag.bsn:09d}", *[""] * 6]
    partner = ["", "", ""]
    if vraag.partner:
        partner = [f"{vraag.partner:09d}", "Bakker", vraag.partner_geboren.replace("-", "")]
    geboren = vraag.geboren.replace("-", "")
    return [
        vraag.gsd_code,
        "N",
        percentage,
        f"{vraag.bsn:09d}",
        "de Vries",
        geboren,
        str(vraag.leefvorm),
        *partner,
    ]


def bestanden(populatie: Populatie, jaar: int) -> dict[str, list[Record]]:
    """Return the population files of contract section 1."""
    return {
        "brp": [regel for vraag in populatie.vragen for regel in _brp(vraag)],
        "uwv": _per_persoon(
            "inkomstenverhoudingen", [(v.bsn, _verhouding(v)) for v in populatie.verhoudingen]
        ),
        "rdw": _per_persoon("voertuigen", [(v.bsn, _voertuig(v)) for v in populatie.voertuigen]),
        "bijstand": _per_persoon(
            "uitkeringen",
            [
                (u.bsn, {"regeling": u.regeling, "datumAanvang": u.aanvang, "datumEinde": u.einde or None})
                for u in populatie.uitkeringen
            ],
        ),
        "belastingdienst": list(_belastingdienst(populatie, str(jaar))),
    }


def _per_persoon(naam: str, feiten: list[tuple[int, Record]]) -> list[Record]:
    per_bsn: dict[int, list[Record]] = {}
    for bsn, feit in feiten:
        per_bsn.setdefault(bsn, []).append(feit)
    return [{"burgerservicenummer": f"{bsn:09d}", naam: lijst} for bsn, lijst in per_bsn.items()]


def _bsns(bsns: tuple[int, ...], **meer: Any) -> list[Record]:
    return [{"burgerservicenummer": f"{bsn:09d}" if bsn else None, **meer} for bsn in bsns]


def _brp(vraag: Vraag) -> Iterator[Record]:
    if not vraag.brp or vraag.letter == "G":
        return
    for persoon in vraag.adres or (Persoon(vraag.bsn),):
        regel: Record = {
            "burgerservicenummer": f"{persoon.bsn:09d}",
            "naam": {"voorvoegsel": persoon.voorvoegsel, "geslachtsnaam": persoon.geslachtsnaam},
            "geboorte": {"datum": persoon.geboren or None},
            "verblijfplaats": {
                "adresseerbaarObjectIdentificatie": f"0014010{vraag.bsn:09d}",
                "functieAdres": {"code": persoon.functieadres},
                "inOnderzoek": persoon.in_onderzoek,
            }
            if persoon.functieadres
            else None,
            "partners": _bsns(persoon.gescheiden_van, ontbindingHuwelijkPartnerschap={})
            + _bsns(persoon.gehuwd_met, ontbindingHuwelijkPartnerschap=None),
            "kinderen": _bsns(persoon.kinderen),
            "ouders": _bsns(persoon.ouders),
            "opschortingBijhouding": {"reden": {"code": "E"}} if persoon.opgeschort else None,
        }
        if persoon.bsn == vraag.bsn and vraag.letter != "A":
            regel["adresvraagResultaat"] = {"letter": vraag.letter, "code": CODES[vraag.letter]}
        yield regel


def _verhouding(verhouding: Verhouding) -> Record:
    return {
        "naamAdministratieveEenheid": verhouding.werkgever,
        "loonheffingennummer": verhouding.nummer,
        "codeSoortInkomstenverhouding": verhouding.soort,
        "inkomstenopgaven": [_opgave(opgave) for opgave in verhouding.opgaven],
    }


def _opgave(opgave: Opgave) -> Record:
    return {
        "datumAanvang": opgave.begin,
        "datumEinde": opgave.einde,
        "lnLbPh": opgave.loon,
        "wrdPrGebrAut": opgave.auto,
        "ingLbPh": opgave.loonheffing,
        "bijdrZvw": opgave.zvw,
    }


def _voertuig(voertuig: Any) -> Record:
    zelfde = ("kenteken", "voertuigsoort", "merk", "handelsbenaming", "inrichting", "status")
    return {naam: getattr(voertuig, naam) for naam in zelfde} | {
        "massaLedigVoertuig": voertuig.massa,
        "brandstofsoorten": [voertuig.brandstofsoort_1],
        "bijzonderheden": [],
        "datumEersteToelating": voertuig.eerste_toelating,
        "datumAanvangAansprakelijkheid": voertuig.aansprakelijk_vanaf,
        "datumEindeAansprakelijkheid": voertuig.aansprakelijk_tot_en_met or None,
    }


def _belastingdienst(populatie: Populatie, jaar: str) -> Iterator[Record]:
    rekening = ("rekeningnummer", "saldo", "rente", "bank", "product", "tenaamstelling")
    bekend = {r.bsn for r in (*populatie.rekeningen, *populatie.kortingen)} | populatie.mislukt
    for bsn in sorted(bekend):
        rekeningen = [
            {naam: getattr(r, naam) for naam in rekening} for r in populatie.rekeningen if r.bsn == bsn
        ]
        kortingen = [{"code": k.code, "bedrag": k.bedrag} for k in populatie.kortingen if k.bsn == bsn]
        yield {
            "burgerservicenummer": f"{bsn:09d}",
            "verificatie": "mislukt" if bsn in populatie.mislukt else "geslaagd",
            "rekeningen": {} if bsn in populatie.mislukt else {jaar: rekeningen},
            "heffingskortingen": {jaar: kortingen},
        }


# --- what the reference says, as the reports show it ----------------------------------------------------------------


def aanvraag(v: Verwacht, vraag: Vraag, populatie: Populatie, kader: Kader) -> hulp.Aanvraag:
    """Return what must be written of one aanvraag."""
    partner_bsn, partner_naam, partner_geboren = v.partner
    return hulp.Aanvraag(
        **{naam: getattr(v, naam) for naam in OVERGENOMEN}
        | {
            "redenen": tuple(v.redenen),
            "uitkeringen": tuple(
                (vorm, date.fromisoformat(tot) if tot else None) for vorm, tot in v.uitkeringen
            ),
            "inkomsten": tuple(
                hulp.Inkomst(bsn, bedrag=loon, soort=soort, meegeteld=deel)
                for bsn, soort, loon, deel in v.inkomsten
            ),
            "kortingen": tuple(hulp.Korting(*korting) for korting in v.kortingen),
            "bank": tuple(
                hulp.Rekening(bsn, saldo, rente, tenaamstelling="A Meer", telt=telt)
                for bsn, saldo, rente, telt in v.bank
            ),
            "voertuigen": tuple(_getoond(bsn, kenteken, populatie, kader) for bsn, kenteken in v.voertuigen),
        },
        brp_bevraagd=vraag.brp,
        persoon_bekend=not vraag.brp or vraag.letter == "A",
        partner_bsn=partner_bsn,
        partner_naam=partner_naam,
        partner_geboortedatum=partner_geboren,
    )


def _getoond(bsn: int, kenteken: str, populatie: Populatie, kader: Kader) -> hulp.Voertuig:
    """Return everything of the vehicle that counts under this kenteken: the first that is delivered."""
    auto = next(
        auto
        for auto in populatie.voertuigen
        if (auto.bsn, auto.kenteken) == (bsn, kenteken)
        and loopt(auto.aansprakelijk_vanaf, auto.aansprakelijk_tot_en_met, kader)
        and auto.voertuigsoort.lower() not in GEEN_MOTORVOERTUIG
    )
    return hulp.Voertuig(**{veld.name: getattr(auto, veld.name) for veld in fields(hulp.Voertuig)})
