"""Protocollering: entering in the logboek what the steps ask of sources, show to people and remove.

Deliveries, publications and changes of the registration enter themselves, in include/storage, together with what
they are about. Here is what has no transaction of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from include.bronnen.client import Bronclient
from include.errors import GegevensFout, InstallatieFout, OpslagFout
from include.logfilter import zonder_bsns
from include.schemas.domein import Ondanks, Product
from include.settings import logboek_maanden
from include.steps.verwerking import Opslag
from include.storage import audit_log
from include.storage.audit_log import AuditEvent, AuditStatus, ProcessingActivity
from include.storage.audit_models import AuditEntry
from include.storage.audit_retention import KLASSE, shorten
from include.storage.bewaarklassen import BEWAARKLASSEN, Bewaarklasse, Removal
from include.storage.bewaartermijn import SweepReport, bring_back, preview_sweep, sweep
from include.storage.models import Levering, Publicatie
from include.storage.runlogs import RunLogs
from include.storage.sweep_guard import begin as begin_sweep
from include.storage.sweep_guard import judge


def noteer(opslag: Opslag, handeling: AuditEvent) -> str:
    """Enter a handeling by itself, and anchor the logboek; return its span_id. Raises OpslagFout."""
    with opslag.database.transaction() as sessie:
        span_id = audit_log.record(sessie, handeling).span_id
    veranker(opslag)
    return span_id


def veranker(opslag: Opslag) -> None:
    """Write down outside the database where the logboek ends; after what enters itself."""
    audit_log.write_anchor(opslag.database, opslag.bestanden)


@contextmanager
def wijziging(opslag: Opslag) -> Iterator[Session]:
    """A transaction for changes that enter themselves, after which the logboek is anchored."""
    with opslag.database.transaction() as sessie:
        yield sessie
    veranker(opslag)


def recorded(
    opslag: Opslag,
    client: Bronclient,
    *,
    doelbinding: Product,
    onderwerp: str,
    organisatie: str | None = None,
    ronde: str | None = None,
) -> Bronclient:
    """Return a client that enters every question in the logboek: on whose behalf, and about which levering.

    A question is entered before it is asked, with whom it is about, and how it ended after. So a question that was
    cut short by a kill is in the logboek too, without an end.
    """
    betreft = AuditEvent(
        "bron-bevragen",
        ProcessingActivity.BRONBEVRAGING,
        organisatie=organisatie,
        doelbinding=doelbinding.value,
        ronde=ronde,
        onderwerp=onderwerp,
    )

    @contextmanager
    def recorder(endpoint: str, personen: Sequence[int] | None, **criteria: str | int) -> Iterator[None]:
        begin = datetime.now(UTC)
        vraag = replace(
            betreft,
            begin_op=begin,
            einde_op=begin,
            betrokkenen=personen,
            aantal=None if personen is None else len(personen),
            status=AuditStatus.UNSET,
            bijzonderheden={"endpoint": endpoint, **criteria},
        )
        antwoord = replace(
            vraag, naam="bron-antwoord", betrokkenen=None, parent_span_id=noteer(opslag, vraag)
        )
        try:
            yield
        except BaseException as fout:
            # The kind of error, never its words.
            soort = {**vraag.bijzonderheden, "exception.type": type(fout).__name__}
            mislukt = replace(antwoord, status=AuditStatus.ERROR, bijzonderheden=soort)
            noteer(opslag, replace(mislukt, einde_op=datetime.now(UTC)))
            raise
        noteer(opslag, replace(antwoord, status=AuditStatus.OK, einde_op=datetime.now(UTC)))

    return client.recorded_by(recorder)


def noteer_opzoeken(
    opslag: Opslag,
    *,
    organisatie: str,
    bsn: int,
    ronde: str | None,
    publicatie: Publicatie | None,
    status: AuditStatus = AuditStatus.OK,
) -> None:
    """Enter that an organisation looked a person up, found or not: before anything of it is shown."""
    noteer(
        opslag,
        AuditEvent(
            "detail-opzoeken",
            ProcessingActivity.RAADPLEGING,
            organisatie=organisatie,
            doelbinding=Product.BIJZONDERE_BIJSTAND.value,
            ronde=publicatie.ronde if publicatie else ronde,
            onderwerp=publicatie.id if publicatie else None,
            betrokkene=bsn,
            aantal=1,
            status=status,
            bijzonderheden={"gevonden": publicatie is not None},
        ),
    )


def noteer_download(opslag: Opslag, publicatie: Publicatie, soort: str) -> None:
    """Enter that a published file leaves the file store readable: before it does."""
    bestand = publicatie.bestand(soort)
    noteer(
        opslag,
        AuditEvent(
            "rapport-ophalen",
            ProcessingActivity.RAADPLEGING,
            organisatie=publicatie.organisatie.naam,
            doelbinding=publicatie.product.value,
            ronde=publicatie.ronde,
            onderwerp=publicatie.id,
            aantal=bestand.rijen,
            bijzonderheden={"soort": soort, "sha256": bestand.sha256},
        ),
    )


def noteer_verslag(opslag: Opslag, levering: Levering, organisatie: str) -> None:
    """Enter that a verwerkingsverslag leaves the file store readable: before it does."""
    noteer(
        opslag,
        AuditEvent(
            "verslag-ophalen",
            ProcessingActivity.RAADPLEGING,
            organisatie=organisatie,
            doelbinding=levering.product.value,
            ronde=levering.ronde,
            onderwerp=levering.id,
            aantal=levering.rijen_afgewezen,
        ),
    )


def noteer_vraagbestand(opslag: Opslag, levering: Levering, organisatie: str) -> None:
    """Enter that a delivered file leaves the file store readable: before it does."""
    noteer(
        opslag,
        AuditEvent(
            "vraagbestand-ophalen",
            ProcessingActivity.RAADPLEGING,
            organisatie=organisatie,
            doelbinding=levering.product.value,
            ronde=levering.ronde,
            onderwerp=levering.id,
            aantal=levering.rijen_gelezen,
            bijzonderheden={"sha256": levering.sha256},
        ),
    )


def controleer_logboek(opslag: Opslag) -> audit_log.AuditCheck:
    """Verify that nothing was changed, removed or added behind the program's back."""
    anker = audit_log.read_anchor(opslag.bestanden)
    with opslag.database.reading() as sessie:
        return audit_log.verify(sessie, anker)


def aanvaard_breuk(opslag: Opslag, volgnummer: int, *, reden: str, door: str) -> list[audit_log.AuditBreak]:
    """Enter that somebody accepts what is known to be wrong at one place, and why; return the breaks it is about.

    The note is sealed and stays in the chain. It holds for what is there now: another change at that place is a break
    again. An anchor that does not hold makes way for a new one.

    Raises:
        GegevensFout: nothing is wrong there that was not accepted.
    """

    def open_breaks() -> list[audit_log.AuditBreak]:
        return [breuk for breuk in controleer_logboek(opslag).breaks if breuk.volgnummer == volgnummer]

    breuken = open_breaks()
    if not breuken:
        raise GegevensFout(
            f"nothing is wrong at logregel {volgnummer} that was not accepted; nothing was entered"
        )
    if not all(breuk.kenmerk for breuk in breuken):
        # An end that was cut off becomes a gap with the next logregel: that gap is what can be accepted.
        noteer(opslag, AuditEvent("logboek-controleren", ProcessingActivity.RAADPLEGING))
        breuken = open_breaks()
    anker = audit_log.read_anchor(opslag.bestanden)
    with opslag.database.transaction() as sessie:
        for breuk in breuken:
            note = {
                **breuk._asdict(),
                "reden": zonder_bsns(reden),
                "door": zonder_bsns(door),
            }
            audit_log.record(
                sessie, AuditEvent(audit_log.ACCEPTED, ProcessingActivity.RAADPLEGING, bijzonderheden=note)
            )
    of_anchor = any(breuk.is_of_anchor for breuk in breuken)
    audit_log.write_anchor(opslag.database, opslag.bestanden, accept=anker if of_anchor else None)
    return breuken


def laatste_regels(
    opslag: Opslag, *, organisatie: str | None, handeling: str | None, aantal: int
) -> list[AuditEntry]:
    """Return the last logregels, oldest first, narrowed by what is given."""
    with opslag.database.reading() as sessie:
        return audit_log.entries(sessie, organisatie=organisatie, naam=handeling, laatste=aantal)


def regels_over(opslag: Opslag, bsn: int) -> list[AuditEntry]:
    """Return every logregel about one person (AVG art. 15); asking is entered as well."""
    with opslag.database.reading() as sessie:
        gevonden = list(audit_log.entries_about(sessie, bsn))
    noteer(
        opslag,
        AuditEvent(
            "logboek-inzien",
            ProcessingActivity.RAADPLEGING,
            betrokkene=bsn,
            aantal=1,
            bijzonderheden={"logregels": len(gevonden)},
        ),
    )
    return gevonden


def als_ldv(regel: AuditEntry) -> dict[str, Any]:
    """Return a logregel with the names of the standard Logboek Dataverwerkingen."""
    return audit_log.as_ldv(regel)


def alle_klassen(logs: Path | None, dags: Sequence[str]) -> list[Bewaarklasse]:
    """Return everything that has a term; ``logs`` is where Airflow keeps those of the runs of ``dags``."""
    return [*BEWAARKLASSEN, *([RunLogs(logs, tuple(dags))] if logs else [])]


def bekijk_opruiming(opslag: Opslag, klassen: Sequence[Bewaarklasse] = BEWAARKLASSEN) -> list[Removal]:
    """Return what a sweep would remove now; changes nothing. Raises as ``ruim_op`` for what would hold it."""
    nu = opslag.klok()
    verdict = judge(opslag.database, opslag.bestanden, klassen, nu=nu)
    if verdict.held:
        raise InstallatieFout(_as_sentences("nothing was looked for", verdict.held))
    return preview_sweep(opslag.database, opslag.bestanden, nu=nu, klassen=verdict.klassen)


def ruim_op(
    opslag: Opslag,
    klassen: Sequence[Bewaarklasse] = BEWAARKLASSEN,
    *,
    ondanks: Collection[Ondanks] = (),
    reden: str = "",
) -> SweepReport:
    """Sweep what may be swept (besluit B55) and anchor the logboek.

    ``ondanks`` is what a human had it pass over, for ``reden``: entered in the logboek first.

    Raises:
        InstallatieFout: it did not do everything, for a human must look: says why and what to do.
        OpslagFout: as ``bewaartermijn.sweep``.
        ControleFout: as ``kort_in``, which comes last.
    """
    nu, database, bestanden = opslag.klok(), opslag.database, opslag.bestanden
    try:
        if ondanks:
            details = {"ondanks": sorted(ondanks), "reden": zonder_bsns(reden)}
            event = AuditEvent("opruimen-ondanks", ProcessingActivity.VERNIETIGING, bijzonderheden=details)
            noteer(opslag, event)
        verdict = judge(database, bestanden, klassen, nu=nu, ondanks=ondanks)
        begin_sweep(database, nu)
        try:
            done = sweep(database, bestanden, nu=nu, klassen=verdict.klassen)
        except OpslagFout as fout:
            if verdict.held:
                raise InstallatieFout(_as_sentences(str(fout), verdict.held)) from None
            raise
        if verdict.held:
            raise InstallatieFout(_as_sentences(f"retention: {done}", verdict.held))
    finally:
        veranker(opslag)
    kort_in(opslag, done)
    return done


def _as_sentences(done: str, held: Sequence[str]) -> str:
    return ". ".join((done, *held))


def haal_terug(opslag: Opslag, reden: str) -> int:
    """Put what was put out of sight back where it was; return how many files. Raises OpslagFout."""
    try:
        return bring_back(opslag.database, opslag.bestanden, reden=reden)
    finally:
        veranker(opslag)


def kort_in(opslag: Opslag, verslag: SweepReport) -> None:
    """Remove the months of the logboek that have expired (besluit B55a), and count them in the report.

    Raises ControleFout when that part of it is not as it was written; InstallatieFout for a term that is none.
    """
    punt = shorten(opslag.database, opslag.bestanden, nu=opslag.klok(), maanden=logboek_maanden())
    if punt:
        veranker(opslag)
        verslag.files[KLASSE] += 1
        verslag.rows[KLASSE] += punt.aantal
