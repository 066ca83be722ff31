"""A form with a file, read while it comes in: its bytes go from the connection to the file store, a few at a time.

The framework's own reader keeps a whole upload in a plain temporary file before anybody can look at it, without a
limit. Here a file is looked at when its first bytes are there, and cut off where it becomes too large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import Request
from fastapi.responses import Response
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

T = TypeVar("T")

VELDEN = 16 * 1024
"""Bytes that the fields beside the file may have together."""
STIL_SECONDEN = 60
"""A browser that sends nothing for so long has left."""
BLOKKEN = 8
"""Pieces that may wait to be stored (each at most what the server reads at once, 64 KB)."""
UITPRAAT_SECONDEN = 10
"""So long is listened, and nothing kept, after a file was refused."""
TEGELIJK = 20
"""Uploads that are stored at a time; the next wait. Pages have other threads."""
_PLAATSEN: RunVar[anyio.CapacityLimiter] = RunVar("uploads")


class UploadAfgebroken(Exception):
    """The browser left half-way, or sent something that is no form with a file; nothing is kept."""


class UploadTeGroot(Exception):
    """The file is larger than allowed; nothing is kept."""


class Bestand:
    """The file of a form, to read in order in a thread, while it comes in."""

    def __init__(self, volgende: Callable[[], bytes]) -> None:
        self._volgende, self._rest = volgende, b""

    def begin(self, aantal: int) -> bytes:
        """Return the first bytes, fewer when the file is shorter; they are read again afterwards."""
        while len(self._rest) < aantal and (stuk := self._volgende()):
            self._rest += stuk
        return self._rest[:aantal]

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, none at the end. Raises UploadAfgebroken and UploadTeGroot."""
        inhoud = self._rest or self._volgende()
        tot = len(inhoud) if size < 0 else size
        self._rest = inhoud[tot:]
        return inhoud[:tot]


Bewaar = Callable[[Mapping[str, str], str, Bestand], T]
"""What is done with a form: the fields before the file, the name of the file, and the file itself."""


class Upload:
    """One form with a file field, of which at most ``grens`` bytes of file are read."""

    def __init__(self, request: Request, *, veld: str, grens: int) -> None:
        self._request, self._veld, self._grens = request, veld, grens
        self._op = False

    async def lees(self, bewaar: Bewaar[T]) -> T:
        """Hand the form to ``bewaar``, in a thread, as soon as the file begins; return what it returns.

        The fields behind the file are not looked at. What ``bewaar`` raises passes, and then no more is read.

        Raises:
            UploadAfgebroken: also in ``bewaar``, where it reads the file.
            UploadTeGroot: in ``bewaar``, where it reads the file.
        """
        vorm = _Vorm(self._request.headers.get("content-type", ""), self._veld)
        stroom = _Stroom(self._grens)
        uitkomst: list[T] = []
        fouten: list[Exception] = []

        async def verwerk() -> None:
            taak = partial(bewaar, vorm.velden, vorm.bestandsnaam, Bestand(stroom.volgende))
            try:
                uitkomst.append(await anyio.to_thread.run_sync(taak, limiter=_plaatsen()))
            except Exception as fout:  # noqa: BLE001 - raised again below, and not in a group
                fouten.append(fout)
            finally:
                stroom.uit.close()
                lezen.cancel()

        async with anyio.create_task_group() as groep:
            with anyio.CancelScope() as lezen:
                await self._voer(vorm, stroom, lambda: groep.start_soon(verwerk))
        if fouten:
            raise fouten[0]
        if not uitkomst:
            raise UploadAfgebroken
        return uitkomst[0]

    async def _voer(self, vorm: _Vorm, stroom: _Stroom, begin: Callable[[], object]) -> None:
        """Read the form and pass its file on; ``begin`` is called once, when all fields before the file are known."""
        # At the end of the block the file ends for its reader; whole only when the form was.
        with stroom.erin, suppress(UploadAfgebroken, anyio.BrokenResourceError):
            while not self._op:
                stukken = vorm.ontleed(await self._ontvang())
                if vorm.begonnen:
                    vorm.begonnen = False
                    begin()
                for stuk in stukken:
                    await stroom.erin.send(stuk)
            stroom.heel = vorm.klaar
            if vorm.klaar and not vorm.heeft_bestand:
                begin()

    async def _ontvang(self) -> bytes:
        with anyio.move_on_after(STIL_SECONDEN):
            bericht = await self._request.receive()
            if bericht["type"] == "http.request":
                self._op = not bericht.get("more_body", False)
                return bytes(bericht.get("body", b""))
        self._op = True
        raise UploadAfgebroken

    def weigering(self, antwoord: Response) -> Response:
        """Return an answer for who may still be sending: it goes out at once, and what still comes is thrown away.

        A browser that is cut off while it sends shows an error of its own instead of ours. No more is thrown away than
        may be sent; then the connection is closed.
        """
        if self._op:
            return antwoord
        antwoord.headers["Connection"] = "close"
        return _Uitpraten(self, antwoord, self._grens + VELDEN)

    async def gooi_weg(self, hoeveel: int) -> None:
        """Read what is still sent, up to so many bytes, and keep nothing of it."""
        with anyio.move_on_after(UITPRAAT_SECONDEN), suppress(UploadAfgebroken):
            while not self._op and hoeveel > 0:
                hoeveel -= len(await self._ontvang())


class _Stroom:
    """The bytes of a file between the connection and the thread that stores them, a few pieces at a time."""

    def __init__(self, grens: int) -> None:
        self.erin, self.uit = anyio.create_memory_object_stream[bytes](BLOKKEN)
        self.heel = False
        self._over = grens

    def volgende(self) -> bytes:
        """Wait for the next piece, in the thread; none at the end. Raises UploadAfgebroken and UploadTeGroot."""
        try:
            stuk = anyio.from_thread.run(self.uit.receive)
        except anyio.EndOfStream:
            if self.heel:
                return b""
            raise UploadAfgebroken from None
        self._over -= len(stuk)
        if self._over < 0:
            raise UploadTeGroot
        return stuk


class _Uitpraten(Response):
    """An answer that is complete for the browser, and of which the end waits until the browser has said all."""

    def __init__(self, upload: Upload, antwoord: Response, hoeveel: int) -> None:
        super().__init__(antwoord.body, antwoord.status_code)
        self.raw_headers = antwoord.raw_headers
        self._upload, self._hoeveel = upload, hoeveel

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG002 - ASGI
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._upload.gooi_weg(self._hoeveel)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Deel(NamedTuple):
    """The heading of a part of a form."""

    naam: str
    bestandsnaam: str | None


class _Vorm:
    """The parts of a form, as its bytes come in."""

    def __init__(self, content_type: str, veld: str) -> None:
        self.velden: dict[str, str] = {}
        self.bestandsnaam = ""
        self.begonnen = False
        """The heading of the file has just passed."""
        self.heeft_bestand = False
        self.klaar = False
        self._veld, self._deel, self._omvang = veld, _Deel("", None), 0
        self._kopnaam, self._kopwaarde, self._koppen = b"", b"", dict[str, bytes]()
        self._inhoud, self._stukken = b"", list[bytes]()
        try:
            self._ontleder = MultipartParser(
                _opties(content_type.encode("latin-1")).get("boundary", ""),
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._naam,
                    "on_header_value": self._kop,
                    "on_header_end": self._einde_kop,
                    "on_headers_finished": self._koppen_klaar,
                    "on_part_data": self._data,
                    "on_part_end": self._einde,
                    "on_end": self._slot,
                },
            )
        except FormParserError:
            raise UploadAfgebroken from None

    def ontleed(self, stuk: bytes) -> list[bytes]:
        """Take in the next bytes of a form; return those that are of the file. Raises UploadAfgebroken."""
        self._stukken = []
        try:
            if stuk:
                self._ontleder.write(stuk)
        except FormParserError:
            raise UploadAfgebroken from None
        if self._omvang > VELDEN:
            raise UploadAfgebroken
        return self._stukken

    @property
    def _in_bestand(self) -> bool:
        return self._deel.naam == self._veld and self._deel.bestandsnaam is not None

    def _begin(self) -> None:
        self._koppen, self._inhoud, self._deel = {}, b"", _Deel("", None)

    def _naam(self, data: bytes, start: int, eind: int) -> None:
        self._kopnaam += data[start:eind]

    def _kop(self, data: bytes, start: int, eind: int) -> None:
        self._kopwaarde += data[start:eind]

    def _einde_kop(self) -> None:
        self._koppen[self._kopnaam.decode("latin-1").lower()] = self._kopwaarde
        self._kopnaam = self._kopwaarde = b""

    def _koppen_klaar(self) -> None:
        opties = _opties(self._koppen.get("content-disposition", b""))
        self._deel = _Deel(opties.get("name", ""), opties.get("filename"))
        if self._in_bestand:
            if self.heeft_bestand:  # a second one
                self._deel = _Deel("", None)
                return
            self.heeft_bestand = self.begonnen = True
            self.bestandsnaam = opties.get("filename", "")

    def _data(self, data: bytes, start: int, eind: int) -> None:
        if self._in_bestand:
            self._stukken.append(bytes(data[start:eind]))
            return
        self._omvang += eind - start
        if self._omvang <= VELDEN:
            self._inhoud += data[start:eind]

    def _einde(self) -> None:
        if not self._in_bestand and self._deel.naam and not self.heeft_bestand:
            self.velden[self._deel.naam] = self._inhoud.decode("utf-8", "replace")

    def _slot(self) -> None:
        self.klaar = True


def _opties(kop: bytes) -> dict[str, str]:
    """Return the parameters of a header; a browser sends the name of a file in UTF-8."""
    _, opties = parse_options_header(kop)
    return {naam.decode("latin-1"): waarde.decode("utf-8", "replace") for naam, waarde in opties.items()}


def _plaatsen() -> anyio.CapacityLimiter:
    """The places of the event loop that runs."""
    try:
        return _PLAATSEN.get()
    except LookupError:
        _PLAATSEN.set(plaatsen := anyio.CapacityLimiter(TEGELIJK))
        return plaatsen
