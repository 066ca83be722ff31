"""``python -m tools.huisstijl``: fetch the portal's third-party style sheets and font, and prune what is not used.

Run by hand, and only to take a new version: what it writes (``include/portaal/static/derden``) is committed, so
that neither an installation nor CI needs npm or a network. It asks the registry that npm is configured with.

What it takes stands in ``PAKKETTEN``: components of NL Design System (EUPL-1.2), the open example theme for their
tokens (EUPL-1.2) and Noto Sans (OFL-1.1). No token set of a city or of the State: those are proprietary.

What it does to them, and no more:

* the style sheets of one publisher are put behind each other in one file, under a line that names each package;
* of the theme, tokens that no style sheet of ours reaches are left out;
* of the font, only latin and latin-ext are kept (names of people), upright, variable weight;
* references to source maps, which are not shipped, are left out.

``HERKOMST.json`` names per package its version, licence, the sha-512 of the tarball, and per file the sha-512 of
what we ship. A package of the same version whose tarball has changed is refused.
"""

# ruff: noqa: T201 - a command speaks by printing

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TypedDict

STATIC = Path(__file__).resolve().parents[1] / "include" / "portaal" / "static"
DERDEN = STATIC / "derden"
HERKOMST = DERDEN / "HERKOMST.json"
THEMA = "@nl-design-system-unstable/voorbeeld-design-tokens"
LETTER = "@fontsource-variable/noto-sans"
PAKKETTEN = {
    THEMA: "7.4.1",
    "@nl-design-system-candidate/button-css": "1.1.0",
    "@nl-design-system-candidate/data-badge-css": "1.0.5",
    "@nl-design-system-candidate/heading-css": "1.1.3",
    "@nl-design-system-candidate/link-css": "2.0.3",
    "@nl-design-system-candidate/paragraph-css": "2.1.3",
    "@nl-design-system-candidate/skip-link-css": "1.0.5",
    "@utrecht/alert-css": "4.0.2",
    "@utrecht/checkbox-css": "3.0.1",
    "@utrecht/data-list-css": "3.0.1",
    "@utrecht/form-field-css": "3.0.1",
    "@utrecht/form-field-description-css": "3.0.1",
    "@utrecht/form-field-error-message-css": "3.0.1",
    "@utrecht/form-fieldset-css": "3.0.1",
    "@utrecht/form-label-css": "3.0.1",
    "@utrecht/page-footer-css": "4.0.2",
    "@utrecht/page-header-css": "3.0.2",
    "@utrecht/pagination-css": "3.0.1",
    "@utrecht/radio-button-css": "3.0.1",
    "@utrecht/root-css": "4.1.1",
    "@utrecht/select-css": "3.0.1",
    "@utrecht/table-css": "3.0.1",
    "@utrecht/textbox-css": "4.0.1",
    "@utrecht/unordered-list-css": "3.1.1",
    LETTER: "5.3.0",
}
LICENTIES = {"EUPL-1.2": "LICENTIE-EUPL-1.2.md", "OFL-1.1": "LICENTIE-OFL-1.1.txt"}
_SUBSETS = ("noto-sans-latin-wght-normal", "noto-sans-latin-ext-wght-normal")
_TOKEN = re.compile(r"^ *(--[\w-]+): *([^;]+);.*\n", re.MULTILINE)
_VAR = re.compile(r"var\(\s*(--[\w-]+)")
_FONT_FACE = re.compile(r"/\* (\S+) \*/\n@font-face \{.*?\}\n", re.DOTALL)
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")


class Herkomst(TypedDict):
    """Where one package's files come from; ``bestanden`` are paths in the folder ``derden``."""

    pakket: str
    versie: str
    integriteit: str
    licentie: str
    licentietekst: str
    bestanden: list[str]


def sha512(inhoud: bytes) -> str:
    """The hash of ``inhoud`` as npm and browsers write it: ``sha512-<base64>``."""
    return "sha512-" + base64.b64encode(hashlib.sha512(inhoud).digest()).decode()


def bereikbaar(tokens: dict[str, str], stijlen: str) -> set[str]:
    """The names in ``tokens`` that ``stijlen`` uses, directly or through another token."""
    bereikt: set[str] = set()
    nog = [naam for naam in _VAR.findall(stijlen) if naam in tokens]
    while nog:
        naam = nog.pop()
        if naam not in bereikt:
            bereikt.add(naam)
            nog += [verder for verder in _VAR.findall(tokens[naam]) if verder in tokens]
    return bereikt


def snoei_tokens(thema: str, stijlen: str) -> str:
    """``thema`` without the tokens that ``stijlen`` does not reach; everything else as it was."""
    gebruikt = bereikbaar(dict(_TOKEN.findall(thema)), stijlen)
    return _TOKEN.sub(lambda regel: regel[0] if regel[1] in gebruikt else "", thema)


def snoei_letter(stijl: str) -> str:
    """The ``@font-face`` rules of the subsets that are shipped."""
    return "\n".join(regel[0] for regel in _FONT_FACE.finditer(stijl + "\n") if regel[1] in _SUBSETS)


def _haal(naam: str, versie: str, verwacht: str | None, naar: Path) -> tuple[Path, str]:
    """Fetch and unpack one package; its folder and the integrity of its tarball.

    Raises:
        SystemExit: the tarball is not the one that was fetched before under this version.
    """
    opdracht = [
        "npm",
        "pack",
        "--silent",
        "--ignore-scripts",
        "--pack-destination",
        str(naar),
        f"{naam}@{versie}",
    ]
    bestand = subprocess.run(opdracht, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
    integriteit = sha512((naar / bestand).read_bytes())
    if verwacht not in (None, integriteit):
        sys.exit(
            f"{naam} {versie} is not what it was: {integriteit} instead of {verwacht}. Nothing was written."
        )
    with tarfile.open(naar / bestand) as tar:
        tar.extractall(naar / bestand.removesuffix(".tgz"), filter="data")
    return naar / bestand.removesuffix(".tgz") / "package", integriteit


def _eerdere() -> dict[tuple[str, str], str]:
    if not HERKOMST.exists():
        return {}
    return {
        (p["pakket"], p["versie"]): p["integriteit"] for p in json.loads(HERKOMST.read_text())["pakketten"]
    }


def _stijl(naam: str, map_: Path) -> str:
    """The style sheet of a component package, readable form."""
    onderdeel = naam.split("/")[1].removesuffix("-css")
    pad = next(
        pad for pad in (map_ / "dist" / "index.css", map_ / "dist" / f"{onderdeel}.css") if pad.exists()
    )
    return _SOURCE_MAP.sub("", pad.read_text()).strip() + "\n"


def main() -> int:
    """Fetch, check, prune and write; the folder is made anew."""
    eerdere = _eerdere()
    paketten: list[Herkomst] = []
    bestanden: dict[str, bytes] = {}
    componenten: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as tijdelijk:
        mappen: dict[str, Path] = {}
        for naam, versie in PAKKETTEN.items():
            mappen[naam], integriteit = _haal(naam, versie, eerdere.get((naam, versie)), Path(tijdelijk))
            licentie = json.loads((mappen[naam] / "package.json").read_text())["license"]
            bestanden[LICENTIES[licentie]] = next(mappen[naam].glob("LICENSE*")).read_bytes()
            eigen = {
                THEMA: ["voorbeeld.css"],
                LETTER: ["noto-sans.css", *(f"files/{subset}.woff2" for subset in _SUBSETS)],
            }.get(naam, [naam.split("/")[0].removeprefix("@") + ".css"])
            paketten.append(
                Herkomst(
                    pakket=naam,
                    versie=versie,
                    integriteit=integriteit,
                    licentie=licentie,
                    licentietekst=LICENTIES[licentie],
                    bestanden=eigen,
                )
            )
            if naam not in (THEMA, LETTER):
                kop = f"/* {naam} {versie}, {licentie} */\n"
                componenten[eigen[0]] = componenten.get(eigen[0], "") + kop + _stijl(naam, mappen[naam])
        stijlen = "".join(componenten.values()) + (STATIC / "portaal.css").read_text()
        thema = snoei_tokens((mappen[THEMA] / "dist" / "theme.css").read_text(), stijlen)
        letter = snoei_letter((mappen[LETTER] / "index.css").read_text())
        bestanden |= {naam: tekst.encode() for naam, tekst in componenten.items()}
        bestanden |= {"voorbeeld.css": thema.encode(), "noto-sans.css": letter.encode()}
        for subset in _SUBSETS:
            bestanden[f"files/{subset}.woff2"] = (mappen[LETTER] / "files" / f"{subset}.woff2").read_bytes()
    for oud in DERDEN.rglob("*"):
        if oud.is_file():
            oud.unlink()
    for naam, inhoud in sorted(bestanden.items()):
        (DERDEN / naam).parent.mkdir(parents=True, exist_ok=True)
        (DERDEN / naam).write_bytes(inhoud)
    herkomst = {
        "pakketten": paketten,
        "bestanden": {naam: sha512(bestanden[naam]) for naam in sorted(bestanden)},
    }
    HERKOMST.write_text(json.dumps(herkomst, indent=2) + "\n")
    print(
        f"{len(paketten)} packages, {len(bestanden)} files, {sum(map(len, bestanden.values())) // 1024} kB."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
