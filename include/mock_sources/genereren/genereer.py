"""One population from seed to files: draws organisation after organisation and writes as it goes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec

from include.errors import InstallatieFout
from include.mock_sources.genereren import (
    alleenverdieners,
    huishoudens,
    inkomen,
    organisaties,
    vermogen,
    voertuigen,
    vraagbestanden,
)
from include.mock_sources.genereren.organisaties import MockOrganisatie
from include.mock_sources.genereren.wereld import Nummers, Wereld
from include.normen.kalender import Maand

BRONNEN = ("brp", "uwv", "belastingdienst", "rdw", "bijstand")
_GEDEELD = 0.01  # of the aanvragers of an organisation also stand in the file of the next


@dataclass(frozen=True, slots=True)
class Opdracht:
    """What to generate. ``aanvragers`` is the total over all organisations.

    They get as many each, or with ``scheef`` as a country has it: the first one in thirteen of all, the last a handful.
    """

    aanvragers: int
    seed: int
    ronde: Maand
    organisaties: int = 3
    maanden: int = 15
    landelijk: int = 0
    gebroken: bool = False
    scheef: bool = False


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """What was written: persons given a BSN, how many of those do not start with 9999, alleenverdieners."""

    bsns: int
    buiten_9999: int
    alleenverdieners: int


class _Schrijver:
    """The five population files, open for as long as the drawing takes."""

    def __init__(self, map_: Path, stapel: ExitStack) -> None:
        self._stromen: dict[str, IO[bytes]] = {
            bron: stapel.enter_context((map_ / f"{bron}.jsonl").open("wb")) for bron in BRONNEN
        }

    def __call__(self, bron: str, regel: dict[str, Any]) -> None:
        self._stromen[bron].write(msgspec.json.encode(regel) + b"\n")


def genereer(opdracht: Opdracht, uit: Path, voortgang: Callable[[int], None] = lambda _: None) -> Uitkomst:
    """Write the population, vraagbestanden, organisaties.yaml and leveringen into ``uit``.

    An earlier population there is replaced. ``voortgang`` hears the number of aanvragers done. Raises
    InstallatieFout for what cannot be: fewer aanvragers than organisations, or too few gemeenten for them.
    """
    if opdracht.aanvragers < opdracht.organisaties:
        raise InstallatieFout("every organisation needs at least one aanvrager")
    reeksen = Nummers(opdracht.seed)
    algemeen = Wereld(f"{opdracht.seed}", opdracht.ronde, opdracht.maanden, reeksen)
    lijst = organisaties.kies(opdracht.organisaties, algemeen.deelnamedatum)
    _maak_ruimte(uit)
    sinds = Maand(opdracht.ronde.jaar - 1, 1).eerste_dag
    (uit / "organisaties.yaml").write_bytes(organisaties.als_yaml(lijst, sinds).encode())

    selectie: list[alleenverdieners.Rij] = []
    vorige: list[vraagbestanden.Rij] = []
    met_fouten = lijst[min(2, len(lijst) - 1)]
    with ExitStack() as stapel:
        schrijf = _Schrijver(uit, stapel)
        klaar = 0
        for organisatie, aantal in zip(lijst, _verdeling(opdracht), strict=True):
            w = Wereld(f"{opdracht.seed}|{organisatie.naam}", opdracht.ronde, opdracht.maanden, reeksen)
            rijen, gekozen = _organisatie(w, organisatie, aantal, schrijf, partial(_op_weg, voortgang, klaar))
            selectie += gekozen
            gedeeld = [
                vraagbestanden.gedeeld(rij, organisatie.gemeentecodes[0])
                for rij in vorige[: max(3, int(len(vorige) * _GEDEELD))]
            ]
            vorige = rijen
            _vraagbestand(w, organisatie, [*rijen, *gedeeld], uit, fouten=organisatie is met_fouten)
            klaar += aantal
    alle_codes = [code for organisatie in lijst for code in organisatie.gemeentecodes]
    aantal_selectie = _leveringen(opdracht, algemeen, selectie, alle_codes, uit)
    return Uitkomst(reeksen.uitgegeven, reeksen.buiten_9999, aantal_selectie)


def _verdeling(opdracht: Opdracht) -> list[int]:
    """The number of aanvragers of each organisation: at least one, together all of them."""
    gewichten = [1 / (nummer + 3) if opdracht.scheef else 1.0 for nummer in range(opdracht.organisaties)]
    te_verdelen, totaal = opdracht.aanvragers - opdracht.organisaties, sum(gewichten)
    aantallen = [1 + int(te_verdelen * gewicht / totaal) for gewicht in gewichten]
    rest = opdracht.aanvragers - sum(aantallen)
    return [aantal + (nummer < rest) for nummer, aantal in enumerate(aantallen)]


def _op_weg(voortgang: Callable[[int], None], klaar: int, nummer: int) -> None:
    voortgang(klaar + nummer)


def _maak_ruimte(uit: Path) -> None:
    """Make the folders, without what an earlier population left in them; other files stay."""
    for map_, soorten in (("vraagbestanden", ("csv",)), ("alleenverdieners", ("csv", "json"))):
        (uit / map_).mkdir(parents=True, exist_ok=True)
        for soort in soorten:
            for oud in (uit / map_).glob(f"*.{soort}"):
                oud.unlink()


def _organisatie(
    w: Wereld,
    organisatie: MockOrganisatie,
    aantal: int,
    schrijf: _Schrijver,
    voortgang: Callable[[int], None],
) -> tuple[list[vraagbestanden.Rij], list[alleenverdieners.Rij]]:
    """Draw and write the households of one organisation; gives the good rows and the simulated selection."""
    codering = vraagbestanden.SCHRIJFWIJZEN[organisatie.nummer % len(vraagbestanden.SCHRIJFWIJZEN)].codering
    rijen, selectie = [], []
    for nummer, soort in enumerate(huishoudens.trek_soorten(w, aantal)):
        if nummer % 500 == 0:
            voortgang(nummer)
        gemeentecode = w.kies(organisatie.gemeentecodes)
        huis = soort(w, w.nummers.adres(gemeentecode))
        rijen.append(vraagbestanden.rij(w, huis, gemeentecode, codering))
        if not huis.bekend:
            continue
        for persoon in huis.personen:
            schrijf("brp", persoon.regel())
        geld = inkomen.trek(w, huis, organisatie.naam)
        for bsn, verhoudingen in geld.verhoudingen.items():
            schrijf("uwv", {"burgerservicenummer": bsn, "inkomstenverhoudingen": verhoudingen})
        for bsn, uitkeringen in geld.uitkeringen.items():
            schrijf("bijstand", {"burgerservicenummer": bsn, "uitkeringen": uitkeringen})
        for regel in vermogen.trek(w, huis, geld):
            schrijf("belastingdienst", regel)
        for regel in voertuigen.trek(w, huis):
            schrijf("rdw", regel)
        if bsn_avd := alleenverdieners.meestverdienende(huis, geld):
            selectie.append((bsn_avd, gemeentecode))
    return rijen, selectie


def _vraagbestand(
    w: Wereld, organisatie: MockOrganisatie, rijen: list[vraagbestanden.Rij], uit: Path, *, fouten: bool
) -> None:
    schrijfwijze = vraagbestanden.SCHRIJFWIJZEN[organisatie.nummer % len(vraagbestanden.SCHRIJFWIJZEN)]
    if fouten and len(rijen) > 1:
        slecht = vraagbestanden.met_fouten(w, rijen, organisatie.gemeentecodes[0])
        leeg: list[vraagbestanden.Rij] = [[], [""] * 10]
        rijen = [vraagbestanden.KOPREGEL, *rijen[:2], *leeg, *slecht, *rijen[2:]]
    (uit / organisatie.bestandsnaam).write_bytes(vraagbestanden.als_bytes(rijen, schrijfwijze))


def _leveringen(
    opdracht: Opdracht, w: Wereld, selectie: list[alleenverdieners.Rij], codes: list[str], uit: Path
) -> int:
    leveringen = alleenverdieners.Leveringen(
        uit, w.rapportagemaand.jaar, w.rapportagemaand.eerste_dag.replace(day=2)
    )
    if opdracht.landelijk:
        actief = organisaties.gemeenten(w.deelnamedatum)
        rest = max(0, opdracht.landelijk - len(selectie))
        selectie = [*selectie, *alleenverdieners.landelijk(w, rest, actief)]
        w.dobbel.shuffle(selectie)
    leveringen.voeg(selectie)
    if opdracht.gebroken:
        alleenverdieners.breek(leveringen, w, codes, organisaties.gemeenten())
    leveringen.schrijf()
    return len(selectie)
