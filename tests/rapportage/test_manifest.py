from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

import pytest

from include.errors import ControleFout
from include.rapportage.controle import Totalen
from include.rapportage.manifest import Bestand, Manifest, Momentopname

MANIFEST = Manifest(
    product="bijzondere-bijstand",
    organisatie="Gemeente Fryslân",
    periode="2026-09",
    rapportagedatum=date(2026, 10, 5),
    codeversie="1.4.0",
    levering=Bestand("vraagbestand.csv", "aa" * 32, 12),
    normen_sha256="bb" * 32,
    instellingen_versie="3",
    bronnen=(Momentopname("brp", 10, 10, 34, "cc" * 32), Momentopname("uwv", 14, 14, 20, "dd" * 32)),
    regels_in=12,
    regels_uit={"gerapporteerd": 10, "afgekeurd": 2},
    totalen=asdict(Totalen()),
)


def test_it_is_plain_values_for_json() -> None:
    feiten = MANIFEST.als_dict()
    assert feiten["organisatie"] == "Gemeente Fryslân"
    assert feiten["rapportagedatum"] == "2026-10-05"
    assert feiten["bronnen"][1] == {
        "bron": "uwv",
        "gevraagd": 14,
        "beantwoord": 14,
        "rijen": 20,
        "sha256": "dd" * 32,
    }
    assert feiten["totalen"]["bedragen"]["Toetsbedrag"] == 0


@pytest.mark.parametrize(
    ("anders", "melding"),
    [
        (
            {"bronnen": (Momentopname("rdw", 14, 13, 0, ""),)},
            "Gemeente Fryslân, 2026-09: rdw was asked 14 BSNs and answered 13; nothing was published.",
        ),
        (
            {"regels_uit": {"gerapporteerd": 10, "afgekeurd": 1}},
            (
                "Gemeente Fryslân, 2026-09: 12 rows came in, but they went: afgekeurd 1, gerapporteerd 10; "
                "nothing was published."
            ),
        ),
    ],
)
def test_refuses_what_does_not_add_up(anders: dict[str, object], melding: str) -> None:
    with pytest.raises(ControleFout) as fout:
        replace(MANIFEST, **anders).als_dict()
    assert str(fout.value) == melding
