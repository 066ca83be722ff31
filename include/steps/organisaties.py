"""The toets of one organisation in a DAG run, from its counted delivery to its published reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from include.bronnen import snapshot
from include.bronnen.client import Bronclient
from include.errors import GegevensFout
from include.normen import laden
from include.rapportage.manifest import Bestand, Manifest, Momentopname
from include.rapportage.opzoeken import maak_index
from include.schemas.instellingen import Instellingen
from include.steps import notificeren, rapporteren, toetsing
from include.steps.audit import geprotocolleerd, veranker
from include.steps.code_version import codeversie
from include.steps.leveren import lees_levering
from include.steps.notificeren import Bezorger
from include.steps.rondes import tevens_van
from include.steps.toetsing import SNAPSHOTS, Tellingen, Toetsing, tel_op
from include.steps.verwerking import Opslag, Tussenresultaten, Verwerking, vind_organisatie
from include.storage import publicaties as publicatieregister
from include.storage.bewaartermijn import remove_intermediates
from include.storage.leveringen import find_levering
from include.storage.models import Levering, Organisatie, Product, Publicatie
from include.storage.moments import day_of
from include.storage.organisaties import instellingen_of_versie
from include.storage.publicaties import Gepubliceerd
from include.storage.rondes import find_deelname, settle_instellingen

OVERZICHT, DETAIL, INDEX = "overzicht.csv", "detail.xml", "detail.index"
RAPPORTEN = (OVERZICHT, DETAIL)
"""What the municipality fetches; the index serves the look-up by BSN."""
_RAPPORT = "rapport.json"


def begin_toetsing(opslag: Opslag, verwerking: Verwerking) -> Toetsing:
    """Return the toetsing of a verwerking at its first question to a source.

    Settles the instellingen (B8), and keeps the accepted rows at hand for the steps that follow. Raises as
    ``hervat_toetsing``, and GegevensFout when the stored delivery cannot be read.
    """
    ronde = laden.ronde(verwerking.ronde)
    organisatie = vind_organisatie(opslag, verwerking)
    with opslag.database.transaction() as sessie:
        settle_instellingen(
            sessie,
            ronde.naam,
            organisatie,
            verwerking=verwerking.kenmerk,
            laatste_dag=ronde.rapportagemaand.laatste_dag,
            nu=opslag.klok(),
        )
        levering = find_levering(sessie, verwerking.levering_id)
    aanvragen = lees_levering(opslag, levering, organisatie, ronde).aanvragen
    Tussenresultaten(opslag.bestanden, verwerking).schrijf_frame(toetsing.AANVRAGEN, aanvragen)
    return hervat_toetsing(opslag, verwerking)


def hervat_toetsing(opslag: Opslag, verwerking: Verwerking) -> Toetsing:
    """Return the toetsing of a verwerking for every later step, with the instellingen settled at its begin.

    Raises:
        GegevensFout: the delivery was removed, the toetsing never began, or another run took it over.
    """
    ronde = laden.ronde(verwerking.ronde)
    organisatie = vind_organisatie(opslag, verwerking)
    versie = _instellingen_versie(opslag, verwerking, organisatie)
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    with opslag.database.reading() as sessie:
        find_levering(sessie, verwerking.levering_id)  # raises when its 90 days are over
        geldend = instellingen_of_versie(sessie, organisatie, versie, op=ronde.rapportagemaand.laatste_dag)
    return Toetsing(
        ronde=ronde,
        normen=laden.normen_op(ronde.deelnamedatum),
        instellingen=Instellingen(geldend.vermogen, geldend.voertuigen, geldend.percentage),
        aanvragen=werk.lees_frame(toetsing.AANVRAGEN),
        werk=werk,
    )


def bepaal_huishoudens(opslag: Opslag, verwerking: Verwerking, client: Bronclient) -> Tellingen:
    """Ask the BRP and derive the households (besluiten B22-B27)."""
    lopend = begin_toetsing(opslag, verwerking)
    met_protocol = _protocol(opslag, verwerking, client)
    geteld = tel_op(toetsing.bepaal_huishoudens(deel, met_protocol) for deel in lopend.delen())
    return geteld | asdict(client.statistiek)


def bevraag(
    vraag: Callable[[Toetsing, Bronclient], Tellingen],
    opslag: Opslag,
    verwerking: Verwerking,
    client: Bronclient,
) -> Tellingen:
    """Ask one of the other sources, with one of ``toetsing.BEVRAGINGEN``."""
    lopend = hervat_toetsing(opslag, verwerking)
    met_protocol = _protocol(opslag, verwerking, client)
    return tel_op(vraag(deel, met_protocol) for deel in lopend.delen()) | asdict(client.statistiek)


def _protocol(opslag: Opslag, verwerking: Verwerking, client: Bronclient) -> Bronclient:
    return geprotocolleerd(
        opslag,
        client,
        doelbinding=Product.BIJZONDERE_BIJSTAND,
        onderwerp=verwerking.levering_id,
        organisatie=verwerking.organisatie,
        ronde=verwerking.ronde,
    )


def toets_regels(opslag: Opslag, verwerking: Verwerking) -> Tellingen:
    """Apply the rules (besluiten B28-B51)."""
    return tel_op(toetsing.toets_regels(deel) for deel in hervat_toetsing(opslag, verwerking).delen())


def maak_rapporten(opslag: Opslag, verwerking: Verwerking) -> Tellingen:
    """Write both reports, read them back and compare them (besluiten B44-B53).

    Raises:
        ControleFout: the reports contradict each other or the accepted rows.
    """
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    lopend = hervat_toetsing(opslag, verwerking)
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, verwerking.levering_id)
    kop = rapporteren.maak_kop(levering, verwerking.organisatie, lopend.ronde, lopend.normen, opslag.vandaag)
    uitkomsten = (toetsing.lees_uitkomst(deel.werk) for deel in lopend.delen())
    tevens = tevens_van(opslag, verwerking)
    # Written last: without it nothing here can be published, so an attempt that was cut short never is.
    opslag.bestanden.remove(werk.sleutel(_RAPPORT))
    with (
        opslag.bestanden.writer(werk.sleutel(OVERZICHT)) as overzicht,
        opslag.bestanden.writer(werk.sleutel(DETAIL)) as detail,
    ):
        rapporten = rapporteren.schrijf_rapporten(uitkomsten, kop, tevens, overzicht, detail)  # type: ignore[arg-type]
    with (
        opslag.bestanden.open_read(werk.sleutel(OVERZICHT)) as overzicht_terug,
        opslag.bestanden.open_read(werk.sleutel(DETAIL)) as detail_terug,
    ):
        totalen = rapporteren.controleer_rapporten(overzicht_terug, detail_terug, len(lopend.aanvragen))
    werk.schrijf(INDEX, maak_index(lopend.aanvragen["bsn"].to_numpy(), rapporten.detail.plaatsen))
    feiten = {
        "rapportagedatum": kop.rapportagedatum.isoformat(),
        "inhoud_sha256": rapporten.inhoud_sha256,
        "rijen": rapporten.overzicht.rijen,
        "totalen": asdict(totalen),
    }
    werk.schrijf(_RAPPORT, json.dumps(feiten).encode())
    return {"rijen": rapporten.overzicht.rijen, "totalen": asdict(totalen)}


def oordelen(opslag: Opslag, verwerking: Verwerking) -> dict[str, dict[str, int]]:
    """Return per test the number of J, N and Niet getoetst in the reports that are ready to be published.

    Raises:
        GegevensFout: there are none.
    """
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    totalen: dict[str, dict[str, int]] = json.loads(werk.lees(_RAPPORT))["totalen"]["oordelen"]
    return totalen


def publiceer(opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
    """Make the reports visible, all at once, and remove the intermediates (besluiten B55, B56).

    Repeated within a run it finishes what was cut short and returns the publication that is there. Reports made on
    an earlier day are made anew, for Rapportagedatum is the day of publication.

    Raises:
        ControleFout: the control totals do not add up; nothing was published.
        OpslagFout: as of publishing; or an intermediate could not be removed: the publication stands.
    """
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    publicatie = gepubliceerd(opslag, verwerking)
    rapport = _lees_rapport(werk)
    nieuw = False
    if publicatie is None or (rapport and rapport["inhoud_sha256"] != publicatie.inhoud_sha256):
        publicatie, nieuw = _publiceer(opslag, verwerking, werk)
    remove_intermediates(opslag.database, opslag.bestanden, verwerking.kenmerk, nu=opslag.klok())
    veranker(opslag)
    return _verslag(publicatie, nieuw=nieuw)


def _publiceer(opslag: Opslag, verwerking: Verwerking, werk: Tussenresultaten) -> Gepubliceerd:
    rapport = json.loads(werk.lees(_RAPPORT))
    while date.fromisoformat(rapport["rapportagedatum"]) != day_of(nu := opslag.klok()):
        maak_rapporten(opslag, verwerking)
        rapport = json.loads(werk.lees(_RAPPORT))
    organisatie = vind_organisatie(opslag, verwerking)
    versie = _instellingen_versie(opslag, verwerking, organisatie)
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, verwerking.levering_id)
    manifest = _manifest(hervat_toetsing(opslag, verwerking), verwerking, levering, versie, rapport)
    rijen = rapport["rijen"]
    return publicatieregister.publish(
        opslag.database,
        opslag.bestanden,
        organisatie=organisatie,
        levering=levering,
        uitvoer=[
            publicatieregister.TePubliceren("overzicht", OVERZICHT, werk.sleutel(OVERZICHT), rijen),
            publicatieregister.TePubliceren("detail", DETAIL, werk.sleutel(DETAIL), rijen),
            publicatieregister.TePubliceren("index", INDEX, werk.sleutel(INDEX), rijen),
        ],
        manifest=manifest.als_dict(),
        verwerking=verwerking.kenmerk,
        nu=nu,
        ronde=verwerking.ronde,
        inhoud_sha256=rapport["inhoud_sha256"],
    )


def notificeer(opslag: Opslag, verwerking: Verwerking, bezorg: Bezorger) -> Tellingen:
    """Mail the productbeheerders about what this verwerking published (besluit B54).

    Raises:
        GegevensFout: it published nothing.
        MailFout: the mail server refused; the publication stands.
    """
    publicatie = gepubliceerd(opslag, verwerking)
    if publicatie is None:
        raise GegevensFout(f"{verwerking.betreft}: there is no publication of this run to tell of.")
    return notificeren.notificeer(
        opslag,
        [publicatie.id],
        product=Product.BIJZONDERE_BIJSTAND,
        periode=verwerking.ronde,
        organisatie=verwerking.organisatie,
        verwijderen_op=publicatie.verwijderen_op,
        bezorg=bezorg,
        rapporten_per_publicatie=len(RAPPORTEN),
    )


def gepubliceerd(opslag: Opslag, verwerking: Verwerking) -> Publicatie | None:
    """Return what this verwerking published last, if anything."""
    organisatie = vind_organisatie(opslag, verwerking)
    with opslag.database.reading() as sessie:
        van_ronde = publicatieregister.find_publicaties(
            sessie,
            organisatie=organisatie,
            product=Product.BIJZONDERE_BIJSTAND,
            ronde=verwerking.ronde,
            ook_vervangen=True,
        )
    eigen = [publicatie for publicatie in van_ronde if publicatie.verwerking == verwerking.kenmerk]
    return max(eigen, key=lambda publicatie: publicatie.versie, default=None)


def is_afgerond(opslag: Opslag, verwerking: Verwerking) -> bool:
    """Return whether a step in the middle has nothing left to do: published, and its intermediates gone (B55)."""
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    begonnen = any(naam.startswith(toetsing.HUISHOUDENS) for naam in werk.namen())
    return not begonnen and gepubliceerd(opslag, verwerking) is not None


def _instellingen_versie(opslag: Opslag, verwerking: Verwerking, organisatie: Organisatie) -> int:
    """Return the version settled at the begin, by this run and no other: what was fetched goes with it (B8)."""
    with opslag.database.reading() as sessie:
        rij = find_deelname(sessie, verwerking.ronde, organisatie)
    if rij.instellingen_versie is None or rij.verwerking != verwerking.kenmerk:
        raise GegevensFout(
            f"{verwerking.betreft}: this run has not asked the sources, or another run of the ronde has taken over "
            "since. Leave it at that other run, or clear huishouden_brp with everything after it."
        )
    return rij.instellingen_versie


def _lees_rapport(werk: Tussenresultaten) -> dict[str, Any] | None:
    """Return what ``maak_rapporten`` left about the reports, None when there is nothing (any more)."""
    if not werk.aanwezig([_RAPPORT]):
        return None
    rapport: dict[str, Any] = json.loads(werk.lees(_RAPPORT))
    return rapport


def _manifest(
    lopend: Toetsing,
    verwerking: Verwerking,
    levering: Levering,
    versie: int,
    rapport: dict[str, Any],
) -> Manifest:
    return Manifest(
        product=Product.BIJZONDERE_BIJSTAND,
        organisatie=verwerking.organisatie,
        periode=verwerking.ronde,
        rapportagedatum=date.fromisoformat(rapport["rapportagedatum"]),
        codeversie=codeversie(),
        levering=Bestand(levering.bestandsnaam, levering.sha256, levering.rijen_gelezen or 0),
        normen_sha256=lopend.normen.herkomst,
        instellingen_versie=str(versie),
        bronnen=tuple(_momentopname(lopend, naam) for naam in SNAPSHOTS),
        regels_in=levering.rijen_gelezen or 0,
        regels_uit={"gerapporteerd": rapport["rijen"], "afgewezen": levering.rijen_afgewezen or 0},
        totalen=rapport["totalen"],
    )


def _momentopname(lopend: Toetsing, naam: str) -> Momentopname:
    """Return what one source answered about all parts; the hash is over their snapshots, one behind the other."""
    gevraagd = rijen = 0
    som = hashlib.sha256()
    for deel in lopend.delen():
        tabel = deel.werk.lees_tabel(naam)
        gevraagd += int(snapshot.kenmerken(tabel)["gevraagd"])
        rijen += tabel.num_rows
        som.update(snapshot.naar_bytes(tabel))
    return Momentopname(naam, gevraagd, rijen, rijen, som.hexdigest())


def _verslag(publicatie: Publicatie, *, nieuw: bool) -> dict[str, Any]:
    return {
        "publicatie": publicatie.id,
        "versie": publicatie.versie,
        "nieuw": nieuw,
        "rijen": publicatie.bestand("overzicht").rijen,
        "verwijderen_op": publicatie.verwijderen_op.isoformat(),
    }
