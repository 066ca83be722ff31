"""Who lives in the tests of faults: the world of tests/dags/wereld.py, with something to fetch at every source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from tests.dags.wereld import ARM, BIJSTAND, KIND, ONBEKEND, POPULATIE, RIJK

VRAAGBESTAND_ALFA = "".join(f"0014;J;;{bsn};;;;;;\r\n" for bsn in (RIJK, ARM, BIJSTAND, "123456789"))
"""Three households that every source is asked about, and a row that is rejected."""

OUDE_LEVERING, NIEUWE_LEVERING = "avd_2026_01", "avd_2026_02"
_KOP = "BSN;Gemeentecode\r\n"
LEVERINGEN = {
    OUDE_LEVERING: f"{_KOP}{RIJK};0014\r\n{ARM};0687\r\n",
    # Two for Alfa, one for each of two gemeenten of Beta, one held back, one rejected.
    NIEUWE_LEVERING: f"{_KOP}{RIJK};0014\r\n{ARM};0014\r\n{BIJSTAND};0687\r\n{KIND};0718\r\n"
    f"{ONBEKEND};0193\r\n123456789;0014\r\n",
}

_REKENING = {"rente": 1_200, "bank": "Bank", "product": "Sparen", "tenaamstelling": "T"}
_VOERTUIG = {
    "voertuigsoort": "Personenauto", "merk": "VOLKSWAGEN", "handelsbenaming": "GOLF", "massaLedigVoertuig": 1205,
    "brandstofsoorten": ["Benzine"], "inrichting": "hatchback", "bijzonderheden": [], "status": "normaal",
    "datumEersteToelating": "2022-04-01", "datumAanvangAansprakelijkheid": "2023-01-01",
    "datumEindeAansprakelijkheid": None,
}  # fmt: skip


def schrijf(map_: Path) -> None:
    """Write the population of the mock sources; the new levering is announced by ``kondig_aan``."""
    bronnen = POPULATIE | {
        "belastingdienst": [
            {
                "burgerservicenummer": bsn,
                "verificatie": "geslaagd",
                "rekeningen": {
                    "2025": [_REKENING | {"saldo": saldo, "rekeningnummer": f"NL00TEST{saldo:010d}"}]
                },
                "heffingskortingen": {"2025": [{"code": "AHK", "bedrag": 311_500}]},
            }
            for bsn, saldo in ((RIJK, 9_000_000), (ARM, 120_000))
        ],
        "rdw": [{"burgerservicenummer": RIJK, "voertuigen": [_VOERTUIG | {"kenteken": "X001XX"}]}],
    }
    for bron, regels in bronnen.items():
        tekst = "".join(json.dumps(regel) + "\n" for regel in regels)
        (map_ / f"{bron}.jsonl").write_text(tekst, encoding="utf-8")
    (map_ / "alleenverdieners").mkdir()
    kondig_aan(map_, [OUDE_LEVERING])


def kondig_aan(map_: Path, namen: Iterable[str]) -> None:
    """Let the Belastingdienst announce these leveringen."""
    aangekondigd = []
    for naam in namen:
        inhoud = LEVERINGEN[naam].encode()
        (map_ / "alleenverdieners" / f"{naam}.csv").write_bytes(inhoud)
        feiten = {"levering": naam, "lijstjaar": 2026, "aangemaakt": "2026-03-02"}
        aantal = inhoud.count(b"\n") - 1
        aangekondigd.append(feiten | {"aantal": aantal, "sha256": hashlib.sha256(inhoud).hexdigest()})
    (map_ / "alleenverdieners" / "leveringen.json").write_text(json.dumps({"leveringen": aangekondigd}))
