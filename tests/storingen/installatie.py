"""Both services as a row of tasks outside Airflow, and a picture of an installation to compare with another.

The tasks call the very steps that the operators call, in the order of the DAGs. ``loop`` takes them one by one and
keeps a copy of the installation before each: a test begins there, disturbs one task, and compares what is left with
the copy after it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.bronnen.client import Bronclient
from include.bronnen.traffic import Grenzen
from include.normen import laden
from include.pipeline import ALLEENVERDIENERS as AVD_PIPELINE
from include.pipeline import BIJZONDERE_BIJSTAND as PIPELINE
from include.rapportage.mail import Mail
from include.schemas.domein import Product
from include.steps import lijsten, rondes, samenvatting, selectielijsten, verdeling
from include.steps.audit import ruim_op
from include.steps.leveren import lever
from include.steps.notificeren import Bezorging
from include.steps.stored_branch import Outside
from include.steps.verwerking import Opslag, Verwerking
from include.storage import audit_log
from include.storage.database import Database
from include.storage.file_store import FileStore, intermediates_folder
from include.storage.models import (
    Deelname,
    Levering,
    Notificatie,
    Organisatie,
    Productbeheerder,
    Publicatie,
    RondeRow,
    Vernietiging,
)
from tests.bronnen.hulp import Wachten
from tests.dags.wereld import ALFA, BETA, GAMMA, RONDE
from tests.harness import take, take_list_step
from tests.steps.hulp import OP_TIJD, Klok
from tests.storingen.bevolking import NIEUWE_LEVERING, VRAAGBESTAND_ALFA

RUN, EERDER = "run-1", "eerder"


@cache
def _database(url: str) -> Database:
    return Database(url)


@dataclass
class Installatie:
    """A folder with a database, a file store and a mailbox; where the sources are; and what tasks hand on."""

    map: Path
    klok: Klok
    url: str
    opslag: Opslag = field(init=False)
    xcom: dict[str, Any] = field(default_factory=dict)
    database_url: str = ""
    run: str = RUN

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the storage. One folder is one engine, for what that has compiled takes longer than most tasks."""
        url = self.database_url or f"sqlite:///{self.map / 'bidn.sqlite'}"
        self.opslag = Opslag(_database(url), FileStore((self.map / "opslag").as_uri()), self.klok)

    def kopie(self, map_: Path) -> Installatie:
        """The same installation in another folder; stored files are linked, for they are only ever replaced."""
        if map_.exists():  # aside: removing it takes longer than most tasks
            map_.rename(map_.with_name(uuid.uuid4().hex))
        map_.mkdir(parents=True)
        shutil.copy(self.map / "bidn.sqlite", map_ / "bidn.sqlite")
        for naam in ("opslag", "post"):
            if (self.map / naam).is_dir():
                shutil.copytree(self.map / naam, map_ / naam, copy_function=os.link)
        return replace(self, map=map_, klok=Klok(self.klok.nu), xcom=dict(self.xcom))

    def client(
        self, bron: str, betreft: str = "", doelbinding: str = Product.BIJZONDERE_BIJSTAND
    ) -> Bronclient:
        """A client that asks about one person at a time, so that a first, a middle and a last call differ."""
        grenzen = Grenzen(batchgrootte=1, gelijktijdig=1, lezen=20, verbinden=20)
        return Bronclient(
            self.url,
            "t",
            bron=bron,
            doelbinding=doelbinding,
            betreft=betreft,
            grenzen=grenzen,
            wacht=Wachten(),
        )

    def bezorg(self, mail: Mail, adres: str) -> tuple[Bezorging, str]:
        """A mail server: what it takes lies in the mailbox, in one step, one file a mail."""
        bus = self.map / "post"
        bus.mkdir(exist_ok=True)
        nieuw = bus / f".{uuid.uuid4().hex}"
        nieuw.write_text(mail.onderwerp)
        os.replace(nieuw, bus / f"{adres} {uuid.uuid4().hex}")
        return Bezorging.AANGENOMEN, ""

    @property
    def outside(self) -> Outside:
        """How its tasks reach the sources and the mailbox."""
        return Outside(lambda source, betreft: self.client(source.name, betreft), self.bezorg)

    @property
    def gemaild(self) -> list[str]:
        """Every address as often as it was mailed."""
        return sorted(pad.name.split()[0] for pad in (self.map / "post").glob("[!.]*"))


@dataclass(frozen=True)
class Taak:
    """A task of a DAG, of one organisation when it is mapped; what it returns goes into the XCom under its name."""

    naam: str
    doe: Callable[[Installatie], Any]
    van: str = ""

    def __str__(self) -> str:
        return f"{self.naam}[{self.van}]" if self.van else self.naam

    def draai(self, installatie: Installatie) -> None:
        """Run it."""
        installatie.xcom[str(self)] = self.doe(installatie)


# -- Bijzondere Bijstand ---------------------------------------------------------------------------------


def verwerking_van(i: Installatie, van: str) -> Verwerking:
    """The verwerking of one organisation in this run."""
    samen = i.xcom["ronde_samenstellen"]
    return Verwerking.uit_dict(next(regel for regel in samen if regel["organisatie"] == van))


def _lever(i: Installatie) -> None:
    lever(
        i.opslag,
        organisatie=ALFA,
        bestandsnaam="vraag.csv",
        inhoud=VRAAGBESTAND_ALFA.encode(),
        ontvangen=OP_TIJD,
    )


def _intake(i: Installatie, van: str) -> Any:
    deelnemers = i.xcom["ronde_openen"]
    return rondes.neem_in(i.opslag, next(regel for regel in deelnemers if regel["organisatie"] == van))


def _samenstellen(i: Installatie) -> Any:
    ingenomen = [i.xcom[f"intake[{van}]"] for van in (BETA, GAMMA, ALFA)]
    return rondes.stel_samen(i.opslag, i.xcom["ronde_openen"], ingenomen)


def _stap(naam: str, i: Installatie, van: str) -> Any:
    return take(i.opslag, verwerking_van(i, van), naam, i.outside)


def _afsluiten(i: Installatie) -> None:
    stand = samenvatting.stel_op(i.opslag, RONDE, i.run, {})
    samenvatting.bewaar(i.opslag, RONDE, i.run, stand)
    assert rondes.onafgemaakt(i.opslag, laden.ronde(RONDE), i.run, i.xcom["ronde_samenstellen"]) == []
    rondes.sluit(i.opslag, RONDE, i.run, stand)


TAK = {step.name: partial(_stap, step.name) for step in PIPELINE.branch_steps}


def _per_organisatie(
    tak: dict[str, Callable[[Installatie, str], Any]], namen: Iterable[str]
) -> Iterable[Taak]:
    """Task by task, in each the organisations in turn: every branch is as far as the others."""
    for naam, doe in tak.items():
        for van in namen:
            yield Taak(naam, partial(_van, doe, van), van)


def _van(doe: Callable[[Installatie, str], Any], van: str, i: Installatie) -> Any:
    return doe(i, van)


BIJZONDERE_BIJSTAND = (
    Taak("leveren", _lever),
    Taak("ronde_openen", lambda i: rondes.open_voor_verwerking(i.opslag, laden.ronde(RONDE), i.run)),
    *_per_organisatie({"intake": _intake}, (BETA, GAMMA, ALFA)),
    Taak("ronde_samenstellen", _samenstellen),
    *_per_organisatie(TAK, (BETA, ALFA)),
    Taak("bewaartermijn_toepassen", lambda i: ruim_op(i.opslag)),
    Taak("ronde_afsluiten", _afsluiten),
)


# -- Alleenverdieners ------------------------------------------------------------------------------------


def _zoeken(i: Installatie) -> Any:
    return selectielijsten.zoek(i.opslag, i.client("belastingdienst", doelbinding=Product.ALLEENVERDIENERS))


def _innemen(i: Installatie) -> Any:
    [aankondiging] = i.xcom["leveringen_zoeken"]
    betreft = f"levering {aankondiging['levering']}"
    client = i.client("belastingdienst", betreft, Product.ALLEENVERDIENERS)
    return selectielijsten.haal_binnen(i.opslag, client, aankondiging)


def _verdeling(i: Installatie, van: str) -> verdeling.Verdeling:
    return next(tak for tak in i.xcom["verdeling_maken"] if tak.organisatie == van)


def _lijststap(naam: str, i: Installatie, van: str) -> Any:
    return take_list_step(i.opslag, _verdeling(i, van), naam, i.bezorg)


AVD_TAK = {step.name: partial(_lijststap, step.name) for step in AVD_PIPELINE.branch_steps}


def _run_afsluiten(i: Installatie) -> Any:
    [regel] = lijsten.verantwoord(i.opslag, i.run, [NIEUWE_LEVERING])
    waar = ("gepubliceerd", "te_publiceren", "aangehouden", "afgewezen", "dubbel")
    assert regel["gelezen"] == sum(regel[naam] for naam in waar)
    assert regel["te_publiceren"] == 0
    return {naam: waarde for naam, waarde in regel.items() if naam != "levering_id"}


ALLEENVERDIENERS = (
    Taak("leveringen_zoeken", _zoeken),
    Taak("levering_innemen", _innemen),
    Taak("verdeling_maken", lambda i: verdeling.verdeel(i.opslag, i.run)),
    *_per_organisatie(AVD_TAK, (ALFA, BETA)),
    Taak("bewaartermijn_toepassen", lambda i: ruim_op(i.opslag)),
    Taak("run_afsluiten", _run_afsluiten),
)


# -- a run that nothing disturbs, and what can be seen of it -----------------------------------------------


Beeld = dict[str, dict[str, Any]]
"""What can be seen, thing by thing, by organisation; what is of all of them under the empty name."""


@dataclass(frozen=True)
class Halte:
    """An installation between two tasks of an undisturbed run: ``taak`` is the one to come."""

    taak: Taak
    voor: Installatie
    na: Installatie

    def begin(self, map_: Path) -> Installatie:
        """A copy to disturb."""
        return self.voor.kopie(map_)

    @cached_property
    def beeld_voor(self) -> Beeld:
        """What is to be seen when the task begins."""
        return beeld(self.voor)

    @cached_property
    def beeld_na(self) -> Beeld:
        """What is to be seen when it has succeeded."""
        return beeld(self.na)

    def eis_heel(self, nu: Beeld) -> None:
        """Every thing is as it was before the task or as it is after it; of other organisations, as before."""
        anders = {naam for naam, wat in nu.items() if wat != self.beeld_voor[naam]}
        if self.taak.van:
            assert anders <= {self.taak.van, ""}, "another organisation was touched"
        for naam in anders:
            for ding in (nu[naam].keys() | self.beeld_voor[naam].keys()) - {"vernietigd"}:
                kan = [self.beeld_voor[naam].get(ding), self.beeld_na[naam].get(ding)]
                if ding.startswith("mail "):
                    kan.append("claimed")
                assert nu[naam].get(ding) in kan, f"half: {ding}"

    def eis_als_ongestoord(self, nu: Installatie) -> None:
        """What shows is what shows after an undisturbed task; nobody was mailed twice.

        Only of one mail it may be unknown whether it went: nobody sends that again (besluit B54).
        """
        gezien, van = beeld(nu), self.taak.van
        onzeker = {ding for ding, wat in gezien[van].items() if wat == "claimed"}
        wie = {ding.rsplit(" ", 1)[1] for ding in onzeker}
        assert len(wie) <= 1
        assert gezien == self.beeld_na | {van: self.beeld_na[van] | dict.fromkeys(onzeker, "claimed")}
        verwacht, gemaild = Counter(self.na.gemaild), Counter(nu.gemaild)
        assert gemaild <= verwacht
        assert set(verwacht - gemaild) <= wie


@dataclass(frozen=True)
class Run:
    """A whole run that nothing disturbed: to be run again, disturbed, with the same end."""

    taken: tuple[Taak, ...]
    haltes: dict[str, Halte]

    def begin(self, map_: Path) -> Installatie:
        """A copy of the installation before its first task."""
        return self.haltes[str(self.taken[0])].begin(map_)

    def eis_zelfde_einde(self, nu: Installatie) -> None:
        """All that shows is what this run left, and everybody was mailed as often."""
        einde = self.haltes[str(self.taken[-1])]
        assert beeld(nu) == einde.beeld_na
        assert nu.gemaild == einde.na.gemaild


def loop(taken: Iterable[Taak], begin: Installatie, map_: Path) -> dict[str, Halte]:
    """Take every task in turn and keep a copy of the installation before and after each, by task."""
    haltes: dict[str, Halte] = {}
    nu = begin
    for nummer, taak in enumerate(taken):
        verder = nu.kopie(map_ / f"{nummer:02d}")
        taak.draai(verder)
        haltes[str(taak)] = Halte(taak, nu, verder)
        nu = verder
    return haltes


def beeld(installatie: Installatie) -> Beeld:
    """Everything of an installation that a later task, a reader or a municipality could see.

    Files by the hash of their contents; ids that are made up anew in each run are left out. Not in it is what nobody
    sees: files without a row, which the sweep takes as orphans.
    """
    opslag = installatie.opslag
    with opslag.database.reading() as sessie:
        assert audit_log.verify(sessie, audit_log.read_anchor(opslag.bestanden)).first_break is None
        namen = {rij.id: rij.naam for rij in sessie.scalars(select(Organisatie))}
        uit: Beeld = {naam: {} for naam in ("", *namen.values())}
        dingen = chain(
            _leveringen(sessie, opslag.bestanden),
            _rondes(sessie),
            _publicaties(sessie, opslag.bestanden),
            _mails(sessie),
            _tussenresultaten(sessie, opslag.bestanden, list(namen)),
        )
        for organisatie, ding, wat in dingen:
            uit[namen.get(organisatie or 0, "")][ding] = _plat(wat)
        vernietigd = sessie.execute(select(Vernietiging.klasse, Vernietiging.vernietigd_op))
        uit[""]["vernietigd"] = Counter(f"{klasse} {op is not None}" for klasse, op in vernietigd)
    return uit


Ding = tuple[int | None, str, Any]


def _leveringen(sessie: Session, bestanden: FileStore) -> Iterator[Ding]:
    for rij in sessie.scalars(select(Levering)):
        naam = f"levering {rij.kenmerk or rij.ronde} {rij.volgnummer}"
        yield rij.organisatie_id, naam, (rij.sha256, rij.verwijderd_op)
        if rij.status is not None:
            yield rij.organisatie_id, f"{naam} oordeel", (rij.status, rij.rijen_gelezen, rij.fouten)
        for bestand in bestanden.list(rij.map):
            yield rij.organisatie_id, f"{naam} {_kort(bestand.key)}", _inhoud(bestanden, bestand.key)


def _rondes(sessie: Session) -> Iterator[Ding]:
    for rij in sessie.scalars(select(RondeRow)):
        yield None, f"ronde {rij.ronde}", rij.afgesloten_op
        yield None, f"ronde {rij.ronde} samenvatting", rij.samenvatting
    for deel in sessie.scalars(select(Deelname)):
        stand = (deel.status, deel.verwerking, deel.instellingen_versie)
        yield deel.organisatie_id, f"deelname {deel.ronde}", stand


def _publicaties(sessie: Session, bestanden: FileStore) -> Iterator[Ding]:
    for rij in sessie.scalars(select(Publicatie)):
        inhoud = {bestand.naam: _inhoud(bestanden, bestand.sleutel) for bestand in rij.bestanden}
        wat = (rij.vervangen_op, rij.verwijderd_op, rij.manifest, inhoud)
        yield rij.organisatie_id, f"publicatie {rij.reeks} {rij.versie}", wat


def _mails(sessie: Session) -> Iterator[Ding]:
    vraag = (
        select(Publicatie.organisatie_id, Publicatie.reeks, Productbeheerder.email, Notificatie.verzonden_op)
        .join(Notificatie, Notificatie.publicatie_id == Publicatie.id)
        .join(Productbeheerder, Notificatie.productbeheerder_id == Productbeheerder.id)
    )
    for organisatie, reeks, email, op in sessie.execute(vraag):
        yield organisatie, f"mail {reeks} {email}", "sent" if op else "claimed"


def _tussenresultaten(sessie: Session, bestanden: FileStore, organisaties_: list[int]) -> Iterator[Ding]:
    lijsten = sessie.scalars(select(Levering.id).where(Levering.product == Product.ALLEENVERDIENERS))
    for run in (RUN, EERDER, *(f"{RUN}/{levering}" for levering in lijsten)):
        for nummer in organisaties_:
            for bestand in bestanden.list(intermediates_folder(f"{run}/{nummer}")):
                naam = f"tussenresultaat {run.split('/')[0]} {_kort(bestand.key)}"
                yield nummer, naam, _inhoud(bestanden, bestand.key)


def _kort(sleutel: str) -> str:
    return sleutel.rsplit("/", 1)[1]


def _plat(waarde: Any) -> Any:
    """As plain values, so that a difference reads well."""
    if isinstance(waarde, dict):
        return {str(naam): _plat(deel) for naam, deel in waarde.items()}
    if isinstance(waarde, (list, tuple)):
        return [_plat(deel) for deel in waarde]
    return waarde if isinstance(waarde, (int, type(None))) else str(waarde)


_BEKEND: dict[bytes, str] = {}


def _inhoud(bestanden: FileStore, sleutel: str) -> str:
    """The hash of a stored file's contents; one that was decrypted before is known by its bytes."""
    with bestanden.open_raw(sleutel) as bron:
        verpakt = hashlib.sha256(bron.read()).digest()
    if verpakt not in _BEKEND:
        _BEKEND[verpakt] = hashlib.sha256(bestanden.read(sleutel)).hexdigest()
    return _BEKEND[verpakt]
