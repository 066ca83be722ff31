"""Where this installation keeps its things: the one place that reads paths and URLs from the environment.

Read at every call, so that a test or a task that sets a variable gets what it set. The product's own
settings of an organisation (vermogen, voertuigen, percentage) are something else: ``include.storage.organisaties``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from include.errors import InstallatieFout

PROJECT = Path(__file__).resolve().parents[1]


class Soort(StrEnum):
    """What kind of installation this is; anything but production says so in its mails."""

    ONTWIKKELING = "ontwikkeling"
    TEST = "test"
    PRODUCTIE = "productie"


@dataclass(frozen=True, slots=True)
class Omgeving:
    """The settings of this installation.

    ``data`` is the folder of everything this machine keeps; ``opslag`` the root URL of the file store
    (``file:///…`` or ``s3://verbinding@bucket/map``); ``genoemde_database`` the SQLAlchemy URL of our database,
    where one is named; ``portaal`` the public address of the portal, if there is one.
    """

    soort: Soort
    data: Path
    opslag: str
    genoemde_database: str | None
    portaal: str | None = None

    @property
    def is_productie(self) -> bool:
        """Whether real citizens are behind the data."""
        return self.soort is Soort.PRODUCTIE

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of our database; SQLite under ``data`` when none is named.

        Raises:
            InstallatieFout: production must name one. Else a command started without its secrets would work on
                an empty database of its own, and say that all is well.
        """
        if self.genoemde_database:
            return self.genoemde_database
        if self.is_productie:
            raise InstallatieFout(
                "BIDN_OMGEVING is productie, and no database is named: set BIDN_DATABASE_URL. In a container start the "
                "command through /entrypoint, which gives it the mounted secrets (docs/deployment.md)"
            )
        return f"sqlite:///{self.data / 'bidn.sqlite'}"


def omgeving() -> Omgeving:
    """The settings in force: BIDN_OMGEVING, BIDN_DATA, BIDN_OPSLAG, BIDN_DATABASE_URL, each with a default.

    BIDN_POSTGRES names a server on which our database is ``bidn``, unless BIDN_DATABASE_URL says otherwise.

    Without any of them: ontwikkeling, with SQLite and files under ``data/`` in the project. Raises
    InstallatieFout for an unknown BIDN_OMGEVING: a typo must not turn production into development.
    """
    keuze = os.environ.get("BIDN_OMGEVING") or Soort.ONTWIKKELING
    try:
        soort = Soort(keuze)
    except ValueError:
        soorten = ", ".join(Soort)
        raise InstallatieFout(f"BIDN_OMGEVING is '{keuze}'; set it to one of: {soorten}") from None
    postgres = os.environ.get("BIDN_POSTGRES")
    data = Path(os.environ.get("BIDN_DATA") or PROJECT / "data").expanduser().absolute()
    return Omgeving(
        soort=soort,
        data=data,
        opslag=os.environ.get("BIDN_OPSLAG") or (data / "opslag").as_uri(),
        genoemde_database=os.environ.get("BIDN_DATABASE_URL")
        or (database_op(postgres, "bidn") if postgres else None),
        portaal=(os.environ.get("BIDN_PORTAAL_URL") or "").rstrip("/") or None,
    )


def geheel_getal(naam: str, standaard: int) -> int:
    """The setting ``naam``, a whole number from 0 up. Raises InstallatieFout when it is anything else."""
    gezet = os.environ.get(naam) or str(standaard)
    if not gezet.isdecimal():
        raise InstallatieFout(f"{naam} is '{gezet}'; set it to a whole number")
    return int(gezet)


def logboek_maanden() -> int:
    """How long the logboek is kept, in months: BIDN_LOGBOEK_MAANDEN, 18 by default (besluit B55a).

    Raises InstallatieFout for anything but a whole number from 6 to 84.
    """
    gezet = os.environ.get("BIDN_LOGBOEK_MAANDEN") or "18"
    if not gezet.isascii() or not gezet.isdecimal() or not 6 <= int(gezet) <= 84:
        raise InstallatieFout(
            f"BIDN_LOGBOEK_MAANDEN is '{gezet}'; set it to a whole number of months from 6 to 84 (besluit B55a)"
        )
    return int(gezet)


def database_op(server: str, naam: str) -> str:
    """SQLAlchemy's URL of database ``naam`` on ``server``, written ``postgresql://role:password@host:port``."""
    return urlsplit(server)._replace(scheme="postgresql+psycopg", path=f"/{naam}").geturl()


def lees_env_bestand(pad: Path = PROJECT / ".env") -> dict[str, str]:
    """The ``NAME=value`` lines of a developer's settings file; empty when there is none.

    Raises InstallatieFout, with its number, for a line that is neither that, nor a comment, nor empty.
    """
    if not pad.is_file():
        return {}
    gezet = {}
    for nummer, regel in enumerate(pad.read_text(encoding="utf-8").splitlines(), start=1):
        tekst = regel.strip()
        if not tekst or tekst.startswith("#"):
            continue
        naam, teken, waarde = tekst.partition("=")
        if not teken or not naam.strip().isidentifier():
            raise InstallatieFout(f"{pad.name}, line {nummer} is not NAME=value.")
        gezet[naam.strip()] = waarde.strip().strip("'\"")
    return gezet


def neem_env_bestand_over(pad: Path = PROJECT / ".env") -> None:
    """Add to the environment what `.env` sets and the environment does not: for commands run by hand."""
    for naam, waarde in lees_env_bestand(pad).items():
        os.environ.setdefault(naam, waarde)
