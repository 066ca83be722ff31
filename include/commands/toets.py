"""``toets``: one vraagbestand through the same code as the DAG's tasks, without Airflow."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from include.bronnen.client import Bronclient
from include.commands.screen import console, met_nette_fouten, voortgangsbalk
from include.errors import BestandFout, GegevensFout
from include.intake.valideren import Intake, beoordeel
from include.moments import AMSTERDAM
from include.normen import laden
from include.normen.gemeenten import actieve_gemeenten
from include.normen.kalender import Ronde
from include.pipeline import BIJZONDERE_BIJSTAND, Source
from include.rapportage.kop import Kop
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json
from include.schemas.instellingen import Instellingen
from include.steps.branch import Toetsing
from include.steps.local_branch import LocalBranch
from include.steps.rapporten import RAPPORTEN
from include.steps.toetsing import licht_toe
from include.steps.workfiles import LocalFiles
from include.toets.toelichting import tekst

VERSLAG_CSV, VERSLAG_JSON = "verwerkingsverslag.csv", "verwerkingsverslag.json"
MEESTE_BYTES = 1_000_000_000
"""Of a file that is read at all; what is smaller and still too large gets its verwerkingsverslag."""


@dataclass(frozen=True)
class Opdracht:
    """What is asked for one vraagbestand."""

    organisatie: str
    gemeentecodes: frozenset[str]
    ronde: Ronde
    instellingen: Instellingen
    bronnen: str
    """Base URL under which every source answers."""
    rapportagedatum: date
    ontvangen: datetime
    bestandsnaam: str
    toelichting: int = 0
    """The aanvrager to explain; 0 for nobody."""

    def kop(self, normvariant: str) -> Kop:
        """The heading of its reports."""
        return Kop(
            aanleverende_organisatie=self.organisatie,
            bestandsnaam=self.bestandsnaam,
            aanleverdatum=self.ontvangen.date(),
            rapportagedatum=self.rapportagedatum,
            ronde=self.ronde,
            normvariant=normvariant,
        )

    def client(self, source: Source) -> Bronclient:
        """A client for one of the sources, all below one address."""
        return Bronclient(
            self.bronnen,
            os.environ.get("BIDN_BRONNEN_TOKEN", "lokaal"),
            bron=source.name,
            doelbinding=BIJZONDERE_BIJSTAND.product,
            betreft=f"organisation {self.organisatie}, ronde {self.ronde}",
        )


@dataclass(frozen=True)
class Resultaat:
    """What became of one vraagbestand, besides the files."""

    intake: Intake
    toelichting: str
    """In Dutch, about one person; empty when nobody was asked about."""


@met_nette_fouten
def toets(
    ronde: Annotated[str, typer.Option(help="Ronde, JJJJ-MM: the month of the deelnamedatum.")],
    organisatie: Annotated[str, typer.Option(help="Name of the delivering organisation.")],
    gemeentecodes: Annotated[str, typer.Option(help="Gemeentecodes it serves, separated by commas.")],
    vraagbestand: Annotated[Path, typer.Option(help="The file as delivered.")],
    bronnen: Annotated[str, typer.Option(help="Base URL of the sources, e.g. http://127.0.0.1:8500.")],
    uit: Annotated[Path, typer.Option(help="Folder for the reports; made when it is not there.")],
    vermogen: Annotated[bool, typer.Option("--vermogen", help="Test assets too.")] = False,
    voertuigen: Annotated[bool, typer.Option("--voertuigen", help="Show vehicles too.")] = False,
    percentage: Annotated[
        int, typer.Option(min=100, max=150, help="Toetspercentage of the organisation.")
    ] = 120,
    rapportagedatum: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of publication; today by default.")
    ] = None,
    ontvangen: Annotated[
        datetime | None,
        typer.Option(help="When it was delivered; by default the last day on which it counts for the ronde."),
    ] = None,
    toelichting: Annotated[
        str,
        typer.Option(metavar="BSN", help="Print, in Dutch, the steps behind the outcome of this aanvrager."),
    ] = "",
) -> None:
    """Test one vraagbestand and write overzicht, detail and verwerkingsverslag, unencrypted, into a folder."""
    if not organisatie.strip():
        raise GegevensFout("--organisatie is empty: give the name that is to stand in the reports")
    gekozen = laden.ronde(ronde)
    dag = rapportagedatum.date() if rapportagedatum else datetime.now(AMSTERDAM).date()
    laatste_dag = datetime.combine(gekozen.deelnamedatum - timedelta(days=1), time(12), tzinfo=AMSTERDAM)
    opdracht = Opdracht(
        organisatie=organisatie,
        gemeentecodes=lees_gemeentecodes(gemeentecodes),
        ronde=gekozen,
        instellingen=Instellingen(vermogen, voertuigen, percentage),
        bronnen=bronnen,
        rapportagedatum=dag,
        ontvangen=ontvangen or laatste_dag,
        bestandsnaam=vraagbestand.name,
        toelichting=lees_bsn(toelichting) if toelichting else 0,
    )
    inhoud = lees_bestand(vraagbestand)
    with voortgangsbalk() as balk:
        resultaat = voer_uit(opdracht, inhoud, uit, balk)
    intake = resultaat.intake
    console.print(
        f"{organisatie}, ronde {gekozen}: {intake.status}; {intake.gelezen} rijen gelezen, "
        f"{intake.geaccepteerd} getoetst, {intake.afgekeurd} afgekeurd. Zie {uit}.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if resultaat.toelichting:
        console.print("\n" + resultaat.toelichting, end="", highlight=False, markup=False, soft_wrap=True)


def voer_uit(
    opdracht: Opdracht,
    inhoud: bytes,
    uit: Path,
    balk: Callable[[str], Callable[[int, int], None]] | None = None,
) -> Resultaat:
    """Take one vraagbestand from its bytes to the files in ``uit``.

    An afgekeurd file writes only the two files of the verwerkingsverslag (besluit B53).

    Raises:
        RondeFout, NormFout: the ronde cannot run (besluiten B3, B9).
        BronFout, BronWeigering: a source did not answer as it should.
        ControleFout: the reports contradict each other.
        GegevensFout: the aanvrager to explain is not in a valid row; no source was asked.
    """
    ronde = opdracht.ronde
    ronde.eis_begonnen(opdracht.rapportagedatum)
    normen = laden.normen_op(ronde.deelnamedatum)
    intake = beoordeel(
        inhoud,
        deelnamedatum=ronde.deelnamedatum,
        gemeentecodes=opdracht.gemeentecodes,
        actieve_gemeenten=actieve_gemeenten(ronde.deelnamedatum),
    )
    uit.mkdir(parents=True, exist_ok=True)
    for oud in RAPPORTEN:
        (uit / oud).unlink(missing_ok=True)
    (uit / VERSLAG_CSV).write_bytes(verslag_csv(intake))
    feiten = {"bestandsnaam": opdracht.bestandsnaam, "ronde": ronde.naam, "organisatie": opdracht.organisatie}
    (uit / VERSLAG_JSON).write_bytes(verslag_json(intake, feiten))
    if opdracht.toelichting and opdracht.toelichting not in intake.aanvragen["bsn"].to_numpy():
        raise GegevensFout(
            "the BSN given with --toelichting is not the aanvrager of a valid row of this vraagbestand; "
            f"see {uit / VERSLAG_CSV}. Nothing was asked of the sources"
        )
    if not intake.geaccepteerd:
        return Resultaat(intake, "")

    with TemporaryDirectory(dir=uit, prefix=".rapporten-") as tijdelijk:
        branch = LocalBranch(
            step=next(BIJZONDERE_BIJSTAND.branch_steps),
            toetsing=Toetsing(
                ronde, normen, opdracht.instellingen, intake.aanvragen, LocalFiles(Path(tijdelijk))
            ),
            kop=opdracht.kop(normen.normvariant),
            client=opdracht.client,
        )
        for step in BIJZONDERE_BIJSTAND.until("rapporten_maken"):
            voortgang = balk(f"{step.source.name} bevragen") if balk and step.source else None
            step.call(replace(branch, step=step, voortgang=voortgang))
        for naam in RAPPORTEN:
            (Path(tijdelijk) / naam).replace(uit / naam)
    uitleg = tekst(licht_toe(branch.toetsing, opdracht.toelichting)) if opdracht.toelichting else ""
    return Resultaat(intake, uitleg)


def lees_gemeentecodes(tekst: str) -> frozenset[str]:
    """Read ``0014,34`` as 4-digit codes. Raises GegevensFout when something else is among them."""
    codes = [code.strip() for code in tekst.split(",") if code.strip()]
    if not codes or not all(code.isascii() and code.isdigit() and len(code) <= 4 for code in codes):
        raise GegevensFout(
            "gemeentecodes must be numbers of at most 4 digits, separated by commas: 0014,0034"
        )
    return frozenset(code.zfill(4) for code in codes)


def lees_bsn(getypt: str) -> int:
    """Read a BSN of 8 or 9 digits. Raises GegevensFout when it is something else."""
    if not (getypt.isascii() and getypt.isdigit() and len(getypt) in (8, 9)):
        raise GegevensFout("--toelichting takes a BSN: 8 or 9 digits")
    return int(getypt)


def lees_bestand(pad: Path) -> bytes:
    """Return the bytes of a file. Raises BestandFout when it cannot be read, or is far too large to be one of ours."""
    try:
        with pad.open("rb") as bestand:
            inhoud = bestand.read(MEESTE_BYTES + 1)
    except OSError as fout:
        raise BestandFout(f"{pad} cannot be read: {fout.strerror}") from None
    if len(inhoud) > MEESTE_BYTES:
        raise BestandFout(f"{pad} is larger than {MEESTE_BYTES // 10**6} MB: that is no vraagbestand")
    return inhoud
