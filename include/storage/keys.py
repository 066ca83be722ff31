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
from urllib.parse import unquote, urlsplit

from pyrage import IdentityError, x25519

from include.errors import InstallatieFout, OpslagFout
from include.settings import omgeving
from include.storage.backends import UNFINISHED

log = logging.getLogger(__name__)

DEVELOPMENT_KEY = "# ontwikkelsleutel: made by the installation itself, not for production\n"
_MIN_HASH_KEY = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: its name in the environment, as Airflow Variable and as file, and how a new one is made.

    ``meaning`` says what whoever has it can do, and nobody without it. What lies under ``used_by`` in the file store
    shows that there was one.
    """

    environment_name: str
    variable: str
    filename: str
    make: Callable[[], str]
    meaning: str
    used_by: str

    @property
    def path(self) -> Path:
        """The file in the data folder."""
        return omgeving().data / self.filename


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The age identities of the file store, oldest first; ``origin`` says where they were found."""

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
    identity = x25519.Identity.generate()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return f"# created: {made_at}\n# public key: {identity.to_public()}\n{identity}\n"


def new_hash_key() -> str:
    """Return a new hashsleutel as one line of base64."""
    return base64.b64encode(os.urandom(_MIN_HASH_KEY)).decode() + "\n"


STORE_KEYS = Secret(
    "BIDN_SLEUTELS",
    "bidn_sleutels",
    "sleutels.txt",
    new_identity,
    "Whoever has that file can read what is stored here, and without it nobody can",
    "",
)
HASH_KEY = Secret(
    "BIDN_HASHSLEUTEL",
    "bidn_hashsleutel",
    "hashsleutel.txt",
    new_hash_key,
    "With it persons in the logboek are found by BSN and the logboek is verified; without it neither can be done, "
    "and whoever has it can try BSNs until one fits",
    "logboek",
)


def load_keys() -> KeyRing:
    """Return the keys of the file store. Raises InstallatieFout when there are none, or one is malformed."""
    text, origin = _find(STORE_KEYS)
    lines = re.sub(r"(?m)#.*$", "", text)
    return KeyRing(_parse(re.split(r"[\s,]+", lines.strip()), origin), origin)


def load_hash_key() -> bytes:
    """Return the key of the keyed hashes. Raises InstallatieFout when there is none, or it is too short."""
    text, origin = _find(HASH_KEY)
    try:
        key = base64.b64decode(re.sub(r"(?m)#.*$", "", text).strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _MIN_HASH_KEY:
        raise InstallatieFout(f"{origin}: give one line of base64 of at least 32 random bytes")
    return key


def make_key(path: Path | None = None) -> x25519.Recipient:
    """Make a new identity and add it to the key file, or to ``path``; return its public side.

    From then on it encrypts; older ones keep decrypting. Raises InstallatieFout when the keys in force come
    from elsewhere and no ``path`` is given: adding to a file nobody reads would change nothing.
    """
    if path is None:
        origin = load_keys().origin if _elsewhere(STORE_KEYS) or STORE_KEYS.path.exists() else ""
        if origin and origin != str(STORE_KEYS.path):
            raise InstallatieFout(
                f"the keys come from {origin}: make one into a file (--uit) and add its lines there, last"
            )
        path = STORE_KEYS.path
    new = new_identity()
    existing = path.read_text(encoding="utf-8") if path.exists() else ""
    _write(path, existing + new, replace=True)
    return _parse([new.split()[-1]], str(path))[0].to_public()


def _find(secret: Secret) -> tuple[str, str]:
    """Return the text of a secret and where it was found; a development one is made when it is nowhere.

    Raises InstallatieFout in production when there is none, or a development one, wherever it was copied to.
    """
    text, origin = _elsewhere(secret) or _from_file(secret)
    if omgeving().is_productie and _is_development_key(secret, text):
        raise InstallatieFout(
            f"{origin} holds a development key, which production refuses: make another with python -m "
            "include.storage sleutels maak, and see docs/privacy.md on keys"
        )
    return text, origin


def _is_development_key(secret: Secret, text: str) -> bool:
    """Tell whether a secret was made for development: it says so, or the file that says so holds it too."""
    mark = DEVELOPMENT_KEY.strip()
    if mark in text:
        return True
    file = secret.path.read_text(encoding="utf-8") if secret.path.exists() else ""
    return mark in file and not _lines(text).isdisjoint(_lines(file))


def _lines(text: str) -> set[str]:
    return set(re.split(r"[\s,]+", re.sub(r"(?m)#.*$", "", text))) - {""}


def _from_file(secret: Secret) -> tuple[str, str]:
    if not secret.path.exists():
        if omgeving().is_productie:
            raise InstallatieFout(
                f"production needs its own {secret.filename}: set {secret.environment_name}, the Airflow Variable "
                f"{secret.variable}, or make one with: python -m include.storage sleutels maak"
            )
        _refuse_a_second(secret)
        if _write(secret.path, DEVELOPMENT_KEY + secret.make(), replace=False):
            log.warning(
                "No %s was set: made a DEVELOPMENT KEY in %s. %s. Production refuses it.",
                secret.environment_name,
                secret.path,
                secret.meaning,
            )
    try:
        text = secret.path.read_text(encoding="utf-8")
    except OSError as error:
        raise OpslagFout(f"the key file {secret.filename} cannot be read: {error.strerror}") from None
    return text, str(secret.path)


def _refuse_a_second(secret: Secret) -> None:
    """Make no key where one was used and is gone: a new one opens nothing of what is there.

    Raises InstallatieFout, naming the file that is missing.
    """
    store = urlsplit(omgeving().opslag)
    root = Path(unquote(store.path))
    folder = root / secret.used_by
    # What is being written at this moment may be the first there is.
    whole = (
        one for one in folder.rglob("*") if one.is_file() and one.relative_to(root).parts[0] != UNFINISHED
    )
    if store.scheme == "file" and any(whole):
        raise InstallatieFout(
            f"{secret.path} is missing, and {folder} holds files that were made with it: a new key would open none of "
            f"them. Put {secret.path.name} back from where keys are kept, or set {secret.environment_name}. To start "
            "anew instead, remove the whole data folder"
        )


def _elsewhere(secret: Secret) -> tuple[str, str] | None:
    if given := os.environ.get(secret.environment_name):
        return given, secret.environment_name
    if given := _airflow_variable(secret.variable):
        return given, f"the Airflow Variable {secret.variable}"
    return None


def _airflow_variable(name: str) -> str | None:
    """Ask Airflow's secrets backends, from inside a task only: elsewhere that costs an import of seconds."""
    task = sys.modules.get("airflow.sdk.execution_time.task_runner")
    if task is None or getattr(task, "SUPERVISOR_COMMS", None) is None:
        return None
    from airflow.sdk import Variable
    from airflow.sdk.log import mask_secret

    value = Variable.get(name, default=None)
    if not value:
        return None
    for line in str(value).split():
        mask_secret(line)
    return str(value)


def _parse(parts: Sequence[str], origin: str) -> tuple[x25519.Identity, ...]:
    try:
        identities = tuple(x25519.Identity.from_str(part) for part in parts if part)
    except IdentityError:
        identities = ()
    if not identities:
        raise InstallatieFout(f"{origin}: give age identities (AGE-SECRET-KEY-1…), oldest first")
    return identities


def _write(path: Path, text: str, *, replace: bool) -> bool:
    """Write a file only its owner can read, whole; False when it was there already and may not be replaced."""
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            os.replace(new, path)
        else:
            os.link(new, path)  # fails when another process was first
    except FileExistsError:
        return False
    except OSError as error:
        raise OpslagFout(f"the key file {path.name} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return True
