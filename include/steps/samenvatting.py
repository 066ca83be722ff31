"""What a ronde came to, in counts; and what has shifted against the ronde before. Nothing in it is about one person."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from include.errors import InstallatieFout
from include.normen import laden
from include.schemas.domein import Product
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import JA, NEE
from include.steps.rondes import niet_aangemeld, vat_samen
from include.steps.verwerking import Opslag
from include.storage.organisaties import instellingen_of_versie
from include.storage.publicaties import came_to, find_publicaties
from include.storage.ronde_queries import untold
from include.storage.rondes import earlier_samenvattingen, find_deelnames, keep_samenvatting

Uitkomsten = Mapping[str, list[dict[str, Any]]]
"""Per task what its organisations returned; each with ``organisatie`` and ``seconden`` unless it had nothing to do."""

BRONTELLINGEN = ("gevraagd", "beantwoord", "verzoeken", "herhalingen", "bytes", "duur")


@dataclass(frozen=True)
class Grenzen:
    """From when on a shift is unusual."""

    factor: float = 2.0
    """So many times the share of J of the ronde before, or so many times fewer."""
    minstens: int = 20
    """With fewer aanvragen tested in either ronde, chance says as much."""
    procentpunten: float = 5.0
    """A share must move this far too: from 0.1 to 0.2 % is twice as much and nothing."""


def grenzen() -> Grenzen:
    """Return what BIDN_VERSCHUIVING_FACTOR and BIDN_VERSCHUIVING_MINSTENS say. Raises InstallatieFout for no number."""
    gezet = {
        veld: os.environ[naam]
        for veld, naam in (("factor", "BIDN_VERSCHUIVING_FACTOR"), ("minstens", "BIDN_VERSCHUIVING_MINSTENS"))
        if os.environ.get(naam)
    }
    try:
        return Grenzen(**{veld: float(waarde) for veld, waarde in gezet.items()})  # type: ignore[arg-type]
    except ValueError:
        raise InstallatieFout(f"not a number in the settings of shifts: {gezet}") from None


@dataclass(frozen=True)
class Aandeel:
    """How many of those tested got a J."""

    ja: int
    getoetst: int

    @property
    def deel(self) -> float:
        """The share, from 0 to 1."""
        return self.ja / self.getoetst

    def __str__(self) -> str:
        return f"{self.deel:.0%} J ({self.ja} of {self.getoetst})"


@dataclass(frozen=True)
class Verschuiving:
    """The share of J of one test has moved far from that of an earlier ronde."""

    toets: str
    nu: Aandeel
    vorige: Aandeel
    vorige_ronde: str

    def __str__(self) -> str:
        return f"{self.toets}: {self.nu}, in ronde {self.vorige_ronde} {self.vorige}"


@dataclass(frozen=True)
class Vergelijking:
    """The outcomes of an organisation beside those of an earlier ronde with the same instellingen."""

    vorige_ronde: str | None
    """The last such ronde; None: there is none to compare with."""
    verschuivingen: Sequence[Verschuiving] = ()

    def __str__(self) -> str:
        if self.vorige_ronde is None:
            return "there is no earlier ronde with the same instellingen to compare with"
        return "; ".join(map(str, self.verschuivingen)) or f"nothing has shifted against {self.vorige_ronde}"


def verschuivingen(
    toetsen: Mapping[str, Mapping[str, int]],
    vorige: Mapping[str, Mapping[str, int]],
    *,
    vorige_ronde: str,
    grens: Grenzen,
) -> list[Verschuiving]:
    """Compare the outcomes of one organisation with those of an earlier ronde; both per test J, N and Niet getoetst."""
    gevonden = []
    for toets, telling in toetsen.items():
        nu, toen = _aandeel(telling), _aandeel(vorige.get(toets, {}))
        if min(nu.getoetst, toen.getoetst) < max(grens.minstens, 1):
            continue
        hoog, laag = max(nu.deel, toen.deel), min(nu.deel, toen.deel)
        if (hoog - laag) * 100 >= grens.procentpunten and hoog >= grens.factor * laag:
            gevonden.append(Verschuiving(toets, nu, toen, vorige_ronde))
    return gevonden


def _aandeel(telling: Mapping[str, int]) -> Aandeel:
    return Aandeel(telling.get(JA, 0), telling.get(JA, 0) + telling.get(NEE, 0))


def vergelijk_met_eerder(
    opslag: Opslag,
    ronde: str,
    organisatie: str,
    toetsen: Mapping[str, Mapping[str, int]],
    instellingen: Instellingen,
) -> Vergelijking:
    """Compare the outcomes of one organisation with the last earlier ronde that it had with the same instellingen.

    With others it would compare apples and pears: without the vermogenstoets, fewer have a belemmering.
    """
    with opslag.database.reading() as sessie:
        eerdere = earlier_samenvattingen(sessie, ronde)
    for naam, samenvatting in eerdere:
        vorige = samenvatting.get("per_organisatie", {}).get(organisatie, {})
        if vorige.get("toetsen") and vorige.get("instellingen") == asdict(instellingen):
            gevonden = verschuivingen(toetsen, vorige["toetsen"], vorige_ronde=naam, grens=grenzen())
            return Vergelijking(naam, gevonden)
    return Vergelijking(None)


def stel_op(opslag: Opslag, ronde: str, run: str, uitkomsten: Uitkomsten) -> dict[str, Any]:
    """Return the summary of a ronde: how far it is, and what this run's tasks returned, in counts.

    Returns:
        The counts of ``vat_samen``; ``ongewijzigd``: organisations for which nothing new was published, because the
        content equals that of an earlier version (besluit B56); ``toetsen`` (per test J, N and Niet getoetst),
        ``redenen`` and ``fouten`` (rejected rows by code) over all organisations; ``niet_aangemeld``: who delivered
        without a registration that covers the deelnamedatum (besluit B53a); ``niemand_bericht``: whose reports nobody
        is told of; ``duren`` (seconds by task:
        ``mediaan``, ``langste``, ``totaal``); ``bronnen`` (per source what ``Statistiek`` counts); and
        ``per_organisatie`` the same counts by name, with the ``instellingen`` it was tested with and the ronde that it
        was ``vergeleken_met``.
    """
    per_organisatie = _per_organisatie(opslag, ronde, run, uitkomsten)
    delen = per_organisatie.values()
    return vat_samen(opslag, ronde) | {
        "toetsen": _tel_op_per_toets(deel["toetsen"] for deel in delen),
        "redenen": _tel_op(deel["redenen"] for deel in delen),
        "fouten": _tel_op(deel["fouten"] for deel in delen),
        "niet_aangemeld": niet_aangemeld(opslag, laden.ronde(ronde)),
        "niemand_bericht": _niemand_bericht(opslag, ronde),
        "ongewijzigd": sum(deel["ongewijzigd"] for deel in delen),
        "verschuivingen": sum(len(deel["verschuivingen"]) for deel in delen),
        "duren": {taak: duur for taak, regels in uitkomsten.items() if (duur := _duur(regels))},
        "bronnen": {taak: bron for taak, regels in uitkomsten.items() if (bron := _bron(regels))},
        "per_organisatie": per_organisatie,
    }


def _niemand_bericht(opslag: Opslag, ronde: str) -> list[str]:
    with opslag.database.reading() as sessie:
        return untold(sessie, find_publicaties(sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=ronde))


def bewaar(opslag: Opslag, ronde: str, run: str, samenvatting: Mapping[str, Any]) -> None:
    """Keep the summary of a run with the ronde, which stays open. Raises GegevensFout when it is another run's."""
    with opslag.database.transaction() as sessie:
        keep_samenvatting(sessie, ronde, run=run, samenvatting=samenvatting)


def _per_organisatie(
    opslag: Opslag, ronde: str, run: str, uitkomsten: Uitkomsten
) -> dict[str, dict[str, Any]]:
    redenen = {
        regel["organisatie"]: regel["redenen"]
        for regels in uitkomsten.values()
        for regel in regels
        if "redenen" in regel
    }
    dag = laden.ronde(ronde).rapportagemaand.laatste_dag
    with opslag.database.reading() as sessie:
        alle = find_deelnames(sessie, ronde)
        gepubliceerd = find_publicaties(
            sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=ronde, ook_vervangen=True
        )
        gekozen = {
            rij.organisatie_id: instellingen_of_versie(
                sessie, rij.organisatie, rij.instellingen_versie, op=dag
            )
            for rij in alle
            if rij.instellingen_versie is not None
        }
    per_naam: dict[str, dict[str, Any]] = {}
    for rij in alle:
        verwerking = f"{run}/{rij.organisatie_id}"
        eigen = [een for een in gepubliceerd if een.organisatie_id == rij.organisatie_id]
        publicatie = came_to(rij, verwerking, eigen)
        manifest = (publicatie.manifest or {}) if publicatie else {}
        toetsen = manifest.get("totalen", {}).get("oordelen", {})
        versie = gekozen.get(rij.organisatie_id)
        instellingen = (
            Instellingen(versie.vermogen, versie.voertuigen, versie.percentage)
            if versie and toetsen
            else None
        )
        vergelijking = (
            vergelijk_met_eerder(opslag, ronde, rij.organisatie.naam, toetsen, instellingen)
            if instellingen
            else Vergelijking(None)
        )
        per_naam[rij.organisatie.naam] = {
            "status": str(rij.status),
            "ongewijzigd": publicatie is not None and publicatie.verwerking != verwerking,
            "gelezen": rij.levering.rijen_gelezen or 0,
            "geaccepteerd": rij.levering.rijen_goedgekeurd or 0,
            "afgewezen": rij.levering.rijen_afgewezen or 0,
            "fouten": rij.levering.fouten or {},
            "toetsen": toetsen,
            "redenen": redenen.get(rij.organisatie.naam, {}),
            "instellingen": asdict(instellingen) if instellingen else None,
            "vergeleken_met": vergelijking.vorige_ronde,
            "verschuivingen": [str(verschuiving) for verschuiving in vergelijking.verschuivingen],
        }
    return per_naam


def _duur(regels: Iterable[Mapping[str, Any]]) -> dict[str, float] | None:
    seconden = [regel["seconden"] for regel in regels if "seconden" in regel]
    if not seconden:
        return None
    duur = {"mediaan": median(seconden), "langste": max(seconden), "totaal": sum(seconden)}
    return {naam: round(waarde, 3) for naam, waarde in duur.items()}


def _bron(regels: Iterable[Mapping[str, Any]]) -> dict[str, float] | None:
    vragen = [regel for regel in regels if "verzoeken" in regel]
    if not vragen:
        return None
    return {naam: round(sum(regel[naam] for regel in vragen), 3) for naam in BRONTELLINGEN}


def _tel_op(tellingen: Iterable[Mapping[str, int]]) -> dict[str, int]:
    samen: Counter[str] = Counter()
    for telling in tellingen:
        samen.update(telling)
    return dict(sorted(samen.items()))


def _tel_op_per_toets(alle: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    samen: dict[str, Counter[str]] = {}
    for toetsen in alle:
        for toets, telling in toetsen.items():
            samen.setdefault(toets, Counter()).update(telling)
    return {toets: dict(telling) for toets, telling in samen.items()}
