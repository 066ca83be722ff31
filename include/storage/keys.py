"""The keys of this installation, and where they come from.

Two secrets, each from the first of these places that has it:

============ ==================== ================== =============================================
secret       environment          Airflow Variable   file in the data folder (made in development)
============ ==================== ================== =============================================
sleutels     ``BIDN_SLEUTELS``    ``bidn_sleutels``  ``sleutels.txt``
hashsleutel  ``BIDN_HASHSLEUTEL`` ``bidn_hashsleutel`` ``hashsleutel.txt``
============ ==================== ================== =============================================

``sleutels`` are age identities (``AGE-SECRET-KEY-1…``), apart by lines, spaces or commas, oldest first: the
last one encrypts, all of them decrypt. The file is one that ``age --decrypt --identity`` takes as it is.
``hashsleutel`` is one line of base64, 32 bytes or more; it never rotates, for the hashes made with it must
stay comparable as long as the logboek is kept.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import re
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyrage import IdentityError, x25519

from include.errors import InstallatieFout, OpslagFout
from include.settings import omgeving

log = logging.getLogger(__name__)

DEVELOPMENT_KEY = "# ontwikkelsleutel: made by the installation itself, not for production\n"
_MIN_HASH_KEY = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: its name in the environment, as Airflow Variable and as file, and how a new one is made."""

    environment_name: str
    variable: str
    filename: str
    make: Callable[[], str]

    @property
    def path(self) -> Path:
        """The file in the data folder."""
        return omgeving().data / self.filename


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The age identities of the file store, oldest first; ``herkomst`` says where they were found."""

    identities: tuple[x25519.Identity, ...]
    origin: str

    @property
    def newest(self) -> x25519.Identity:
        """The one that encrypts."""
        return self.identities[-1]

    @property
    def recipient(self) -> x25519.Recipient:
        """The public side of the newest."""
        return self.newest.to_public()


def new_identity() -> str:
    """Return a new age identity with the moment it was made, as two lines of an identity file."""
    identiteit = x25519.Identity.generate()
    gemaakt = datetime.now(UTC).isoformat(timespec="seconds")
    return f"# created: {gemaakt}\n# public key: {identiteit.to_public()}\n{identiteit}\n"


def new_hash_key() -> str:
    """Return a new hashsleutel as one line of base64."""
    return base64.b64encode(os.urandom(_MIN_HASH_KEY)).decode() + "\n"


STORE_KEYS = Secret("BIDN_SLEUTELS", "bidn_sleutels", "sleutels.txt", new_identity)
HASH_KEY = Secret("BIDN_HASHSLEUTEL", "bidn_hashsleutel", "hashsleutel.txt", new_hash_key)


def load_keys() -> KeyRing:
    """Return the keys of the file store. Raises InstallatieFout when there are none, or one is malformed."""
    tekst, herkomst = _find(STORE_KEYS)
    regels = re.sub(r"(?m)#.*$", "", tekst)
    return KeyRing(_parse(re.split(r"[\s,]+", regels.strip()), herkomst), herkomst)


def load_hash_key() -> bytes:
    """Return the key of the keyed hashes. Raises InstallatieFout when there is none, or it is too short."""
    tekst, herkomst = _find(HASH_KEY)
    try:
        sleutel = base64.b64decode(re.sub(r"(?m)#.*$", "", tekst).strip(), validate=True)
    except (binascii.Error, ValueError):
        sleutel = b""
    if len(sleutel) < _MIN_HASH_KEY:
        raise InstallatieFout(f"{herkomst}: give one line of base64 of at least 32 random bytes")
    return sleutel


def make_key(pad: Path | None = None) -> x25519.Recipient:
    """Make a new identity and add it to the key file, or to ``pad``; return its public side.

    From then on it encrypts; older ones keep decrypting. Raises InstallatieFout when the keys in force come
    from elsewhere and no ``pad`` is given: adding to a file nobody reads would change nothing.
    """
    if pad is None:
        herkomst = load_keys().origin if _elsewhere(STORE_KEYS) or STORE_KEYS.path.exists() else ""
        if herkomst and herkomst != str(STORE_KEYS.path):
            raise InstallatieFout(
                f"the keys come from {herkomst}: make one into a file (--uit) and add its lines there, last"
            )
        pad = STORE_KEYS.path
    nieuw = new_identity()
    bestaand = pad.read_text(encoding="utf-8") if pad.exists() else ""
    _write(pad, bestaand + nieuw, vervang=True)
    return _parse([nieuw.split()[-1]], str(pad))[0].to_public()


def _find(geheim: Secret) -> tuple[str, str]:
    """Return the text of a secret and where it was found; a development one is made when it is nowhere.

    Raises InstallatieFout in production when there is none, or a development one, wherever it was copied to.
    """
    tekst, herkomst = _elsewhere(geheim) or _from_file(geheim)
    if omgeving().is_productie and _is_development_key(geheim, tekst):
        raise InstallatieFout(
            f"{herkomst} holds a development key, which production refuses: make another with python -m "
            "include.storage sleutels maak, and see docs/privacy.md on keys"
        )
    return tekst, herkomst


def _is_development_key(geheim: Secret, tekst: str) -> bool:
    """Tell whether a secret was made for development: it says so, or the file that says so holds it too."""
    merk = DEVELOPMENT_KEY.strip()
    if merk in tekst:
        return True
    bestand = geheim.path.read_text(encoding="utf-8") if geheim.path.exists() else ""
    return merk in bestand and not _lines(tekst).isdisjoint(_lines(bestand))


def _lines(tekst: str) -> set[str]:
    return set(re.split(r"[\s,]+", re.sub(r"(?m)#.*$", "", tekst))) - {""}


def _from_file(geheim: Secret) -> tuple[str, str]:
    if not geheim.path.exists():
        if omgeving().is_productie:
            raise InstallatieFout(
                f"production needs its own {geheim.filename}: set {geheim.environment_name}, the Airflow Variable "
                f"{geheim.variable}, or make one with: python -m include.storage sleutels maak"
            )
        if _write(geheim.path, DEVELOPMENT_KEY + geheim.make(), vervang=False):
            log.warning(
                "No %s was set: made a DEVELOPMENT KEY in %s. Whoever has that file can read what is stored here, and "
                "without it nobody can. Production refuses it.",
                geheim.environment_name,
                geheim.path,
            )
    try:
        tekst = geheim.path.read_text(encoding="utf-8")
    except OSError as fout:
        raise OpslagFout(f"the key file {geheim.filename} cannot be read: {fout.strerror}") from None
    return tekst, str(geheim.path)


def _elsewhere(geheim: Secret) -> tuple[str, str] | None:
    if gezet := os.environ.get(geheim.environment_name):
        return gezet, geheim.environment_name
    if gezet := _airflow_variable(geheim.variable):
        return gezet, f"the Airflow Variable {geheim.variable}"
    return None


def _airflow_variable(naam: str) -> str | None:
    """Ask Airflow's secrets backends, from inside a task only: elsewhere that costs an import of seconds."""
    taak = sys.modules.get("airflow.sdk.execution_time.task_runner")
    if taak is None or getattr(taak, "SUPERVISOR_COMMS", None) is None:
        return None
    from airflow.sdk import Variable
    from airflow.sdk.log import mask_secret

    waarde = Variable.get(naam, default=None)
    if not waarde:
        return None
    for regel in str(waarde).split():
        mask_secret(regel)
    return str(waarde)


def _parse(delen: Sequence[str], herkomst: str) -> tuple[x25519.Identity, ...]:
    try:
        identiteiten = tuple(x25519.Identity.from_str(deel) for deel in delen if deel)
    except IdentityError:
        identiteiten = ()
    if not identiteiten:
        raise InstallatieFout(f"{herkomst}: give age identities (AGE-SECRET-KEY-1…), oldest first")
    return identiteiten


def _write(pad: Path, tekst: str, *, vervang: bool) -> bool:
    """Write a file only its owner can read, whole; False when it was there already and may not be replaced."""
    nieuw = pad.with_name(f".{pad.name}.{uuid.uuid4().hex}")
    try:
        pad.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(nieuw, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as uit:
            uit.write(tekst)
            uit.flush()
            os.fsync(uit.fileno())
        if vervang:
            os.replace(nieuw, pad)
        else:
            os.link(nieuw, pad)  # fails when another process was first
    except FileExistsError:
        return False
    except OSError as fout:
        raise OpslagFout(f"the key file {pad.name} cannot be written: {fout.strerror}") from None
    finally:
        with suppress(OSError):
            nieuw.unlink(missing_ok=True)
    return True
