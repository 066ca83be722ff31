"""The look of the portal: what we ship is what we fetched, every token exists, and every colour can be read."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tools.huisstijl import DERDEN, snoei_letter, snoei_tokens

PORTAAL = Path("include/portaal").absolute()
STATIC = PORTAAL / "static"
SJABLONEN = [PORTAAL / "templates" / naam for naam in ("base.html", "componenten.html")]
BLADEN = sorted(STATIC.rglob("*.css"))
STIJLEN = "".join(re.sub(r"/\*.*?\*/", "", blad.read_text(), flags=re.DOTALL) for blad in BLADEN)


def test_every_token_that_is_used_exists():
    gedefinieerd = set(re.findall(r"(--[\w-]+)\s*:", STIJLEN))
    zonder_terugval = set(re.findall(r"var\(\s*(--[\w-]+)\s*\)", STIJLEN))
    assert len(zonder_terugval) > 500
    assert not zonder_terugval - gedefinieerd


def test_every_third_party_file_stands_in_the_list_with_its_hash_and_its_licence():
    herkomst = json.loads((DERDEN / "HERKOMST.json").read_text())
    gevonden = {
        pad.relative_to(DERDEN).as_posix(): "sha512-"
        + base64.b64encode(hashlib.sha512(pad.read_bytes()).digest()).decode()
        for pad in DERDEN.rglob("*")
        if pad.is_file() and pad.name != "HERKOMST.json"
    }
    assert herkomst["bestanden"] == gevonden
    genoemd = {
        naam for pakket in herkomst["pakketten"] for naam in [*pakket["bestanden"], pakket["licentietekst"]]
    }
    assert genoemd == gevonden.keys()
    assert {pakket["licentie"] for pakket in herkomst["pakketten"]} == {"EUPL-1.2", "OFL-1.1"}
    eigenaars = {pakket["pakket"].split("/")[0] for pakket in herkomst["pakketten"]}
    assert eigenaars == {
        "@utrecht",
        "@nl-design-system-candidate",
        "@nl-design-system-unstable",
        "@fontsource-variable",
    }
    tokens = [p["pakket"] for p in herkomst["pakketten"] if "design-tokens" in p["pakket"]]
    assert tokens == ["@nl-design-system-unstable/voorbeeld-design-tokens"]  # no proprietary ones


def test_nothing_comes_from_elsewhere_and_no_style_or_script_stands_in_a_page():
    for blad in BLADEN:
        for adres in re.findall(r"url\(\s*['\"]?([^'\")]+)", blad.read_text()):
            assert (blad.parent / adres).is_file(), f"{blad.name}: {adres}"
    assert "@import" not in STIJLEN
    for sjabloon in SJABLONEN:
        tekst = sjabloon.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?! src=)|https?://", tekst), sjabloon.name


@pytest.mark.parametrize("sjabloon", SJABLONEN, ids=lambda pad: pad.name)
def test_every_class_of_a_template_has_a_style(sjabloon):
    bekend = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", STIJLEN))
    tekst = re.sub(r"{#.*?#}", "", sjabloon.read_text(), flags=re.DOTALL)
    namen = re.findall(r"(?<![\w/-])(?:utrecht|nl|bidn)-[\w-]+", tekst)
    klassen = {naam for naam in namen if not naam.endswith("-")}  # what ends in - is finished by a kind
    assert len(klassen) > 15
    assert sorted(klassen - bekend) == []


def _tokens(deel: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", deel))


def _helderheid(kleur: str) -> float:
    """Relative luminance of WCAG 2.2 of a colour #rgb or #rrggbb."""
    cijfers = kleur.lstrip("#")
    cijfers = "".join(2 * c for c in cijfers) if len(cijfers) == 3 else cijfers
    delen = [int(cijfers[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    rood, groen, blauw = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in delen)
    return 0.2126 * rood + 0.7152 * groen + 0.0722 * blauw


def _contrast(een: str, ander: str) -> float:
    licht, donker = sorted((_helderheid(een), _helderheid(ander)), reverse=True)
    return (licht + 0.05) / (donker + 0.05)


def test_contrast_is_counted_as_wcag_counts_it():
    assert _contrast("#fff", "#000000") == pytest.approx(21)
    assert _contrast("#777", "#fff") == pytest.approx(4.48, abs=0.005)  # the best known grey that just fails


BASIS = "--basis-color-"
PAREN = [
    # text (or what must be told apart), what it stands on, how much at least
    *(
        (f"{BASIS}default-color-{tekst}", f"{BASIS}default-bg-{vlak}", 4.5)
        for tekst in ("document", "default", "subtle")
        for vlak in ("document", "subtle", "default")
    ),
    *(
        (f"{BASIS}action-2-color-default", f"{BASIS}{vlak}", 4.5)
        for vlak in ("default-bg-document", "default-bg-subtle", "accent-1-bg-default", "action-1-bg-hover")
    ),
    *(
        (f"{BASIS}{soort}-color-{tekst}", f"{BASIS}{soort}-bg-default", 4.5)
        for soort in ("positive", "negative", "warning", "info")
        for tekst in ("default", "document")
    ),
    (f"{BASIS}negative-color-default", f"{BASIS}default-bg-document", 4.5),
    (f"{BASIS}action-1-inverse-color-default", f"{BASIS}action-1-inverse-bg-default", 4.5),
    (f"{BASIS}action-1-inverse-color-hover", f"{BASIS}action-1-inverse-bg-hover", 4.5),
    (f"{BASIS}action-1-color-default", f"{BASIS}default-bg-document", 4.5),
    (f"{BASIS}action-1-color-hover", f"{BASIS}action-1-bg-hover", 4.5),
    (f"{BASIS}accent-1-color-hover", f"{BASIS}accent-1-bg-default", 4.5),
    (f"{BASIS}negative-inverse-color-default", f"{BASIS}negative-inverse-bg-default", 4.5),
    ("--bidn-kop-tekst", "--bidn-kop-vlak", 4.5),
    ("--bidn-kop-accent", "--bidn-kop-vlak", 4.5),
    ("--basis-focus-color", "--basis-focus-background-color", 4.5),
    ("--bidn-focus-rand", f"{BASIS}default-bg-document", 3),
    (f"{BASIS}default-border-default", f"{BASIS}default-bg-document", 3),
    (f"{BASIS}default-border-default", f"{BASIS}default-bg-subtle", 3),
    (f"{BASIS}action-1-border-default", f"{BASIS}default-bg-document", 3),
    (f"{BASIS}accent-1-border-default", f"{BASIS}default-bg-active", 3),  # a bar against its whole
    (f"{BASIS}negative-border-default", f"{BASIS}negative-bg-default", 3),
]


@pytest.mark.parametrize("schema", ["licht", "donker"])
def test_every_text_and_border_can_be_seen(schema):
    eigen = (STATIC / "portaal.css").read_text()
    licht, donker = eigen.split("@media screen and (prefers-color-scheme: dark)")
    tokens = _tokens((DERDEN / "voorbeeld.css").read_text()) | _tokens(licht)
    if schema == "donker":
        tokens |= _tokens(donker.split("/* --")[0])

    def kleur(naam: str) -> str:
        waarde = tokens[naam]
        verder = re.fullmatch(r"var\((--[\w-]+)\)", waarde)
        return kleur(verder[1]) if verder else waarde

    te_weinig = {
        (een, ander): round(contrast, 2)
        for een, ander, minstens in PAREN
        if (contrast := _contrast(kleur(een), kleur(ander))) < minstens
    }
    assert not te_weinig


def test_of_the_theme_only_tokens_that_are_reached_are_kept():
    thema = ".t {\n  --a: var(--b); /* [code-only] */\n  --b: 1px;\n  --c: red;\n}\n"
    assert (
        snoei_tokens(thema, "p { color: var(--a) }")
        == ".t {\n  --a: var(--b); /* [code-only] */\n  --b: 1px;\n}\n"
    )


def test_of_the_font_only_latin_is_kept():
    stijl = "/* noto-sans-greek-wght-normal */\n@font-face {\n  a: b;\n}\n\n"
    latijn = "/* noto-sans-latin-wght-normal */\n@font-face {\n  a: c;\n}\n"
    assert snoei_letter(stijl + latijn) == latijn
