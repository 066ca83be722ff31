"""Hand-written population lines, and a caller that sends what the contract asks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx

from include.mock_sources import Beheer

KOP = {
    "Authorization": "Bearer proef",
    "X-Request-ID": "verzoek-1",
    "X-Doelbinding": "bijzondere-bijstand",
}

AUTO: dict[str, Any] = {
    "kenteken": "X999XX",
    "voertuigsoort": "Personenauto",
    "merk": "VOLKSWAGEN",
    "handelsbenaming": "GOLF",
    "massaLedigVoertuig": 1205,
    "brandstofsoorten": ["Benzine"],
    "inrichting": "hatchback",
    "bijzonderheden": [],
    "status": "normaal",
    "datumEersteToelating": "2012-04-01",
    "datumAanvangAansprakelijkheid": "2020-01-01",
    "datumEindeAansprakelijkheid": None,
}
"""A complete vehicle of a line of rdw.jsonl."""


def persoon(bsn: str, *, adres: str | None = "0014010000000001", **anders: Any) -> dict[str, Any]:
    """A complete line of brp.jsonl; ``adres=None`` is a person without a Dutch address."""
    verblijfplaats = adres and {
        "adresseerbaarObjectIdentificatie": adres,
        "functieAdres": {"code": "W"},
        "datumVan": "2015-06-01",
        "inOnderzoek": False,
    }
    return {
        "burgerservicenummer": bsn,
        "naam": {"voorvoegsel": "van der", "geslachtsnaam": "Meer"},
        "geboorte": {"datum": "1980-03-17"},
        "verblijfplaats": verblijfplaats,
        "partners": [],
        "kinderen": [],
        "ouders": [],
        "opschortingBijhouding": None,
        **anders,
    }


def schrijf(map_: Path, **bestanden: list[dict[str, Any]]) -> Path:
    """Write population files, by name without extension."""
    for naam, regels in bestanden.items():
        tekst = "".join(json.dumps(regel, ensure_ascii=False) + "\n" for regel in regels)
        (map_ / f"{naam}.jsonl").write_text(tekst, encoding="utf-8")
    return map_


def leg_levering_neer(map_: Path, *rijen: str, naam: str = "avd_2026_01") -> tuple[dict[str, Any], bytes]:
    """Announce one levering of Alleenverdieners with these rows; return its announcement and its bytes."""
    inhoud = "".join(f"{regel}\r\n" for regel in ("BSN;Gemeentecode", *rijen)).encode()
    aankondiging = {
        "levering": naam,
        "lijstjaar": 2026,
        "aangemaakt": "2026-03-02",
        "aantal": len(rijen),
        "sha256": hashlib.sha256(inhoud).hexdigest(),
    }
    folder = map_ / "alleenverdieners"
    folder.mkdir(exist_ok=True)
    (folder / f"{naam}.csv").write_bytes(inhoud)
    (folder / "leveringen.json").write_text(json.dumps({"leveringen": [aankondiging]}))
    return aankondiging, inhoud


class Bronnen:
    """The running sources, spoken to as a caller with the right headers."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.client = httpx.Client(base_url=base_url, headers=KOP, timeout=5)
        self.beheer = Beheer(base_url)

    def sluit(self) -> None:
        self.client.close()
        self.beheer.sluit()

    def vraag(self, pad: str, bsns: list[str], **velden: Any) -> httpx.Response:
        return self.client.post(pad, json={"burgerservicenummers": bsns, **velden})

    def antwoorden(self, pad: str, bsns: list[str], **velden: Any) -> dict[str, dict[str, Any]]:
        """The entries by BSN; fails when the answer is not 200 or repeats a BSN."""
        antwoord = self.vraag(pad, bsns, **velden)
        assert antwoord.status_code == 200, antwoord.text
        regels = antwoord.json()["antwoorden"]
        op_bsn = {regel["burgerservicenummer"]: regel for regel in regels}
        assert len(op_bsn) == len(regels)
        return op_bsn
