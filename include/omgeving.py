"""Where this installation keeps its things: the one place that reads paths and URLs from the environment.

Read at every call, so that a test or a task that sets a variable gets what it set. The product's own
settings of an organisation (vermogen, voertuigen, percentage) are something else: ``opslag.organisaties``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from include.fouten import InstallatieFout

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
    (``file:///…`` or ``s3://verbinding@bucket/map``); ``database_url`` the SQLAlchemy URL of our database.
    """

    soort: Soort
    data: Path
    opslag: str
    database_url: str

    @property
    def is_productie(self) -> bool:
        """Whether real citizens are behind the data."""
        return self.soort is Soort.PRODUCTIE


def omgeving() -> Omgeving:
    """The settings in force: BIDN_OMGEVING, BIDN_DATA, BIDN_OPSLAG, BIDN_DATABASE_URL, each with a default.

    Without any of them: ontwikkeling, with SQLite and files under ``data/`` in the project. Raises
    InstallatieFout for an unknown BIDN_OMGEVING: a typo must not turn production into development.
    """
    keuze = os.environ.get("BIDN_OMGEVING") or Soort.ONTWIKKELING
    try:
        soort = Soort(keuze)
    except ValueError:
        soorten = ", ".join(Soort)
        raise InstallatieFout(f"BIDN_OMGEVING is '{keuze}'; set it to one of: {soorten}") from None
    data = Path(os.environ.get("BIDN_DATA") or PROJECT / "data").expanduser().absolute()
    return Omgeving(
        soort=soort,
        data=data,
        opslag=os.environ.get("BIDN_OPSLAG") or (data / "opslag").as_uri(),
        database_url=os.environ.get("BIDN_DATABASE_URL") or f"sqlite:///{data / 'bidn.sqlite'}",
    )
