"""Logging in and out: to the identity provider and back, and a Dutch page for whatever can go wrong on the way.

A request is checked by the guard before it comes here; ``request.state`` says who is logged in already.
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import anyio
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from include.portaal.oidc import OidcFout, inlogdienst
from include.portaal.settings import PortalSettings, is_this_machine
from include.portaal.weergave import naar, pagina
from include.steps.portaal import sessies
from include.steps.portaal.sessies import Aangemeld, InlogGeweigerd, Inlogpoging
from include.steps.verwerking import Opslag

log = logging.getLogger("bidn.portaal")
router = APIRouter()

LANGSTE_PAD = 500
TEGELIJK = 8
"""So many threads at most wait for the provider: when it hangs, the pages go on."""
_limiet = anyio.CapacityLimiter(TEGELIJK)


class Uitleg(NamedTuple):
    """A page: its status and heading, what is the matter, and what to do."""

    status: int
    kop: str
    tekst: str
    raad: str = ""


_OPNIEUW = "Log opnieuw in. Lukt het dan niet, bel dan de ServiceDesk."
_LATER = "Probeer het over een paar minuten opnieuw. Blijft het misgaan, bel dan de ServiceDesk."

REDENEN = {
    "uitgelogd": Uitleg(
        200,
        "U bent uitgelogd",
        "Werkt u op een computer die anderen ook gebruiken? Sluit dan ook uw browser: bij de inlogdienst kunt u nog "
        "ingelogd zijn.",
    ),
    "overal-uitgelogd": Uitleg(
        200,
        "U bent overal uitgelogd",
        "U bent ook uitgelogd op andere computers en in andere browsers.",
    ),
    "verlopen": Uitleg(
        200,
        "U bent niet meer ingelogd",
        "Wie 30 minuten niets doet, wordt uitgelogd. Dat gebeurt ook 8 uur na het inloggen, en als u geen "
        "productbeheerder meer bent.",
        "Log opnieuw in om verder te gaan. Wat u nog niet had verstuurd, is niet opgeslagen.",
    ),
    "": Uitleg(200, "Inloggen", "Log in om verder te gaan naar het portaal."),
}
"""Why somebody sees the page to log in, by the ``reden`` in its address; nothing else of an address is shown."""

WEIGERINGEN = {
    "afgebroken": Uitleg(
        403,
        "Het inloggen is afgebroken",
        "U hebt het inloggen afgebroken, of de inlogdienst liet u niet toe.",
        _OPNIEUW,
    ),
    "poging": Uitleg(
        400,
        "Deze inlogpoging is niet meer geldig",
        "Het inloggen duurde langer dan tien minuten, was al afgerond, of begon in een andere browser. Of uw browser "
        "staat geen cookies van dit portaal toe.",
        _OPNIEUW,
    ),
    "code": Uitleg(
        400,
        "Deze inlogpoging is niet meer geldig",
        "De inlogdienst heeft deze inlogpoging al afgerond.",
        _OPNIEUW,
    ),
    "onbereikbaar": Uitleg(
        502,
        "De inlogdienst werkt op dit moment niet",
        "Wij konden u niet inloggen, omdat de inlogdienst niet of niet goed antwoordt.",
        _LATER,
    ),
    "ongeldig": Uitleg(
        502,
        "Het antwoord van de inlogdienst klopt niet",
        "Voor uw veiligheid hebben wij u niet ingelogd.",
        _OPNIEUW,
    ),
    "handtekening": Uitleg(
        502,
        "Het antwoord van de inlogdienst klopt niet",
        "Wij konden niet vaststellen dat het antwoord echt van de inlogdienst is. Voor uw veiligheid hebben wij u niet "
        "ingelogd.",
        _OPNIEUW,
    ),
    "klok": Uitleg(
        502,
        "De klok van de inlogdienst loopt niet gelijk",
        "Het antwoord van de inlogdienst was volgens onze klok niet geldig. Daarom hebben wij u niet ingelogd.",
        _LATER,
    ),
    "acr": Uitleg(
        403,
        "U moet sterker inloggen",
        "Voor dit portaal is bij de inlogdienst een extra controle nodig, zoals een code op uw telefoon.",
        "Log opnieuw in en kies die manier. Hebt u die niet, vraag er dan om bij uw organisatie of bel de ServiceDesk.",
    ),
    sessies.EMAIL_ONTBREEKT: Uitleg(
        403,
        "Wij kregen geen e-mailadres van u",
        "De inlogdienst gaf ons uw e-mailadres niet door. Zonder dat weten wij niet voor welke organisatie u werkt.",
        "Vraag de beheerder van de inlogdienst in uw organisatie om het door te geven, of bel de ServiceDesk.",
    ),
    sessies.EMAIL_NIET_GEVERIFIEERD: Uitleg(
        403,
        "Uw e-mailadres is niet bevestigd",
        "De inlogdienst heeft niet gecontroleerd dat het e-mailadres van u is.",
        "Bevestig uw e-mailadres bij de inlogdienst en log dan opnieuw in. Lukt het niet, bel dan de ServiceDesk.",
    ),
    sessies.ONBEKEND: Uitleg(
        403,
        "U hebt geen toegang tot dit portaal",
        "Alleen productbeheerders van een deelnemende organisatie kunnen inloggen.",
        "Bent u dat? Vraag dan de gebruikersbeheerder van uw organisatie of u met dit e-mailadres bij ons bent "
        "aangemeld, of bel de ServiceDesk.",
    ),
}
"""What somebody reads who could not be logged in, by the code that the logboek has for it."""


class Weigering(Exception):
    """The log-in ends here; ``reden`` is a key of WEIGERINGEN."""

    def __init__(self, reden: str) -> None:
        super().__init__(reden)
        self.reden = reden


@router.get("/inloggen")
async def inloggen(request: Request) -> Response:
    """Send the browser to the identity provider; with ``reden`` say first why that is needed."""
    doel = lokaal_pad(request.query_params.get("naar", "/"))
    if "reden" in request.query_params:
        reden = REDENEN.get(request.query_params["reden"], REDENEN[""])
        return _toon(request, reden, doel)
    if request.state.aangemeld is not None:
        return naar(doel)
    settings: PortalSettings = request.app.state.settings
    eigen = urlsplit(settings.url)
    # Of two names of this machine the one does not get the cookies of the other on the way back.
    if request.url.netloc != eigen.netloc and is_this_machine(eigen.hostname or ""):
        return RedirectResponse(f"{settings.url}/inloggen?{urlencode({'naar': doel})}", 303)
    return await anyio.to_thread.run_sync(_begin, request, doel, limiter=_limiet)


@router.get("/inloggen/terug")
async def terug(request: Request) -> Response:
    """Take what the identity provider says, and begin a session or say why not."""
    return await anyio.to_thread.run_sync(_rond_af, request, limiter=_limiet)


@router.post("/uitloggen")
def uitloggen(request: Request) -> Response:
    """End this session."""
    if token := request.cookies.get(_cookie(request)):
        sessies.log_uit(request.state.opslag, token)
    return _vergeet(request, naar("/inloggen", reden="uitgelogd"))


@router.post("/overal-uitloggen")
def overal_uitloggen(request: Request) -> Response:
    """End every session of this user."""
    aangemeld: Aangemeld | None = request.state.aangemeld
    if aangemeld is not None:
        sessies.log_overal_uit(request.state.opslag, aangemeld.gebruiker.account_id)
    return _vergeet(request, naar("/inloggen", reden="overal-uitgelogd"))


@router.post("/sessie/verlengen")
def verlengen(request: Request) -> Response:
    """Begin the 30 minutes anew: 204 for a script, back to the page for a form."""
    token = request.cookies.get(_cookie(request))
    if token is None or sessies.verleng(request.state.opslag, token) is None:
        return naar("/inloggen", reden="verlopen")
    if "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return naar(lokaal_pad(urlsplit(request.headers.get("referer", "")).path), "verlengd")


def lokaal_pad(pad: str) -> str:
    """Return a path of this portal as it is, and ``/`` for whatever a browser could take for another address.

    A browser reads a backslash as a slash and skips a tab: with either behind the first slash it goes elsewhere.
    """
    vreemd = any(teken == "\\" or not "!" <= teken <= "~" for teken in pad)
    if vreemd or len(pad) > LANGSTE_PAD or not pad.startswith("/") or pad.startswith("//"):
        return "/"
    return "/" if urlsplit(pad).path.startswith("/inloggen") else pad


def _begin(request: Request, doel: str) -> Response:
    opslag: Opslag = request.state.opslag
    state, nonce, code_verifier = (secrets.token_urlsafe(32) for _ in range(3))
    # Two tabs may be logging in at once.
    browser = request.cookies.get(_pogingcookie(request)) or secrets.token_urlsafe(32)
    try:
        adres = inlogdienst(request.app.state.oidc).adres(
            state=state, nonce=nonce, code_verifier=code_verifier
        )
    except OidcFout as fout:
        return _weiger(request, fout.reden, fout, doel)
    sessies.begin_inlogpoging(
        opslag, state=state, nonce=nonce, code_verifier=code_verifier, naar=doel, browser=browser
    )
    antwoord = RedirectResponse(adres, 303)
    _zet(request, antwoord, _pogingcookie(request), browser, max_age=int(sessies.POGING.total_seconds()))
    return antwoord


def _rond_af(request: Request) -> Response:
    opslag: Opslag = request.state.opslag
    poging = sessies.neem_inlogpoging(
        opslag,
        state=request.query_params.get("state", ""),
        browser=request.cookies.get(_pogingcookie(request), ""),
    )
    try:
        if poging is None:
            raise Weigering("poging")
        token = _log_in(request, poging)
    except (Weigering, OidcFout) as fout:
        return _weiger(request, fout.reden, fout, poging.naar if poging else "/")
    except InlogGeweigerd as fout:  # stands in the logboek already
        return _toon(request, WEIGERINGEN[fout.reden], poging.naar if poging else "/")
    if oud := request.cookies.get(_cookie(request)):
        sessies.log_uit(opslag, oud)
    antwoord = naar(poging.naar)
    _zet(request, antwoord, _cookie(request), token)
    return antwoord  # the cookie of the attempt stays for its ten minutes: another tab may be on its way back


def _log_in(request: Request, poging: Inlogpoging) -> str:
    vraag, oidc = request.query_params, request.app.state.oidc
    if vraag.get("iss", oidc.issuer) != oidc.issuer:  # RFC 9207: an answer of another provider
        raise Weigering("ongeldig")
    if fout := vraag.get("error"):
        raise Weigering("afgebroken" if fout == "access_denied" else "onbereikbaar")
    if not (code := vraag.get("code")):
        raise Weigering("ongeldig")
    wie = inlogdienst(oidc).wissel_in(code=code, nonce=poging.nonce, code_verifier=poging.code_verifier)
    return sessies.log_in(
        request.state.opslag,
        issuer=wie.issuer,
        sub=wie.sub,
        email=wie.email,
        email_geverifieerd=wie.email_geverifieerd,
        naam=wie.naam,
    )


def _weiger(request: Request, reden: str, fout: Exception, doel: str) -> Response:
    if isinstance(fout, OidcFout):
        log.warning("somebody could not log in: %s", fout)
    sessies.noteer_weigering(request.state.opslag, reden)
    return _toon(request, WEIGERINGEN[reden], doel)


def _toon(request: Request, uitleg: Uitleg, doel: str) -> Response:
    href = "/inloggen" if doel == "/" else f"/inloggen?{urlencode({'naar': doel})}"
    inhoud = {"kop": uitleg.kop, "tekst": uitleg.tekst, "raad": uitleg.raad, "href": href}
    return pagina(request, "inloggen.html", inhoud, status_code=uitleg.status)


def _cookie(request: Request) -> str:
    naam: str = request.app.state.settings.cookie
    return naam


def _pogingcookie(request: Request) -> str:
    """Ties an attempt to the browser that began it, so that nobody is logged in by a link of somebody else."""
    return f"{_cookie(request)}-inlogpoging"


def _zet(request: Request, antwoord: Response, naam: str, waarde: str, *, max_age: int | None = None) -> None:
    secure = request.app.state.settings.secure
    antwoord.set_cookie(naam, waarde, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax")


def _vergeet(request: Request, antwoord: Response) -> Response:
    _zet(request, antwoord, _cookie(request), "", max_age=0)
    return antwoord
