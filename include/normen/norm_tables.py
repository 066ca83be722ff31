"""The norm files of one folder, put together: which values are in force on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from include.errors import NormFout
from include.normen import gemeenten, models
from include.normen.geldigheid import Geldig, Tabelbestand
from include.normen.kalender import DEELNAMEDAG, Maand, Ronde, uiterste_begindatum
from include.normen.toetsnormen import SoortInkomstenverhouding, Toetsnormen
from include.normen.yaml_file import lees_normbestand, projectpad
from include.schemas.instellingen import Instellingen

BESTANDEN = (
    "aow_leeftijd.yaml",
    "bijstandsnormen.yaml",
    "deelnamedatum.yaml",
    "gemeenten.csv",
    "heffingskortingen.yaml",
    "inkomstenverhoudingen.yaml",
    "instellingen.yaml",
    "normvariant.yaml",
    "vermogen.yaml",
    "voertuigen.yaml",
)
"""Every file that values come from, in the order in which ``herkomst`` reads them."""

WAARSCHUWING_MAANDEN = 2

P = TypeVar("P", bound=Geldig)


@dataclass(frozen=True)
class Tabel(Generic[P]):
    """A list of periods that follow on each other."""

    bestand: Path
    perioden: Sequence[P]

    @property
    def van(self) -> date:
        """The first day with a value."""
        return self.perioden[0].vanaf

    @property
    def tot_en_met(self) -> date:
        """The last day with a value."""
        return self.perioden[-1].tot_en_met

    def op(self, datum: date) -> P:
        """Return the period in which ``datum`` lies.

        Raises:
            NormFout: none does (besluit B9).
        """
        for periode in self.perioden:
            if periode.vanaf <= datum <= periode.tot_en_met:
                return periode
        tot = "on" if self.tot_en_met == date.max else f"to {self.tot_en_met}"
        raise _buiten(datum, self.bestand, f"runs from {self.van} {tot}")


@dataclass(frozen=True)
class AowTabel:
    """The AOW ages by birth date, never lower for who is born later: one date parts the two groups."""

    bestand: Path
    leeftijden: Sequence[models.AowLeeftijd]

    @property
    def tot_en_met(self) -> date:
        """The last deelnamedatum on which nobody born after the table can have reached the AOW age."""
        laatste = self.leeftijden[-1]
        eerste_onbekende = laatste.geboren_tot_en_met + timedelta(days=1)
        return _bereikt_op(eerste_onbekende, laatste.jaren, laatste.maanden) - timedelta(days=1)

    def geboren_tot_en_met(self, deelnamedatum: date) -> date:
        """Return the last birth date with which the AOW age is reached on ``deelnamedatum`` (besluit B31).

        Raises:
            NormFout: somebody born after the table may have reached it.
        """
        if deelnamedatum > self.tot_en_met:
            raise _buiten(deelnamedatum, self.bestand, f"knows who has the AOW age until {self.tot_en_met}")
        bereikt = date.min
        for band in self.leeftijden:
            grens = uiterste_begindatum(deelnamedatum, band.jaren, band.maanden)
            if grens >= band.geboren_vanaf:
                bereikt = min(grens, band.geboren_tot_en_met)
        return bereikt

    def bron(self, deelnamedatum: date) -> str:
        """Return the source of the AOW age that parts the two groups on ``deelnamedatum``."""
        grens = self.geboren_tot_en_met(deelnamedatum)
        return next(band.bron.tekst for band in self.leeftijden if grens <= band.geboren_tot_en_met)


class Normtabellen:
    """Every norm file of one folder, read and checked.

    Raises:
        NormFout: a file is missing or malformed, naming file, line and what to do.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        gemeenten.lees_gemeenten(folder / "gemeenten.csv")
        self._normen = self._tabel("bijstandsnormen.yaml", models.Bijstandsnormenbestand)
        pad = folder / "vermogen.yaml"
        vermogen = lees_normbestand(pad, models.Vermogensbestand)
        self._grenzen, self._rente = Tabel(pad, vermogen.vermogensgrenzen), Tabel(pad, vermogen.rentegrens)
        self.aow = AowTabel(
            folder / "aow_leeftijd.yaml",
            lees_normbestand(folder / "aow_leeftijd.yaml", models.AowLeeftijdenbestand).leeftijden,
        )
        self._soorten = self._tabel("inkomstenverhoudingen.yaml", models.Inkomstenverhoudingenbestand)
        self._kortingen = self._tabel("heffingskortingen.yaml", models.Heffingskortingenbestand)
        self._voertuigen = self._tabel("voertuigen.yaml", models.Voertuigenbestand)
        self._instellingen = self._tabel("instellingen.yaml", models.Instellingenbestand)
        varianten = lees_normbestand(folder / "normvariant.yaml", models.Normvariantenbestand)
        self._varianten = Tabel(folder / "normvariant.yaml", varianten.perioden)
        self._factoren: dict[str, Decimal] = {
            naam: Decimal(factor) for naam, factor in varianten.varianten.items()
        }
        uitzonderingen = lees_normbestand(
            folder / "deelnamedatum.yaml", models.Deelnamedatabestand
        ).uitzonderingen
        self._deelnamedata = {
            uitzondering.maand: uitzondering.deelnamedatum for uitzondering in uitzonderingen
        }

    def _tabel(self, naam: str, vorm: type[Tabelbestand[P]]) -> Tabel[P]:
        return Tabel(self._folder / naam, lees_normbestand(self._folder / naam, vorm).perioden)

    @property
    def _tabellen(self) -> tuple[Tabel[Any], ...]:
        return (
            self._normen,
            self._grenzen,
            self._rente,
            self._soorten,
            self._kortingen,
            self._voertuigen,
            self._instellingen,
            self._varianten,
        )

    @cached_property
    def herkomst(self) -> str:
        """sha-256 over name, length and bytes of every file, in hexadecimal."""
        som = hashlib.sha256()
        for naam in BESTANDEN:
            inhoud = (self._folder / naam).read_bytes()
            som.update(f"{naam} {len(inhoud)}\n".encode() + inhoud)
        return som.hexdigest()

    @property
    def dekking(self) -> tuple[date, date]:
        """The first and last day on which every table has a value."""
        return max(tabel.van for tabel in self._tabellen), min(self._einden().values())

    def _einden(self) -> dict[str, date]:
        """Return per file the last day on which it has values."""
        einden = {projectpad(self.aow.bestand): self.aow.tot_en_met}
        for tabel in self._tabellen:
            naam = projectpad(tabel.bestand)
            einden[naam] = min(einden.get(naam, date.max), tabel.tot_en_met)
        return einden

    def waarschuwing(self, vandaag: date) -> str | None:
        """Return what ops must do when files end within two months or have ended; None otherwise."""
        eindigend = {
            naam: einde
            for naam, einde in sorted(self._einden().items())
            if einde != date.max and vandaag >= uiterste_begindatum(einde, 0, WAARSCHUWING_MAANDEN)
        }
        if not eindigend:
            return None
        welke = " and ".join(f"{naam} (until {einde})" for naam, einde in eindigend.items())
        einde = self.dekking[1]
        maand = Maand(einde.year, einde.month)
        eerste = self.ronde(maand if self.ronde(maand).deelnamedatum > einde else maand.plus(1))
        return (
            f"The dated norms run out: {welke}. Ronde {eerste} (deelnamedatum {eerste.deelnamedatum}) and "
            f"later ones will stop: extend what is named before {eerste.rapportagemaand.eerste_dag}, when "
            "that ronde runs. The top of each file says how."
        )

    def ronde(self, maand: Maand) -> Ronde:
        """Return the ronde of ``maand``, its deelnamedatum the 26th or the exception's (besluit B1)."""
        vorige = maand.plus(-1)
        return Ronde(maand, self._deelnamedatum(maand), self._deelnamedatum(vorige))

    def _deelnamedatum(self, maand: Maand) -> date:
        return self._deelnamedata.get(maand) or date(maand.jaar, maand.maand, DEELNAMEDAG)

    def _bijstandsnormen(self, datum: date) -> dict[str, int]:
        """Return the four monthly norms in euro cents, following the normvariant (besluit B9)."""
        normen = self._normen.op(datum).bedragen
        factor = self._factoren[self._varianten.op(datum).variant]
        return {naam: _half_op(norm.bedrag * factor) for naam, norm in normen.items()}

    def standaardinstellingen_op(self, datum: date) -> Instellingen:
        """Return the instellingen of an organisation that chose none (besluit B8)."""
        standaard = self._instellingen.op(datum)
        return Instellingen(standaard.vermogen == "ja", standaard.voertuigen == "ja", standaard.percentage)

    def normen_op(self, deelnamedatum: date) -> Toetsnormen:
        """Return everything in force on ``deelnamedatum``; money in euro cents.

        Raises:
            NormFout: a table has no value for that day (besluit B9).
        """
        normen = self._bijstandsnormen(deelnamedatum)
        grenzen = self._grenzen.op(deelnamedatum)
        soorten = self._soorten.op(deelnamedatum).soorten
        kortingen = self._kortingen.op(deelnamedatum).kortingen
        voertuigen = self._voertuigen.op(deelnamedatum)
        return Toetsnormen(
            deelnamedatum=deelnamedatum,
            normvariant=self._varianten.op(deelnamedatum).variant,
            **normen,
            **{naam: grens.bedrag for naam, grens in grenzen.bedragen.items()},
            rentegrens_promille=self._rente.op(deelnamedatum).promille,
            aow_geboren_tot_en_met=self.aow.geboren_tot_en_met(deelnamedatum),
            soorten=MappingProxyType(
                {
                    code: SoortInkomstenverhouding(
                        code, soort.omschrijving, soort.groep, soort.uitkeringsvorm or ""
                    )
                    for code, soort in soorten.items()
                }
            ),
            heffingskortingen=MappingProxyType(
                {code: korting.omschrijving for code, korting in kortingen.items()}
            ),
            exclusieve_merken=tuple(voertuigen.exclusieve_merken),
            merk_aliassen=tuple(voertuigen.merk_aliassen),
            geen_motorvoertuig=tuple(voertuigen.geen_motorvoertuig),
            voertuig_jaren=voertuigen.jaren,
            herkomst=self.herkomst,
            bronnen=MappingProxyType(self._bronnen(deelnamedatum)),
        )

    def _bronnen(self, datum: date) -> dict[str, str]:
        """Return the source of each value that decides about a household, by its field of Toetsnormen."""
        normen, grenzen = self._normen.op(datum), self._grenzen.op(datum)
        rente, voertuigen = self._rente.op(datum), self._voertuigen.op(datum)
        uit = {
            naam: _bron(periode, periode.bron.tekst(bedrag.artikel))
            for periode in (normen, grenzen)
            for naam, bedrag in periode.bedragen.items()
        }
        return uit | {
            "rentegrens_promille": _bron(rente, rente.bron.tekst),
            "aow_geboren_tot_en_met": self.aow.bron(datum),
            "exclusieve_merken": _bron(voertuigen, voertuigen.bron.tekst),
        }


def _bron(periode: Geldig, tekst: str) -> str:
    """Return a source with the days its value is in force, in Dutch."""
    tot = "" if periode.tot_en_met == date.max else f" tot en met {periode.tot_en_met}"
    return f"{tekst}, geldig vanaf {periode.vanaf}{tot}"


def _half_op(bedrag: Decimal) -> int:
    """Return a positive amount rounded half-up."""
    return int(bedrag.to_integral_value(ROUND_HALF_UP))


def _bereikt_op(begin: date, jaren: int, maanden: int) -> date:
    """Return the day on which so much time has passed; a day that the month lacks is its last."""
    maand = Maand(begin.year, begin.month).plus(12 * jaren + maanden)
    return date(maand.jaar, maand.maand, min(begin.day, maand.laatste_dag.day))


def _buiten(datum: date, bestand: Path, dekking: str) -> NormFout:
    return NormFout(
        f"no norms are known for {datum}: {projectpad(bestand)} {dekking}. Extend that file, as its top says, "
        "then start the ronde again."
    )
