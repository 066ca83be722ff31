"""``toets``: one vraagbestand through the same code as the DAG (contracten §3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.commands.toets import lees_gemeentecodes
from include.rapportage.controle import controleer
from include.rapportage.detail_lezen import valideer
from tests.commands.hulp import eis_een_regel, eis_niemand
from tests.dags.wereld import ALFA, ARM, RIJK, VRAAGBESTANDEN
from tests.harness import take_until
from tests.plugins.postserver import vrije_poort
from tests.steps.hulp import inhoud, versies, verwerking_van

RAPPORTEN, VERSLAG = ["detail.xml", "overzicht.csv"], ["verwerkingsverslag.csv", "verwerkingsverslag.json"]
AFGEKEURD = "0014;J;;123456789;;;;;;\r\n"


@pytest.fixture
def toets(
    bidn: Callable[..., Any], tmp_path: Path, bronnen: SimpleNamespace
) -> Callable[..., tuple[Any, Path]]:
    """Run ``toets`` on Alfa's vraagbestand, with other options where given; return the result and the folder."""
    vraagbestand = tmp_path / "alfa.csv"
    vraagbestand.write_bytes(VRAAGBESTANDEN[ALFA].encode())
    gewoon = {
        "ronde": "2026-10",
        "organisatie": ALFA,
        "gemeentecodes": "0014",
        "vraagbestand": vraagbestand,
        "bronnen": bronnen.url,
        "rapportagedatum": "2026-11-05",
        "uit": tmp_path / "uit",
    }

    def draai(*vlaggen: str, **anders: Any) -> tuple[Any, Path]:
        opties = gewoon | anders
        paren = [deel for naam, waarde in opties.items() for deel in (f"--{naam}", waarde)]
        return bidn("toets", *paren, *vlaggen), Path(opties["uit"])

    return draai


def _bestanden(folder: Path) -> dict[str, bytes]:
    return {pad.name: pad.read_bytes() for pad in sorted(folder.iterdir())}


def test_writes_four_files_and_says_what_came_of_it(toets: Callable[..., Any]) -> None:
    resultaat, uit = toets()
    assert resultaat.exit_code == 0, resultaat.output
    assert resultaat.stdout.splitlines() == [
        f"{ALFA}, ronde 2026-10: deels incorrect; 3 rijen gelezen, 2 getoetst, 1 afgekeurd. Zie {uit}."
    ]
    assert resultaat.stderr == ""
    bestanden = _bestanden(uit)
    assert list(bestanden) == [*RAPPORTEN, *VERSLAG]
    assert [regel.split(b";")[2] for regel in bestanden["overzicht.csv"].splitlines()[1:]] == [
        RIJK.encode(),
        ARM.encode(),
    ]
    with (uit / "detail.xml").open("rb") as detail:
        assert valideer(detail) == 2
    assert len(bestanden["verwerkingsverslag.csv"].splitlines()) == 2
    samenvatting = json.loads(bestanden["verwerkingsverslag.json"])
    assert (samenvatting["status"], samenvatting["rijen_geaccepteerd"]) == ("deels incorrect", 2)


def test_twice_gives_the_same_bytes(toets: Callable[..., Any], tmp_path: Path) -> None:
    opties = ("--vermogen", "--voertuigen", "--percentage", "110")
    eerst = _bestanden(toets(*opties)[1])
    assert _bestanden(toets(*opties)[1]) == eerst
    assert _bestanden(toets(*opties, uit=tmp_path / "elders")[1]) == eerst


def test_gives_what_the_dag_gives(
    toets: Callable[..., Any], ingericht: Any, bronnen: SimpleNamespace
) -> None:
    """But for who else delivered an aanvrager (besluit B52), which one vraagbestand cannot tell."""
    take_until(ingericht, verwerking_van(ingericht, ALFA), bronnen.url)
    [publicatie] = versies(ingericht, ALFA)
    _, uit = toets(ontvangen="2026-10-12")
    assert (uit / "overzicht.csv").read_bytes() == inhoud(ingericht, publicatie, "overzicht")
    detail = (uit / "detail.xml").read_text().replace("alfa.csv", "vraag.csv")
    van_dag = inhoud(ingericht, publicatie, "detail").decode()
    zonder = [regel for regel in van_dag.split(">") if "BSNTevensAangeleverd" not in regel]
    assert [regel.strip() for regel in detail.split(">")] == [regel.strip() for regel in zonder]


def test_an_afgekeurd_file_leaves_only_its_verslag(toets: Callable[..., Any], tmp_path: Path) -> None:
    _, uit = toets()
    slecht = tmp_path / "slecht.csv"
    for tekst in (AFGEKEURD, "", "geen\x00tekst", "a;b\r\n"):
        slecht.write_text(tekst)
        resultaat, _ = toets(vraagbestand=slecht)
        assert resultaat.exit_code == 0
        assert "afgekeurd;" in resultaat.stdout
        assert list(_bestanden(uit)) == VERSLAG  # the reports of the earlier run are gone
    assert json.loads((uit / VERSLAG[1]).read_bytes())["status"] == "afgekeurd"


@pytest.mark.parametrize(
    ("anders", "woorden"),
    [
        (
            {"vraagbestand": "nergens/vraag.csv"},
            r"^BestandFout: nergens/vraag\.csv cannot be read: No such file",
        ),
        ({"vraagbestand": "."}, r"cannot be read: Is a directory"),
        ({"ronde": "2026-13"}, r"^RondeFout: '2026-13' is not a ronde: write it as JJJJ-MM"),
        ({"ronde": "oktober"}, r"^RondeFout: 'oktober' is not a ronde"),
        ({"ronde": "2026-11"}, r"^RondeFout: ronde 2026-11 cannot run yet: .* begins on 2026-12-01"),
        ({"ronde": "2020-05"}, r"^NormFout: .*2020-05-26.*\.(csv|yaml)"),
        ({"organisatie": " "}, r"^GegevensFout: --organisatie is empty"),
        ({"gemeentecodes": ""}, r"^GegevensFout: gemeentecodes must be numbers of at most 4 digits"),
        ({"gemeentecodes": "0014,Utrecht"}, r"^GegevensFout: gemeentecodes must be numbers"),
        ({"bronnen": "127.0.0.1:8500"}, r"^InstallatieFout: Source brp: its address is not of the form"),
        ({"bronnen": "nergens"}, r"^InstallatieFout: Source brp: its address"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    toets: Callable[..., Any], anders: dict[str, str], woorden: str
) -> None:
    resultaat, uit = toets(**anders)
    eis_een_regel(resultaat, woorden)
    assert not uit.exists() or list(_bestanden(uit)) == VERSLAG


def test_a_source_that_is_not_there(toets: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from include.bronnen import client

    monkeypatch.setattr(client, "Grenzen", lambda: replace(client_grenzen(), wachten=0.0))
    _, uit = toets()
    resultaat, _ = toets(bronnen=f"http://127.0.0.1:{vrije_poort()}")
    eis_een_regel(
        resultaat,
        rf"^BronFout: organisation {ALFA}, ronde 2026-10: source brp, .* no connection \(Conn.*\) after 4",
    )
    assert list(_bestanden(uit)) == VERSLAG


def client_grenzen() -> Any:
    from include.bronnen.traffic import Grenzen

    return Grenzen()


@pytest.mark.parametrize("bron", ["brp", "bijstand", "uwv", "belastingdienst", "rdw"])
def test_a_source_that_refuses(toets: Callable[..., Any], bronnen: SimpleNamespace, bron: str) -> None:
    bronnen.beheer.storing(bron, 403)
    resultaat, uit = toets("--voertuigen")
    eis_een_regel(
        resultaat, rf"^BronWeigering: organisation {ALFA}, ronde 2026-10: source {bron}, .* HTTP 403"
    )
    assert list(_bestanden(uit)) == VERSLAG


def test_a_folder_that_cannot_be_made(toets: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("")
    eis_een_regel(toets(uit=tmp_path / "bestand")[0], r"bestand cannot be read or written: File exists")
    eis_een_regel(toets(uit=tmp_path / "bestand" / "uit")[0], r"cannot be read or written: Not a directory")


def test_reports_that_contradict_each_other_are_not_left_behind(
    toets: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "include.steps.rapporten.controleer",
        lambda overzicht, detail, aantal: controleer(overzicht, detail, aantal + 1),
    )
    resultaat, uit = toets()
    eis_een_regel(resultaat, r"^ControleFout: 3 rows were accepted, but 2 are reported")
    assert list(_bestanden(uit)) == VERSLAG


@pytest.mark.parametrize(
    ("optie", "waarde"), [("percentage", "99"), ("percentage", "151"), ("rapportagedatum", "5 november")]
)
def test_an_option_out_of_range_is_a_matter_of_usage(
    toets: Callable[..., Any], optie: str, waarde: str
) -> None:
    resultaat, uit = toets(**{optie: waarde})
    assert resultaat.exit_code == 2
    assert f"--{optie}" in resultaat.output
    assert not uit.exists()


def test_the_settings_reach_the_sources(toets: Callable[..., Any], bronnen: SimpleNamespace) -> None:
    toets()
    assert bronnen.beheer.bevraagd("rdw") == bronnen.beheer.bevraagd("belastingdienst", "vermogens") == []
    toets("--vermogen", "--voertuigen")
    assert bronnen.beheer.bevraagd("rdw") != []
    assert bronnen.beheer.bevraagd("belastingdienst", "vermogens") != []


def test_a_long_path_stays_on_one_line(toets: Callable[..., Any], tmp_path: Path) -> None:
    resultaat, uit = toets(uit=tmp_path / ("lang" * 30) / ("pad" * 30))
    assert str(uit) in resultaat.stdout


def test_it_names_nobody(toets: Callable[..., Any]) -> None:
    resultaat, uit = toets()
    eis_niemand(resultaat.output)
    eis_niemand((uit / "verwerkingsverslag.json").read_text())


@pytest.mark.parametrize(
    ("tekst", "codes"),
    [("0014", {"0014"}), ("14,34", {"0014", "0034"}), (" 0014 , ,0034,", {"0014", "0034"})],
)
def test_gemeentecodes_as_typed(tekst: str, codes: set[str]) -> None:
    assert lees_gemeentecodes(tekst) == codes
