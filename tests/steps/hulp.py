"""What the tests of the steps share: a clock that stands still, and the branch of one organisation, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from include.normen import laden
from include.steps.leveren import Ingeleverd, lever
from include.steps.rondes import neem_in, open_voor_verwerking, stel_samen
from include.steps.verwerking import Deelnemer, Opslag, Verwerking
from include.storage.models import Organisatie, Publicatie
from include.storage.organisaties import find_organisatie as op_naam
from include.storage.organisaties import register_aanmelding, register_organisatie
from include.storage.publicaties import find_publicaties, read_published
from tests.dags.wereld import AANGEMELD, ALFA, BETA, GAMMA, RONDE, VRAAGBESTANDEN

GEMEENTEN = {ALFA: ["0014"], BETA: ["0687", "0717", "0718"], GAMMA: ["0193"]}
OP_TIJD = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)
"""A moment at which a delivery counts for RONDE."""
IN_RAPPORTAGEMAAND = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


@dataclass
class Klok:
    """Stands still until a test moves it."""

    nu: datetime = IN_RAPPORTAGEMAAND

    def __call__(self) -> datetime:
        return self.nu

    def verder(self, **duur: float) -> None:
        self.nu += timedelta(**duur)


def schrijf_in(opslag: Opslag, naam: str, codes: list[str] | None = None) -> Organisatie:
    """Register an organisation, and for Bijzondere Bijstand."""
    with opslag.database.transaction() as sessie:
        organisatie = register_organisatie(sessie, naam, codes or GEMEENTEN[naam], nu=OP_TIJD)
        register_aanmelding(sessie, organisatie, AANGEMELD.product, begin=AANGEMELD.ingang)
        return organisatie


def lever_in(
    opslag: Opslag,
    organisatie: str,
    inhoud: str | bytes | None = None,
    *,
    ontvangen: datetime = OP_TIJD,
    naam: str = "vraag.csv",
) -> Ingeleverd:
    """Hand in a vraagbestand; by default that of the world."""
    tekst = VRAAGBESTANDEN[organisatie] if inhoud is None else inhoud
    als_bytes = tekst if isinstance(tekst, bytes) else tekst.encode()
    return lever(opslag, organisatie=organisatie, bestandsnaam=naam, inhoud=als_bytes, ontvangen=ontvangen)


def begin_run(opslag: Opslag, run: str = "run-1", ronde: str = RONDE) -> dict[str, Deelnemer]:
    """Open the ronde, take in every delivery and put it together, as the first three tasks do; by organisation."""
    deelnemers = open_voor_verwerking(opslag, laden.ronde(ronde), run)
    samen = stel_samen(opslag, deelnemers, [neem_in(opslag, deelnemer) for deelnemer in deelnemers])
    return {deelnemer["organisatie"]: deelnemer for deelnemer in samen}


def verwerking_van(opslag: Opslag, organisatie: str, run: str = "run-1") -> Verwerking:
    """Begin a run and return the verwerking of one organisation."""
    return Verwerking.uit_dict(begin_run(opslag, run)[organisatie])


def gepubliceerde(opslag: Opslag, organisatie: str) -> Verwerking:
    """The verwerking of run-1 that the fixture ``gepubliceerd`` published."""
    [publicatie] = versies(opslag, organisatie)
    return Verwerking(RONDE, "run-1", publicatie.organisatie_id, organisatie, publicatie.levering_id)


def versies(opslag: Opslag, organisatie: str) -> list[Publicatie]:
    """Everything published for an organisation, the oldest version first."""
    with opslag.database.reading() as sessie:
        alle = find_publicaties(sessie, organisatie=op_naam(sessie, organisatie), ook_vervangen=True)
    return sorted(alle, key=lambda publicatie: publicatie.versie)


def laat_vervallen(opslag: Opslag, publicatie: Publicatie) -> None:
    """Let a publication have had its 90 days, so that one with the same content comes out anew (besluit B56)."""
    with opslag.database.transaction() as sessie:
        sessie.get_one(Publicatie, publicatie.id).verwijderd_op = opslag.klok()


def inhoud(opslag: Opslag, publicatie: Publicatie, soort: str) -> bytes:
    """The bytes of a published file; ControleFout when they are not what was published."""
    return read_published(opslag.bestanden, publicatie.bestand(soort))
