"""The organisations that deliver, the gemeenten they serve and who manages the product there.

Gemeentecodes and the first gemeenschappelijke regelingen are real, so that besluit B12 holds; what they are
said to have chosen, registered or delivered is invented, and so are the productbeheerders.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.errors import InstallatieFout
from include.mock_sources.genereren.namen import BEHEERDERS

GEMEENTEN = Path(__file__).resolve().parents[2] / "normen" / "gemeenten.csv"
_REGELINGEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Orionis Walcheren", ("0687", "0717", "0718")),
    ("ISD Brabantse Wal", ("0748", "0851", "0873")),
    ("ISD Bollenstreek", ("0534", "0553", "0575", "1525")),
    (
        "Regionale Dienst Werk en Inkomen Kromme Rijn Heuvelrug",
        ("0310", "0312", "1581", "0352", "0355"),
    ),
    ("Werkplein Hart van West-Brabant", ("0777", "1655", "1709", "1674", "0840", "0879")),
)
_DEMO: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Groningen", ("0014",)),
    _REGELINGEN[0],
    ("Zwolle", ("0193",)),
)
_ELKE_ZOVEELSTE = 6  # of the organisations after the first three, one in six is a gemeenschappelijke regeling


@dataclass(frozen=True, slots=True)
class Gemeente:
    """A line of the gemeenten table; ``einde`` is the first day no longer valid, empty for an active one."""

    code: str
    naam: str
    einde: str
    nieuwe_code: str


@dataclass(frozen=True, slots=True)
class MockOrganisatie:
    """One organisation that delivers; ``nummer`` counts from 0."""

    nummer: int
    naam: str
    gemeentecodes: tuple[str, ...]

    @property
    def bestandsnaam(self) -> str:
        """Its vraagbestand within the population directory."""
        return f"vraagbestanden/{self.naam}.csv"

    @property
    def kortenaam(self) -> str:
        """Its name in an address: lower case letters, digits and hyphens."""
        kaal = unicodedata.normalize("NFKD", self.naam).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", kaal.lower()).strip("-")


def gemeenten(peildatum: dt.date | None = None) -> list[Gemeente]:
    """All gemeenten of the table, or those active on a day. Raises InstallatieFout without the table."""
    try:
        with GEMEENTEN.open(encoding="utf-8-sig", newline="") as stroom:
            alle = [
                Gemeente(rij["gemeentecode"], rij["naam"], rij["einde"], rij["nieuwe_code"])
                for rij in csv.DictReader(stroom, delimiter=";")
            ]
    except OSError:
        raise InstallatieFout("include/normen/gemeenten.csv cannot be read") from None
    if peildatum is None:
        return alle
    return [gemeente for gemeente in alle if not gemeente.einde or gemeente.einde > peildatum.isoformat()]


def kies(aantal: int, peildatum: dt.date) -> list[MockOrganisatie]:
    """The first ``aantal`` organisations: three to show, then regelingen and gemeenten in turn.

    After the five real regelingen of the domain table, a regeling is invented of three gemeenten. Raises
    InstallatieFout when there are not that many gemeenten.
    """
    gekozen = list(_DEMO[:aantal])
    vergeven = {code for _, codes in (*_DEMO, *_REGELINGEN) for code in codes}
    vrij = [gemeente for gemeente in gemeenten(peildatum) if gemeente.code not in vergeven]
    regelingen = list(_REGELINGEN[1:])
    while len(gekozen) < aantal:
        if len(gekozen) % _ELKE_ZOVEELSTE == 3 and regelingen:
            gekozen.append(regelingen.pop(0))
        elif len(gekozen) % _ELKE_ZOVEELSTE == 3 and len(vrij) >= 3:
            drie, vrij = vrij[:3], vrij[3:]
            gekozen.append((f"Regiodienst {drie[0].naam}", tuple(gemeente.code for gemeente in drie)))
        elif vrij:
            gemeente = vrij.pop(0)
            gekozen.append((gemeente.naam, (gemeente.code,)))
        else:
            raise InstallatieFout(
                f"only {len(gekozen)} organisations can be made of the gemeenten that exist"
            )
    return [MockOrganisatie(nummer, naam, codes) for nummer, (naam, codes) in enumerate(gekozen)]


def beschrijving(organisatie: MockOrganisatie, sinds: dt.date) -> dict[str, Any]:
    """What is registered of an organisation: the shape of one entry of ``organisaties.yaml``.

    One productbeheerder in three wants no mail, one organisation in four (the third first) is not registered
    for Alleenverdieners, and the instellingen differ. Both productbeheerders manage every product in use; the
    gebruikersbeheerder signed the registrations.
    """
    k = organisatie.nummer
    *beheerders, tekenaar = (BEHEERDERS[(2 * k + j) % len(BEHEERDERS)] for j in range(3))
    producten = ["bijzondere-bijstand"] if k % 4 == 2 else ["bijzondere-bijstand", "alleenverdieners"]
    return {
        "naam": organisatie.naam,
        "gemeentecodes": list(organisatie.gemeentecodes),
        "vraagbestand": organisatie.bestandsnaam,
        "productbeheerders": [
            {
                "naam": naam,
                "email": _adres(naam, organisatie),
                "product": product,
                "notificaties": (2 * k + j) % 3 != 1,
            }
            for j, naam in enumerate(beheerders)
            for product in producten
        ],
        "gebruikersbeheerders": [{"naam": tekenaar, "email": _adres(tekenaar, organisatie)}],
        "instellingen": {
            "vermogen": k % 5 != 4,
            "voertuigen": k % 3 != 2,
            "normpercentage": (120, 110, 130)[k % 3],
        },
        "aanmeldingen": [
            {
                "product": product,
                "ingang": sinds.isoformat(),
                "einde": None,
                "kenmerk": f"MF-{sinds.year}-{k + 1:04d}-{nummer}",
                "getekend_door": tekenaar,
            }
            for nummer, product in enumerate(producten, 1)
        ],
    }


def _adres(naam: str, organisatie: MockOrganisatie) -> str:
    kaal = unicodedata.normalize("NFKD", naam.replace("ı", "i")).encode("ascii", "ignore").decode()
    return f"{re.sub(r'[^a-z]+', '.', kaal.lower()).strip('.')}@{organisatie.kortenaam}.test"


class _Yaml(yaml.SafeDumper):
    """Quotes what is all digits: a gemeentecode is no number, whatever a reader's YAML version thinks."""


def _tekst(schrijver: _Yaml, waarde: str) -> yaml.ScalarNode:
    stijl = "'" if waarde.isdigit() else None
    return schrijver.represent_scalar("tag:yaml.org,2002:str", waarde, style=stijl)


_Yaml.add_representer(str, _tekst)


def als_yaml(organisaties: list[MockOrganisatie], sinds: dt.date) -> str:
    """The text of ``organisaties.yaml``."""
    inhoud = {"organisaties": [beschrijving(organisatie, sinds) for organisatie in organisaties]}
    return yaml.dump(inhoud, Dumper=_Yaml, sort_keys=False, allow_unicode=True, width=110)
