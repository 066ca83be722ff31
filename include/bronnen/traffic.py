"""One request to a source: attempts, patience, limits on what comes back, and the words for what went wrong.

What a new attempt may mend (no connection, silence, HTTP 408, 429 and 5xx, a body that breaks off) is tried
again a few times here, and then left to Airflow as a BronFout. Whatever is wrong with a *complete* answer is
not: that would come back the same. Nothing a source sends is ever quoted in a message or a log line.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TypeVar

import httpx

from include.errors import BronAntwoordFout, BronFout, BronWeigering, InstallatieFout

log = logging.getLogger(__name__)
# One line a request, with the source's own words in it, is noise at best.
for _naam in ("httpx", "httpcore"):
    logging.getLogger(_naam).setLevel(logging.WARNING)

MAX_BSNS = 250
"""Of one request, by contract."""
_DAG = 86_400.0
T = TypeVar("T")
Wacht = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Grenzen:
    """How much we ask of a source at once, and how long and how much we bear in return (seconds, bytes)."""

    batchgrootte: int = MAX_BSNS
    gelijktijdig: int = 4
    verbinden: float = 10.0
    lezen: float = 60.0
    """Longest silence of a source that is answering."""
    antwoordtijd: float = 300.0
    """Longest time for one whole answer, however steadily it drips."""
    pogingen: int = 4
    wachten: float = 0.5
    """Before the second attempt; doubles with each next one."""
    wachten_max: float = 60.0
    """What a source asks beyond this (Retry-After) is Airflow's to wait for."""
    antwoord_max: int = 64 * 1024**2

    def __post_init__(self) -> None:
        goed = (
            1 <= self.batchgrootte <= MAX_BSNS
            and 1 <= self.gelijktijdig <= 32
            and 1 <= self.pogingen <= 10
            and min(self.verbinden, self.lezen, self.antwoordtijd, self.antwoord_max) > 0
            and min(self.wachten, self.wachten_max) >= 0
        )
        if not goed:
            raise InstallatieFout(
                f"The limits of a source must be: batchgrootte 1-{MAX_BSNS}, gelijktijdig 1-32, pogingen "
                "1-10, times and sizes above zero; mend the extra of its Airflow connection."
            )


@dataclass
class Statistiek:
    """What one client asked and got, for the summary and the manifest; ``duur`` in seconds."""

    verzoeken: int = 0
    gevraagd: int = 0
    beantwoord: int = 0
    herhalingen: int = 0
    bytes: int = 0
    duur: float = 0.0


class Mislukt(Exception):
    """One attempt failed: in which words, as which error, and whether another attempt may mend it."""

    def __init__(
        self,
        reden: str,
        soort: type[BronFout | BronWeigering],
        *,
        opnieuw: bool = False,
        wachttijd: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(reden)
        self.reden, self.soort, self.opnieuw = reden, soort, opnieuw
        self.wachttijd, self.status = wachttijd, status


def wachttijd(kop: str | None, nu: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, at most a day; None when absent or nonsense.

    Both forms of RFC 9110 are read: a number of seconds, however long, or the date after which to come back. A date
    that no calendar here can hold is nonsense.
    """
    kop = (kop or "").strip()
    if kop.isascii() and kop.isdigit():
        return min(float(kop), _DAG)
    try:
        moment = parsedate_to_datetime(kop)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        gevraagd = (moment - nu).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(gevraagd, 0.0), _DAG)


def _status(code: int) -> str:
    # The standard's phrase, never the one that was sent.
    try:
        return f"HTTP {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"HTTP {code}"


_RAAD_WEIGERING = {
    401: "The token was not accepted: renew the password of the source's Airflow connection.",
    403: "The token has no right to this: ask the source for it, for the doelbinding in use.",
    404: "Nothing is there: check the address of the source's Airflow connection, or what was asked for.",
}
_RAAD_WEIGERING_ANDERS = "Trying again would end the same: compare what we send with the source's contract."
_RAAD_STORING = (
    "Trying again may help; when it keeps failing, check that the source is up and report it there."
)
_RAAD_ANTWOORD = (
    "Nothing of it was used; when a new attempt ends the same, report it to the source with the X-Request-ID."
)


class Verkeer:
    """The traffic with one source for the length of one call set; an async context manager.

    ``betreft`` says on whose behalf is asked (organisation, ronde) and opens every message; ``wacht`` is how
    the time between attempts passes. ``statistiek`` is counted up as requests go.
    """

    def __init__(
        self,
        basis_url: str,
        kop: dict[str, str],
        *,
        bron: str,
        betreft: str,
        grenzen: Grenzen,
        statistiek: Statistiek,
        tls: ssl.SSLContext,
        wacht: Wacht,
    ) -> None:
        self._basis_url, self._kop, self._bron, self._betreft = basis_url, kop, bron, betreft
        self._grenzen, self._statistiek, self._wacht = grenzen, statistiek, wacht
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(grenzen.lezen, connect=grenzen.verbinden, pool=None),
            limits=httpx.Limits(max_connections=grenzen.gelijktijdig),
            verify=tls,
            cookies=CookieJar(
                DefaultCookiePolicy(allowed_domains=())
            ),  # what a source wants remembered is not
            trust_env=False,  # neither a proxy nor a .netrc of the machine comes between
        )

    async def __aenter__(self) -> Verkeer:
        self._begin = time.perf_counter()
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, soort: type[BaseException] | None, fout: BaseException | None, spoor: TracebackType | None
    ) -> None:
        await self._http.__aexit__(soort, fout, spoor)
        self._statistiek.duur += time.perf_counter() - self._begin

    async def verzoek(
        self,
        methode: str,
        pad: str,
        lees: Callable[[bytes], T],
        *,
        bericht: object = None,
        inhoudssoort: str = "application/json",
        max_bytes: int | None = None,
        deel: str = "",
    ) -> T:
        """Send one request, again when that may help, and return what ``lees`` makes of the answer's body.

        Args:
            methode: HTTP method.
            pad: path below the base URL, starting with ``/``.
            lees: reads the body; raises Mislukt.
            bericht: what goes along as JSON, if anything.
            inhoudssoort: the media type the answer must have.
            max_bytes: size at which an answer is cut off; the limit of ``grenzen`` when None.
            deel: which part of the work this is (``batch 3 of 12``), for messages.

        Raises:
            BronFout: every attempt failed, or the source asks to come back later than we wait here.
            BronAntwoordFout: the answer is not what the contract says.
            BronWeigering: the source refuses the request as such.
        """
        grenzen = self._grenzen
        wie = self._omschrijving(methode, pad, deel)
        for poging in range(1, grenzen.pogingen + 1):
            request_id = str(uuid.uuid4())
            try:
                return lees(await self._poging(methode, pad, bericht, inhoudssoort, max_bytes, request_id))
            except Mislukt as fout:
                mislukt = fout
            gevraagd = mislukt.wachttijd
            te_lang = (gevraagd or 0) > grenzen.wachten_max
            if poging == grenzen.pogingen or te_lang or not mislukt.opnieuw:
                # Outside the except clause: no exception with the answer in reach travels along.
                raise self._fout(wie, mislukt, poging, request_id)
            pauze = self._pauze(poging) if gevraagd is None else gevraagd
            self._statistiek.herhalingen += 1
            log.warning(
                "%s: %s at attempt %d of %d; trying again in %.1f s (X-Request-ID %s)",
                *(wie, mislukt.reden, poging, grenzen.pogingen, pauze, request_id),
            )
            await self._wacht(pauze)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _omschrijving(self, methode: str, pad: str, deel: str) -> str:
        namens = f"{self._betreft}: " if self._betreft else ""
        return f"{namens}source {self._bron}, {methode} {self._basis_url}{pad}{deel and ', ' + deel}"

    def _fout(self, wie: str, mislukt: Mislukt, poging: int, request_id: str) -> BronFout | BronWeigering:
        melding = f"{wie}: {mislukt.reden} after {poging} attempt{'s' if poging > 1 else ''}"
        if mislukt.wachttijd is not None:
            melding += f", and the source asks to wait {mislukt.wachttijd:.0f} s"
        melding += f" (X-Request-ID {request_id}). "
        if issubclass(mislukt.soort, BronWeigering):
            return mislukt.soort(melding + _RAAD_WEIGERING.get(mislukt.status, _RAAD_WEIGERING_ANDERS))
        raad = _RAAD_ANTWOORD if issubclass(mislukt.soort, BronAntwoordFout) else _RAAD_STORING
        return mislukt.soort(melding + raad, bron=self._bron, wachttijd=mislukt.wachttijd)

    def _pauze(self, poging: int) -> float:
        # Jitter, so that four requests that failed together do not come back together.
        volle = min(self._grenzen.wachten * 2 ** (poging - 1), self._grenzen.wachten_max)
        return volle * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    async def _poging(
        self,
        methode: str,
        pad: str,
        bericht: object,
        inhoudssoort: str,
        max_bytes: int | None,
        request_id: str,
    ) -> bytes:
        """One attempt: the body of a 200, or Mislukt."""
        grenzen = self._grenzen
        kop = {"X-Request-ID": request_id, "Accept": inhoudssoort, "Accept-Encoding": "identity"}
        self._statistiek.verzoeken += 1
        try:
            async with (
                asyncio.timeout(grenzen.antwoordtijd),
                self._http.stream(
                    methode, f"{self._basis_url}{pad}", json=bericht, headers=self._kop | kop
                ) as antwoord,
            ):
                _beoordeel_status(antwoord)
                _beoordeel_soort(antwoord, inhoudssoort)
                return await self._lichaam(antwoord, max_bytes or grenzen.antwoord_max)
        except httpx.ConnectTimeout:
            reden = f"no connection within {grenzen.verbinden:g} s"
        except httpx.ConnectError as fout:
            reden = f"no connection ({_oorzaak(fout)})"
        except httpx.TimeoutException:
            reden = f"silent for {grenzen.lezen:g} s"
        except TimeoutError:
            reden = f"no complete answer within {grenzen.antwoordtijd:g} s"
        except httpx.TransportError:
            reden = "the connection broke off"
        raise Mislukt(reden, BronFout, opnieuw=True)

    async def _lichaam(self, antwoord: httpx.Response, max_bytes: int) -> bytes:
        """The body as it comes off the wire: nothing is unpacked, so nothing swells up."""
        delen: list[bytes] = []
        omvang = 0
        async for deel in antwoord.aiter_raw():
            omvang += len(deel)
            self._statistiek.bytes += len(deel)
            if omvang > max_bytes:
                raise Mislukt(f"an answer of more than {max_bytes:,} bytes", BronAntwoordFout)
            delen.append(deel)
        return b"".join(delen)


def _oorzaak(fout: BaseException) -> str:
    """What lies at the bottom of an exception, by its class: its text may quote the other side."""
    while fout.__cause__ or fout.__context__:
        fout = fout.__cause__ or fout.__context__ or fout
    return type(fout).__name__


def _beoordeel_status(antwoord: httpx.Response) -> None:
    code = antwoord.status_code
    if code == HTTPStatus.OK:
        return
    if code < 400:
        raise Mislukt(f"{_status(code)} where 200 is due (redirects are not followed),", BronAntwoordFout)
    if code < 500 and code not in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
        raise Mislukt(_status(code), BronWeigering, status=code)
    gevraagd = wachttijd(antwoord.headers.get("retry-after"), datetime.now(UTC))
    raise Mislukt(_status(code), BronFout, opnieuw=True, wachttijd=gevraagd)


def _beoordeel_soort(antwoord: httpx.Response, inhoudssoort: str) -> None:
    soort = antwoord.headers.get("content-type", "").partition(";")[0].strip().lower()
    if soort != inhoudssoort:
        raise Mislukt(f"an answer that is not {inhoudssoort}", BronAntwoordFout)
    if antwoord.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Mislukt("a compressed answer, which was not asked for,", BronAntwoordFout)
