from __future__ import annotations

from include.opslag.publicaties import TePubliceren, publiceer


def test_rook(database, bestanden, organisatie, levering, nu):
    p, nieuw = publiceer(
        database,
        bestanden,
        organisatie=organisatie,
        levering=levering,
        ronde="2026-09",
        uitvoer=[TePubliceren("overzicht", "overzicht.csv", b"abc", 1)],
        manifest={"a": 1},
        verwerking="run-1/1",
        nu=nu,
    )
    assert nieuw
    assert p.versie == 1
    assert p.organisatie.naam
    assert len(p.bestanden) == 2
