"""Asking one source about many BSNs: batches, side by side, each answer checked, all in the order asked."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
from anyio.from_thread import start_blocking_portal
from pydantic import TypeAdapter, ValidationError

from include.bronnen.traffic import Grenzen, Mislukt, Statistiek, Verkeer, Wacht
from include.errors import BronAntwoordFout, InstallatieFout
from include.wire import require_tls

log = logging.getLogger(__name__)
T = TypeVar("T")
Voortgang = Callable[[int, int], None]
"""Called after each batch with the number of batches done and their total."""


class Recorder(Protocol):
    """Enters a question before it is asked, and how it ended after."""

    def __call__(
        self, endpoint: str, personen: Sequence[int] | None, **criteria: str | int
    ) -> AbstractContextManager[None]:
        """Return the context in which the question is asked; ``personen`` None when it names nobody."""


def _unrecorded(endpoint: str, personen: Sequence[int] | None, **criteria: str | int) -> nullcontext[None]:  # noqa: ARG001
    return nullcontext()


@dataclass(frozen=True)
class Endpoint:
    """One question a source can be asked about BSNs: where, and the shape of the answer."""

    bron: str
    pad: str
    bericht: TypeAdapter[Any]
    """``{"antwoorden": […]}`` as pydantic checks it."""
    schema: pa.Schema
    """One row per BSN asked: what of the answer is kept, nested as it came."""


class Bronclient:
    """The way to one source, for one purpose.

    Args:
        basis_url: where the source is, without the endpoint's path.
        token: what goes along as ``Authorization: Bearer``.
        bron: name of the source in messages and on errors (``brp``, ``uwv``, …).
        doelbinding: why we may ask: ``bijzondere-bijstand`` or ``alleenverdieners``.
        betreft: on whose behalf is asked (organisation and ronde); opens every message.
        grenzen: batch size, concurrency, patience and size limits.
        tls: which certificates to trust over https; those of certifi when None.
        wacht: how time between attempts passes; tests pass their own.

    ``statistiek`` counts everything this client asked: take a new client for each call set.

    Raises:
        InstallatieFout: the address or the token cannot be one.
    """

    def __init__(
        self,
        basis_url: str,
        token: str,
        *,
        bron: str,
        doelbinding: str,
        betreft: str = "",
        grenzen: Grenzen | None = None,
        tls: ssl.SSLContext | None = None,
        wacht: Wacht = asyncio.sleep,
    ) -> None:
        self.bron = bron
        self._recorder: Recorder = _unrecorded
        self.basis_url = _basis_url(basis_url, bron)
        if not token or not token.isascii() or not token.isprintable():
            raise InstallatieFout(
                f"Source {bron}: no usable token; set it as the password of its Airflow connection."
            )
        self._kop = {"Authorization": f"Bearer {token}", "X-Doelbinding": doelbinding}
        self.grenzen = grenzen or Grenzen()
        self.statistiek = Statistiek()
        self._betreft, self._tls, self._wacht = betreft, tls or _gewone_tls(), wacht

    def recorded_by(self, recorder: Recorder) -> Bronclient:
        """Return this client, with ``recorder`` around every question about persons; both count together."""
        client = copy(self)
        client._recorder = recorder
        return client

    def vraag(
        self,
        endpoint: Endpoint,
        bsns: np.ndarray | pd.Series,
        voortgang: Voortgang | None = None,
        **criteria: str | int,
    ) -> pa.Table:
        """Ask ``endpoint`` about every BSN, each once, and return the snapshot of the answers.

        Args:
            endpoint: what to ask.
            bsns: int64; doubles are asked once, zeros are an error.
            voortgang: called after each batch, from another thread.
            criteria: the rest of the request (``belastingjaar=2025``).

        Returns:
            One row per BSN in the order of first appearance, with ``endpoint.schema``; the table's metadata
            tells source, path, criteria and number asked. The same answers give the same table, whatever the
            batch size, the concurrency, or the order in which the source answered.

        Raises:
            BronFout, BronAntwoordFout, BronWeigering: as of Verkeer.verzoek; nothing is returned in part.
        """
        gevraagd = _uniek(bsns)
        stappen = [
            gevraagd[van : van + self.grenzen.batchgrootte]
            for van in range(0, len(gevraagd), self.grenzen.batchgrootte)
        ]
        antwoorden: list[pa.RecordBatch] = [None] * len(stappen)

        async def vraag_batch(verkeer: Verkeer, nummer: int) -> None:
            antwoorden[nummer] = await verkeer.verzoek(
                "POST",
                endpoint.pad,
                lambda inhoud: _lees_antwoord(inhoud, endpoint, stappen[nummer]),
                bericht={"burgerservicenummers": _als_tekst(stappen[nummer]), **criteria},
                deel=f"batch {nummer + 1} of {len(stappen)}",
            )
            self.statistiek.gevraagd += len(stappen[nummer])
            self.statistiek.beantwoord += antwoorden[nummer].num_rows

        if stappen:
            with self._recorder(endpoint.pad, sorted(gevraagd.tolist()), **criteria):
                self._draai(lambda verkeer: self._naast_elkaar(verkeer, vraag_batch, len(stappen), voortgang))
        log.info("source %s, %s: %d BSNs in %d batches", self.bron, endpoint.pad, len(gevraagd), len(stappen))
        kenmerken = {
            "bron": endpoint.bron,
            "endpoint": endpoint.pad,
            "criteria": json.dumps(criteria, sort_keys=True),
            "gevraagd": str(len(gevraagd)),
        }
        return pa.Table.from_batches(antwoorden, schema=endpoint.schema).replace_schema_metadata(kenmerken)

    def haal(self, pad: str, vorm: TypeAdapter[T]) -> T:
        """GET a JSON document of the shape ``vorm``. Raises as ``vraag``."""
        return self._draai(lambda verkeer: verkeer.verzoek("GET", pad, lambda inhoud: _ontleed(inhoud, vorm)))

    def haal_bestand(self, pad: str, *, soort: str, max_bytes: int) -> bytes:
        """GET a file of media type ``soort`` and at most ``max_bytes``. Raises as ``vraag``."""
        with self._recorder(pad, None):
            return self._draai(
                lambda verkeer: verkeer.verzoek("GET", pad, bytes, inhoudssoort=soort, max_bytes=max_bytes)
            )

    async def _naast_elkaar(
        self,
        verkeer: Verkeer,
        vraag_batch: Callable[[Verkeer, int], Awaitable[None]],
        aantal: int,
        voortgang: Voortgang | None,
    ) -> None:
        """Ask the batches, some at a time; the first that fails for good ends the others at once."""
        klaar = 0

        async def werk(nummers: Iterator[int]) -> None:
            nonlocal klaar
            for nummer in nummers:
                await vraag_batch(verkeer, nummer)
                klaar += 1
                if voortgang:
                    voortgang(klaar, aantal)

        nummers = iter(range(aantal))
        async with asyncio.TaskGroup() as groep:
            for _ in range(min(self.grenzen.gelijktijdig, aantal)):
                groep.create_task(werk(nummers))

    def _draai(self, werk: Callable[[Verkeer], Awaitable[T]]) -> T:
        """Run ``werk`` in an event loop of its own thread.

        So that it works wherever it is called, and the caller's thread stays free for the signal (Airflow's
        time-out, Ctrl-C) that ends it: leaving the portal then cancels what is under way.
        """

        async def alles() -> T:
            async with Verkeer(
                self.basis_url,
                self._kop,
                bron=self.bron,
                betreft=self._betreft,
                grenzen=self.grenzen,
                statistiek=self.statistiek,
                tls=self._tls,
                wacht=self._wacht,
            ) as verkeer:
                return await werk(verkeer)

        try:
            with start_blocking_portal() as portaal:
                return portaal.call(alles)
        except BaseExceptionGroup as groep:
            eerste = _eerste(groep)
        raise eerste


@cache
def _gewone_tls() -> ssl.SSLContext:
    # Reading all CA certificates takes as long as a batch: once a process.
    return httpx.create_ssl_context(trust_env=False)


def _eerste(fout: BaseException) -> BaseException:
    while isinstance(fout, BaseExceptionGroup):
        fout = fout.exceptions[0]
    return fout


def _basis_url(basis_url: str, bron: str) -> str:
    delen = urlsplit(basis_url)
    if delen.scheme not in ("http", "https") or not delen.hostname or "@" in delen.netloc or delen.query:
        raise InstallatieFout(
            f"Source {bron}: its address is not of the form http(s)://host[:port][/path]; mend its Airflow "
            "connection (the token goes in the password, not in the address)."
        )
    require_tls(
        f"source {bron}",
        delen.hostname,
        encrypted=delen.scheme == "https",
        remedy="set the schema of its Airflow connection to https",
    )
    return basis_url.rstrip("/")


def _uniek(bsns: np.ndarray | pd.Series) -> np.ndarray:
    """Each BSN once, in order of first appearance. Raises ValueError on what cannot be a BSN."""
    alle = np.asarray(bsns)
    if alle.ndim != 1 or (len(alle) and alle.dtype.kind not in "iu"):
        raise ValueError(f"BSNs come as one column of integers, not {alle.dtype} of {alle.ndim} dimensions")
    uniek = pd.unique(alle.astype(np.int64))
    if len(uniek) and not (uniek.min() > 0 and uniek.max() < 10**9):
        raise ValueError("among the BSNs to ask for is one that is zero, negative or longer than 9 digits")
    return uniek


def _als_tekst(bsns: np.ndarray) -> list[str]:
    return [f"{bsn:09d}" for bsn in bsns.tolist()]


_GEEN_UNICODE = ("unicode code point", "surrogate", "hex escape")
"""How the parser of JSON calls bytes that are not UTF-8, and half a character."""


def _ontleed(inhoud: bytes, vorm: TypeAdapter[T]) -> T:
    """Check a JSON body against its contract; says what is wrong by field and count, without a value."""
    try:
        return vorm.validate_json(inhoud)
    except ValidationError as fout:
        fouten = fout.errors(include_url=False, include_input=False)
    if fouten[0]["type"] == "json_invalid":
        if any(soort in fouten[0]["ctx"]["error"] for soort in _GEEN_UNICODE):
            raise Mislukt("an answer with text that is not valid Unicode", BronAntwoordFout)
        # Most often a body that was cut off on its way.
        raise Mislukt("an answer that is not valid JSON", BronAntwoordFout, opnieuw=True)
    aantallen = Counter((_veldpad(fout["loc"]), fout["type"]) for fout in fouten)
    soorten = [f"{pad} {soort} ({aantal}x)" for (pad, soort), aantal in sorted(aantallen.items())[:5]]
    if len(aantallen) > 5:
        soorten.append(f"and {len(aantallen) - 5} other kinds")
    raise Mislukt(f"an answer that breaks the contract: {', '.join(soorten)}", BronAntwoordFout)


def _veldpad(loc: Iterable[str | int]) -> str:
    return ".".join("*" if isinstance(deel, int) else deel for deel in loc) or "body"


def _lees_antwoord(inhoud: bytes, endpoint: Endpoint, gevraagd: np.ndarray) -> pa.RecordBatch:
    """Turn a body into one row per BSN asked, in that order. Raises Mislukt when it is not exactly that."""
    antwoorden = _ontleed(inhoud, endpoint.bericht)["antwoorden"]
    batch = pa.RecordBatch.from_pylist(antwoorden, schema=endpoint.schema)
    beantwoord = batch.column("burgerservicenummer").cast(pa.int64()).to_numpy(zero_copy_only=False)
    uniek = np.unique(beantwoord)
    gemist = len(np.setdiff1d(gevraagd, uniek))
    vreemd = len(np.setdiff1d(uniek, gevraagd))
    dubbel = len(beantwoord) - len(uniek)
    if gemist or vreemd or dubbel:
        raise Mislukt(
            f"an answer about other BSNs than the {len(gevraagd)} asked for ({gemist} missing, "
            f"{dubbel} double, {vreemd} foreign)",
            BronAntwoordFout,
        )
    plek = np.argsort(beantwoord)[np.argsort(np.argsort(gevraagd))]
    return batch.take(pa.array(plek))
