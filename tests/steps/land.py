"""A small country for Alleenverdieners: a Belastingdienst, organisations, a mailbox, and a clock that a test sets.

``Land.draai`` takes the steps of the DAG in its order, so that days and weeks pass in milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from include.bronnen.client import Recorder
from include.errors import BidnFout, BronWeigering, MailFout
from include.pipeline import ALLEENVERDIENERS
from include.rapportage.mail import Mail
from include.schemas.domein import Product
from include.steps import lijsten, selectielijsten
from include.steps.notificeren import Bezorging
from include.steps.verdeling import verdeel
from include.steps.verwerking import Opslag
from include.storage import bewaartermijn
from include.storage.models import Organisatie, Publicatie
from include.storage.organisaties import (
    find_organisatie,
    register_aanmelding,
    register_organisatie,
    register_productbeheerder,
)
from include.storage.publicaties import find_publicaties, read_published
from tests.harness import take_list_step

KOP = "BSN;Gemeentecode\r\n"
BEGIN = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
"""The day on which the first levering of a test is found; it was made the day before."""


class Belastingdienst:
    """Stands in for the client of the source: announces and gives what a test handed it."""

    def __init__(self) -> None:
        self.aangekondigd: dict[str, dict[str, Any]] = {}
        self.bestanden: dict[str, bytes] = {}
        self.opgehaald: list[str] = []

    def maak(
        self,
        naam: str,
        rijen: Iterable[str] | bytes,
        *,
        aangemaakt: str = "2026-03-02",
        aantal: int | None = None,
        sha256: str | None = None,
    ) -> None:
        """Make a levering, or another one under the same name; by default announced as it is."""
        inhoud = (
            rijen if isinstance(rijen, bytes) else (KOP + "".join(f"{rij}\r\n" for rij in rijen)).encode()
        )
        self.bestanden[naam] = inhoud
        self.aangekondigd[naam] = {
            "levering": naam,
            "lijstjaar": 2026,
            "aangemaakt": date.fromisoformat(aangemaakt),
            "aantal": inhoud.count(b"\n") - 1 if aantal is None else aantal,
            "sha256": sha256 or hashlib.sha256(inhoud).hexdigest(),
        }

    def recorded_by(self, recorder: Recorder) -> Belastingdienst:
        """As Bronclient."""
        self._recorder = recorder
        return self

    def haal(self, pad: str, _bericht: object) -> dict[str, Any]:
        """As Bronclient."""
        return {"leveringen": list(self.aangekondigd.values())}

    def haal_bestand(self, pad: str, *, soort: str, max_bytes: int) -> bytes:
        """As Bronclient."""
        naam = pad.rsplit("/", 1)[-1]
        with self._recorder(pad, None):
            self.opgehaald.append(naam)
            if naam not in self.bestanden:
                raise BronWeigering("the source refused (HTTP 404)")
            return self.bestanden[naam]


@dataclass
class Run:
    """What one run did."""

    verdelingen: list[dict[str, Any]] = field(default_factory=list)
    fouten: list[BidnFout] = field(default_factory=list)
    samenvatting: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By levering."""
    mails: list[tuple[str, str]] = field(default_factory=list)
    """Address and subject."""

    @property
    def lijsten(self) -> set[tuple[str, str, str]]:
        """Organisation, levering and gemeente of every list it was to publish."""
        return {(v["organisatie"], v["levering"], code) for v in self.verdelingen for code in v["gemeenten"]}


class Land:
    """See the module."""

    def __init__(self, opslag: Opslag) -> None:
        self.nu = BEGIN
        self.bron = Belastingdienst()
        self.opslag = replace(opslag, klok=lambda: self.nu)
        self.mail_werkt = True
        self.runs = 0

    def dag(self, nummer: int) -> None:
        """Let it be ``nummer`` days after the beginning, in the morning."""
        self.nu = BEGIN + timedelta(days=nummer)

    def meld_aan(
        self,
        naam: str,
        *codes: str,
        begin: date = date(2026, 1, 1),
        einde: date | None = None,
        mail: bool = True,
        product: Product = Product.ALLEENVERDIENERS,
    ) -> Organisatie:
        """Register an organisation with a productbeheerder, and for the product."""
        with self.opslag.database.transaction() as sessie:
            organisatie = register_organisatie(sessie, naam, codes, nu=self.nu)
            register_productbeheerder(
                sessie,
                organisatie,
                naam="Bea",
                email=f"bea@{naam.rsplit(maxsplit=1)[-1].lower()}.test",
                product=product,
                notificaties=mail,
            )
            register_aanmelding(sessie, organisatie, product, begin=begin, einde=einde)
        return organisatie

    def bezorg(self, mail: Mail, adres: str) -> tuple[Bezorging, str]:
        """Take a mail, or refuse it."""
        if not self.mail_werkt:
            return Bezorging.GEWEIGERD, "the server said no"
        self._mails.append((adres, mail.onderwerp))
        return Bezorging.AANGENOMEN, ""

    def draai(self, levering: str | None = None, *, run: str | None = None) -> Run:
        """Run the DAG once; with ``run`` that run again, as after clearing it whole."""
        self.runs += 1
        uit, self._mails, naam = Run(), [], run or f"run-{self.runs}"
        uit.mails = self._mails
        gezocht: list[dict[str, Any]] = []
        ingenomen = set()
        try:
            gezocht = selectielijsten.zoek(self.opslag, self.bron, levering)
        except BidnFout as fout:
            uit.fouten.append(fout)
        for aankondiging in gezocht:
            try:
                ingenomen.add(selectielijsten.haal_binnen(self.opslag, self.bron, aankondiging)["levering"])
            except BidnFout as fout:
                uit.fouten.append(fout)
        namen = {aankondiging["levering"] for aankondiging in gezocht}
        takken = verdeel(self.opslag, naam, gevraagd=levering, mislukt=namen - ingenomen)
        for tak in takken:
            uit.verdelingen.append(tak.als_dict())
            try:
                for step in ALLEENVERDIENERS.branch_steps:
                    take_list_step(self.opslag, tak, step.name, self.bezorg)
            except MailFout as fout:
                uit.fouten.append(fout)
        bewaartermijn.sweep(self.opslag.database, self.opslag.bestanden, nu=self.nu)
        gevraagd = [levering] if levering else []
        regels = lijsten.verantwoord(self.opslag, naam, [*namen, *gevraagd])
        uit.samenvatting = {regel["levering"]: regel for regel in regels}
        return uit

    def gepubliceerd(self, naam: str | None = None, **keuze: Any) -> list[Publicatie]:
        """The current publications of an organisation, or of all."""
        with self.opslag.database.reading() as sessie:
            wie = find_organisatie(sessie, naam) if naam else None
            return find_publicaties(sessie, organisatie=wie, product=Product.ALLEENVERDIENERS, **keuze)

    def lijsten(self, naam: str, **keuze: Any) -> dict[str, list[str]]:
        """The current lists of an organisation by gemeente, without their header."""
        uit = {}
        for publicatie in self.gepubliceerd(naam, **keuze):
            tekst = read_published(self.opslag.bestanden, publicatie.bestand("lijst")).decode()
            assert tekst.startswith(KOP)
            assert tekst.endswith("\r\n")
            uit[str(publicatie.gemeentecode)] = tekst.removeprefix(KOP).split("\r\n")[:-1]
        return uit
