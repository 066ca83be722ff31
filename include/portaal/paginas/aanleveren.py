"""The tab Aanleveren: hand in a vraagbestand, follow it, and read its verwerkingsverslag (manual 3.5-3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, BinaryIO, cast
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from include.portaal.fouten import foutpagina
from include.portaal.guard import te_vaak, token_klopt
from include.portaal.upload import Bestand, Upload, UploadAfgebroken, UploadTeGroot
from include.portaal.weergave import datum, gekozen, getal, maand, naar, omvang, pagina
from include.schemas.domein import LeveringStatus
from include.steps.leveren import NietAangemeld
from include.steps.portaal.aanleveren import (
    GROOTSTE_BESTAND,
    PRODUCT,
    Aangeleverd,
    Aanlevering,
    Download,
    Verslag,
    bestand_met_fouten,
    geschiedenis,
    lever_aan,
    stand,
    verslag,
    verslag_csv,
    vooruitblik,
)

router = APIRouter()

Blad = Annotated[int, Query(ge=1, le=1_000_000)]

TAB = "/bijzondere-bijstand/aanleveren"
AANLEVERING = "/bijzondere-bijstand/aanleveringen/{id}"
STAPPEN = ("Bestand ontvangen", "Rijen inlezen", "Rijen controleren", "Verslag maken")
"""The steps of ``Stap``, as the work that they are the end of."""
SOORT = {
    LeveringStatus.CORRECT: "ok",
    LeveringStatus.DEELS_INCORRECT: "let-op",
    LeveringStatus.AFGEKEURD: "fout",
}

GEEN_BESTAND = "Selecteer eerst een bestand, en kies dan Verstuur aanlevering."
LEEG = "Het bestand is leeg: lever een bestand met minstens één aanvrager aan."
NIET_GEKOZEN = "Kies eerst de organisatie waarvoor u aanlevert."
NIET_AANGEMELD = (
    "{organisatie} is vandaag niet aangemeld voor Bijzondere Bijstand. Het bestand is niet aangenomen. Stuur het "
    "mutatieformulier in, of bel de ServiceDesk (0800 222 11 22) als u dat al hebt gedaan."
)
ANDER_SOORT = (
    "Dit is {wat}; sla het op als CSV-bestand (Bestand, Opslaan als, CSV gescheiden door lijstscheidingstekens) en "
    "lever dat aan. Er is niets opgeslagen."
)
_BEGIN = 4096
_EXCEL = "een Excel-bestand"
_SOORTEN = (
    (b"%PDF-", "een pdf-bestand"),
    (b"\xd0\xcf\x11\xe0", _EXCEL),  # before 2007
    (b"\x1f\x8b", "een gecomprimeerd bestand (gzip)"),
    (b"{\\rtf", "een tekstdocument (rtf)"),
)


class Geweigerd(Exception):
    """A file is not accepted; ``status`` and a sentence for the municipality, or an answer that says it all."""

    def __init__(self, tekst: str = "", *, status: int = 422, antwoord: Response | None = None) -> None:
        super().__init__(tekst)
        self.tekst, self.status, self.antwoord = tekst, status, antwoord


@router.get(TAB)
def toon(request: Request, blad: Blad = 1) -> Response:
    """The form and the history."""
    return _tab(request, blad=blad)


@router.post(TAB)
async def verstuur(request: Request) -> Response:
    """Receive a file while it comes in; nothing is read of it before the form is known to be ours."""
    upload = Upload(request, veld="bestand", grens=_grens(request))
    try:
        uitkomst = await upload.lees(partial(_bewaar, request))
    except Geweigerd as fout:
        if fout.antwoord is not None:
            fout.antwoord.headers["Connection"] = "close"
            return fout.antwoord
        return upload.weigering(await anyio.to_thread.run_sync(partial(_tab, request, fout=fout)))
    except UploadTeGroot:
        toon_grens = partial(foutpagina, request, 413, grens=_grens(request))
        return upload.weigering(await anyio.to_thread.run_sync(toon_grens))
    except UploadAfgebroken:  # mostly nobody is there to read this
        return upload.weigering(await anyio.to_thread.run_sync(foutpagina, request, 400))
    request.app.state.oordelaar.meld(uitkomst.levering_id)
    pad = AANLEVERING.format(id=uitkomst.levering_id)
    return naar(pad) if uitkomst.nieuw else naar(pad, "al-ingeleverd")


@router.get(AANLEVERING)
def toon_aanlevering(
    request: Request,
    id: str,  # noqa: A002 - its name in the address
    code: Annotated[str | None, Query(max_length=8)] = None,
    blad: Blad = 1,
) -> Response:
    """Procesvoortgang while the delivery is judged, and then its verwerkingsverslag."""
    return pagina(request, "aanlevering.html", _aanlevering(request, id, code, blad))


@router.get(AANLEVERING + "/voortgang")
def toon_voortgang(request: Request, id: str) -> Response:  # noqa: A002 - its name in the address
    """The part of that page that changes, as portaal.js asks for it."""
    return pagina(request, "voortgang.html", _aanlevering(request, id))


@router.get(AANLEVERING + "/csv")
def download_verslag(request: Request, id: str) -> Response:  # noqa: A002
    """The verwerkingsverslag as a file."""
    return _stuur(verslag_csv(request.state.opslag, request.state.aangemeld.gebruiker, id))


@router.get(AANLEVERING + "/bestand")
def download_bestand(request: Request, id: str) -> Response:  # noqa: A002
    """The delivered file, with a column that says what is wrong."""
    return _stuur(bestand_met_fouten(request.state.opslag, request.state.aangemeld.gebruiker, id))


def _bewaar(request: Request, velden: Mapping[str, str], bestandsnaam: str, bestand: Bestand) -> Aangeleverd:
    """Check a form and receive its file; in a thread. Raises Geweigerd, and nothing is kept then."""
    aangemeld = request.state.aangemeld
    if not token_klopt(velden.get("token"), aangemeld):
        raise Geweigerd(antwoord=foutpagina(request, 403))
    # The page names the organisation it was made for: another may have been chosen in a second tab since.
    organisatie = velden.get("organisatie") or gekozen(request, PRODUCT)
    if organisatie is None:
        raise Geweigerd(NIET_GEKOZEN)
    aangemeld.gebruiker.mandaat(PRODUCT, organisatie)
    if wacht := request.state.limieten.wachttijd("aanleveren", organisatie):
        raise Geweigerd(antwoord=te_vaak(request, wacht))
    begin = bestand.begin(_BEGIN)
    if not begin:
        raise Geweigerd(LEEG if bestandsnaam else GEEN_BESTAND)
    if wat := ander_soort(begin, bestandsnaam):
        raise Geweigerd(ANDER_SOORT.format(wat=wat))
    try:
        return lever_aan(
            request.state.opslag,
            aangemeld.gebruiker,
            organisatie,
            bestandsnaam=bestandsnaam,
            inhoud=cast("BinaryIO", bestand),
        )
    except NietAangemeld:
        raise Geweigerd(NIET_AANGEMELD.format(organisatie=organisatie)) from None


def ander_soort(begin: bytes, bestandsnaam: str) -> str:
    """Return what a file is that is no text, by its first bytes; an empty text when it may be a vraagbestand."""
    if begin.startswith(b"PK\x03\x04"):
        naam = bestandsnaam.lower()
        is_blad = b"[Content_Types].xml" in begin or b"xl/" in begin or b"opendocument.spreadsheet" in begin
        excel = (naam.endswith((".xlsx", ".xlsm", ".xlsb", ".ods")) or is_blad) and not naam.endswith(".docx")
        return _EXCEL if excel else "een zip-bestand"
    if begin.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return _EXCEL if b"Excel.Sheet" in begin else "een xml-bestand"
    return next((wat for kenmerk, wat in _SOORTEN if begin.startswith(kenmerk)), "")


def gevolgen(gevonden: Verslag, request: Request) -> list[str]:
    """Return what the delivery means for its municipality: one plain sentence each (besluiten B2, B3, B53a)."""
    lev, feiten = gevonden.aanlevering, gevonden.samenvatting
    zinnen = [_telt_mee(lev, request)]
    if lev.telt_mee and not gevonden.doet_mee:
        zinnen.append(
            f"Let op: {lev.organisatie} is op de deelnamedatum ({datum(lev.ronde.deelnamedatum)}) niet aangemeld voor "
            "Bijzondere Bijstand en doet dan niet mee met deze ronde. Neem contact op met de ServiceDesk."
        )
    if feiten.get("vervangt"):
        zinnen.append(
            f"Het vervangt wat u eerder voor deze ronde aanleverde: {_opsomming(feiten['vervangt'])}."
        )
    if feiten.get("vervangt_niet"):
        zinnen.append(
            f"Het vervangt {_opsomming(feiten['vervangt_niet'])} niet, omdat het geen enkele bruikbare rij heeft. Wat "
            "u eerder aanleverde, blijft dus meetellen."
        )
    if lev.afgewezen and lev.goedgekeurd:
        zinnen.append(
            "1 rij is afgekeurd en komt niet in het rapport."
            if lev.afgewezen == 1
            else f"{getal(lev.afgewezen)} rijen zijn afgekeurd en komen niet in het rapport."
        )
    if lev.verdwijnt_op:
        zinnen.append(f"Het bestand en dit verslag worden op {datum(lev.verdwijnt_op)} verwijderd.")
    return zinnen


def _telt_mee(lev: Aanlevering, request: Request) -> str:
    voor = f"de ronde van {maand(lev.ronde.naam)}"
    open_ = request.state.opslag.vandaag < lev.ronde.deelnamedatum
    if lev.vervangen_door is not None:
        ander = lev.vervangen_door or "een bestand dat u later aanleverde"
        return f"Dit bestand telt niet meer mee voor {voor}: het is vervangen door {ander}."
    if not lev.telt_mee:
        nog = (
            f" Verbeter het en lever het opnieuw aan vóór {datum(lev.ronde.deelnamedatum)}." if open_ else ""
        )
        return f"Dit bestand telt niet mee voor {voor}: er is geen enkele bruikbare rij.{nog}"
    uiterlijk = lev.ronde.rapportagemaand.laatste_dag
    if request.state.opslag.vandaag > uiterlijk:
        return f"Dit bestand telt mee voor {voor}. Het rapport vindt u bij Ophalen."
    return f"Dit bestand telt mee voor {voor}. U krijgt het rapport uiterlijk op {datum(uiterlijk)}."


def _opsomming(namen: list[str]) -> str:
    return namen[0] if len(namen) == 1 else f"{', '.join(namen[:-1])} en {namen[-1]}"


def _grens(request: Request) -> int:
    return min(int(request.app.state.settings.max_upload), GROOTSTE_BESTAND)


def _tab(request: Request, *, blad: int = 1, fout: Geweigerd | None = None) -> Response:
    opslag, gebruiker = request.state.opslag, request.state.aangemeld.gebruiker
    if not gebruiker.organisaties(PRODUCT):
        return foutpagina(request, 404)
    organisatie = gekozen(request, PRODUCT)
    inhoud = {
        "keuzes": gebruiker.organisaties(PRODUCT),
        "voor": organisatie,
        "grens": omvang(_grens(request)),
        "vooruit": vooruitblik(opslag, gebruiker, organisatie) if organisatie else None,
        "geschiedenis": geschiedenis(opslag, gebruiker, organisatie, blad),
        "soorten": SOORT,
        "fouten": [{"veld": "bestand" if organisatie else "voor-organisatie", "tekst": fout.tekst}]
        if fout
        else [],
        "niet_aangemeld": NIET_AANGEMELD,
    }
    return pagina(request, "aanleveren.html", inhoud, fout.status if fout else 200)


def _aanlevering(
    request: Request, levering_id: str, code: str | None = None, blad: int = 1
) -> dict[str, object]:
    opslag, gebruiker = request.state.opslag, request.state.aangemeld.gebruiker
    nu = stand(opslag, gebruiker, levering_id)
    if not nu.klaar:
        return {"stand": nu, "stappen": STAPPEN, "aanlevering": nu.aanlevering, "verslag": None}
    gevonden = verslag(opslag, gebruiker, levering_id, code=code, blad=blad)
    return {
        "verslag": gevonden,
        "aanlevering": gevonden.aanlevering,
        "gevolgen": gevolgen(gevonden, request),
        "soort": SOORT[gevonden.aanlevering.status or LeveringStatus.AFGEKEURD],
    }


def _stuur(download: Download) -> Response:
    """Send a file in parts; no cache keeps it, and the browser does not show it as a page."""
    return StreamingResponse(
        download.stukken,
        media_type="text/csv; charset=utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(download.naam, safe='')}",
        },
    )
