"""Pages from templates: Dutch numbers and dates, the frame around every page, and where a form leads to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from include.moments import AMSTERDAM
from include.schemas.domein import Product
from include.steps.portaal.sessies import Aangemeld
from include.steps.portaal.toegang import NietGevonden

MAP = Path(__file__).parent
PRODUCTEN = {Product.BIJZONDERE_BIJSTAND: "Bijzondere Bijstand", Product.ALLEENVERDIENERS: "Alleenverdieners"}
TABS = {
    Product.BIJZONDERE_BIJSTAND: ("Aanleveren", "Instellingen", "Ophalen", "Detailrapport", "Notificaties"),
    Product.ALLEENVERDIENERS: ("Ophalen", "Notificaties"),
}
"""The tabs of each product, in the words and the order of the manuals."""
ONDER = {"Aanleveren": "aanleveringen/", "Ophalen": "bestanden/"}
"""What of a tab has an address of its own."""
ALLE = "alle"
"""The choice Alle organisaties, as a form sends it."""
GEDAAN = {
    "gekozen": "De organisatie is gekozen.",
    "opgeslagen": "Uw wijziging is opgeslagen.",
    "ongewijzigd": "Er was niets te wijzigen.",
    "al-ingeleverd": "Dit bestand had u al precies zo aangeleverd. Er is niets veranderd.",
    "verlengd": "Uw sessie is verlengd.",
}
"""What may be said after a form was handled, by the code in the address; nothing else of an address is shown."""
_MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_EENHEDEN = ("bytes", "kB", "MB", "GB")


def getal(waarde: float, decimalen: int = 0) -> str:
    """A number as it is written in Dutch: ``1.234`` or ``1.234,5``."""
    return f"{waarde:,.{decimalen}f}".translate(str.maketrans(",.", ".,"))


def datum(waarde: date) -> str:
    """A day: ``26 november 2026``. Of a moment the day in Amsterdam."""
    dag = waarde.astimezone(AMSTERDAM) if isinstance(waarde, datetime) else waarde
    return f"{dag.day} {_MAANDEN[dag.month - 1]} {dag.year}"


def moment(waarde: datetime) -> str:
    """A moment in Amsterdam: ``26 november 2026, 14:03``."""
    return f"{datum(waarde)}, {waarde.astimezone(AMSTERDAM):%H:%M}"


def maand(ronde: str) -> str:
    """A ronde ``2026-11`` as ``november 2026``."""
    return f"{_MAANDEN[int(ronde[5:7]) - 1]} {ronde[:4]}"


def omvang(aantal: int) -> str:
    """The size of a file: ``1,2 MB``."""
    waarde, eenheid = float(aantal), 0
    while waarde >= 1000 and eenheid < len(_EENHEDEN) - 1:
        waarde, eenheid = waarde / 1000, eenheid + 1
    return f"{getal(waarde, 1 if eenheid and waarde < 10 else 0)} {_EENHEDEN[eenheid]}"


def uitleg(tekst: str) -> list[tuple[str, list[tuple[bool, list[str]]]]]:
    """The explanation of an outcome as parts: a heading, and pieces that are points (True) or sentences."""
    delen = []
    for deel in tekst.strip().split("\n\n"):
        kop, *regels = deel.splitlines()
        stukken = [
            (punten, [regel.removeprefix("- ") for regel in groep])
            for punten, groep in groupby(regels, key=lambda regel: regel.startswith("- "))
        ]
        delen.append((kop, stukken))
    return delen


@cache
def versie_van(bestand: str) -> str:
    """Part of the hash of a static file: a changed file gets another address, so browsers may keep it for long."""
    return sha256((MAP / "static" / bestand).read_bytes()).hexdigest()[:12]


def statisch(bestand: str) -> str:
    """The address of a file in ``static``."""
    return f"/static/{bestand}?v={versie_van(bestand)}"


@cache
def _sjablonen() -> Environment:
    omgeving = Environment(
        loader=FileSystemLoader(MAP / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    omgeving.filters |= {
        "getal": getal, "datum": datum, "moment": moment, "maand": maand, "omvang": omvang,
        "uitleg": uitleg,
    }  # fmt: skip
    omgeving.globals |= {"statisch": statisch, "PRODUCTNAMEN": PRODUCTEN}
    return omgeving


def pagina(
    request: Request, sjabloon: str, inhoud: Mapping[str, Any] | None = None, status_code: int = 200
) -> HTMLResponse:
    """Render a page, with all that its frame needs: who is logged in, the choices and the tabs."""
    html = _sjablonen().get_template(sjabloon).render(_kader(request) | dict(inhoud or {}))
    return HTMLResponse(html, status_code)


def naar(pad: str, gedaan: str | None = None, **vraag: str) -> RedirectResponse:
    """Send the browser on after a form; ``gedaan`` is a key of GEDAAN, shown on the page where it arrives."""
    delen = vraag | ({"gedaan": gedaan} if gedaan else {})
    return RedirectResponse(f"{pad}?{urlencode(delen)}" if delen else pad, 303)


def gekozen(request: Request, product: Product | None = None) -> str | None:
    """The organisation that was chosen, or the only one there is; None is Alle organisaties.

    With ``product`` only one for which the user is productbeheerder of that product. Raises NietGevonden when there is
    none: then no page of that product is there.
    """
    aangemeld: Aangemeld = request.state.aangemeld
    eigen = aangemeld.gebruiker.organisaties(product)
    if not eigen:
        raise NietGevonden("the user has no mandate for this product")
    if len(eigen) == 1:
        return eigen[0]
    keuze = aangemeld.sessie.organisatie
    return keuze if keuze in eigen else None


def product_van(pad: str) -> Product | None:
    """The product that a path belongs to."""
    return next((product for product in Product if pad.startswith(f"/{product}/")), None)


def _kader(request: Request) -> dict[str, Any]:
    aangemeld: Aangemeld | None = getattr(request.state, "aangemeld", None)
    kader: dict[str, Any] = {
        "pad": request.url.path,
        "melding": _melding(request),
        "nu": request.state.opslag.klok(),
        "gebruiker": None,
        "token": "",
        "organisaties": (),
        "organisatie": None,
        "producten": (),
        "tabs": (),
        "verloopt": None,
    }
    if aangemeld is None:
        return kader
    product = product_van(request.url.path)
    gebruiker = aangemeld.gebruiker
    return kader | {
        "gebruiker": gebruiker,
        "token": aangemeld.sessie.csrf,
        "organisaties": gebruiker.organisaties(),
        "organisatie": gekozen(request),
        "verloopt": aangemeld.sessie.verloopt_op,
        "producten": [
            {
                "naam": PRODUCTEN[eigen],
                "href": f"/{eigen}/{TABS[eigen][0].lower()}",
                "actief": eigen is product,
            }
            for eigen in gebruiker.producten()
        ],
        "tabs": [
            {
                "naam": tab,
                "href": (href := f"/{product}/{tab.lower()}"),
                "actief": request.url.path.startswith((href, f"/{product}/{ONDER.get(tab, tab)}")),
            }
            for tab in TABS[product]
        ]
        if product
        else (),
    }


def _melding(request: Request) -> dict[str, str] | None:
    tekst = GEDAAN.get(request.query_params.get("gedaan", ""))
    return {"soort": "ok", "tekst": tekst} if tekst else None
