"""Every rule of the vraagbestand, with its code and the sentence a municipality reads (besluiten B10-B21).

``CONTROLES`` is the one place where they stand: docs/foutcodes.md, the verwerkingsverslag and the checks of
the model ``Vraagbestand`` all follow from it. A code never changes its meaning, and that of a dropped rule is
not used again.

A rule judges a frame ``Vraagbestand``. At most one rule about a cell is broken at a time (the duplicate
apart): a cell that is empty, or not readable as what its column is for, is judged no further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

LEEG = -1
"""In a frame ``Vraagbestand``: the cell is empty."""
ONLEESBAAR = -2
"""The cell is filled, but not with what the column is for. Every real value is 0 or more."""
WETENSCHAPPELIJK = -3
"""As ONLEESBAAR: a spreadsheet made scientific notation of it (besluit B14a)."""
ANDERE_DATUM = -4
"""As ONLEESBAAR: a date, but not as JJJJMMDD."""
DAGNUMMER = -5
"""As ONLEESBAAR: the day number by which a spreadsheet keeps a date."""

MINSTE_KOLOMMEN = 4
"""A row of fewer cells is no row of a vraagbestand (besluit B10)."""
MAX_NAAM = 100
VROEGSTE_GEBOORTEDATUM = 19_000_101
"""As JJJJMMDD (besluit B19)."""

Vlaggen: TypeAlias = NDArray[np.bool_]
Rijen: TypeAlias = Mapping[str, NDArray[Any]]
"""The columns of a frame ``Vraagbestand``."""
Klopt: TypeAlias = Callable[[Rijen], Vlaggen]


class Kolom(NamedTuple):
    """A column of the vraagbestand (manual 3.3), or the row or the file as a whole."""

    letter: str
    veld: str
    """What the verwerkingsverslag calls it."""
    naam: str = ""
    """The column of the frame ``Vraagbestand``."""
    in_zin: str = ""
    """How a sentence begins that is about it."""


BESTAND = Kolom("*", "Bestand")
RIJ = Kolom("*", "Rij")
A = Kolom("A", "GSD-code", "gsd_code", "De GSD-code")
B = Kolom("B", "BRP bevragen", "brp_bevragen", "BRP bevragen")
C = Kolom("C", "Normpercentage", "normpercentage", "Het normpercentage")
D = Kolom("D", "Aanvrager BSN", "bsn", "Het BSN van de aanvrager")
E = Kolom("E", "Aanvrager geslachtsnaam", "naam", "De geslachtsnaam van de aanvrager")
F = Kolom("F", "Aanvrager geboortedatum", "geboortedatum", "De geboortedatum van de aanvrager")
G = Kolom("G", "Leefvorm", "leefvorm", "De leefvorm")
H = Kolom("H", "Partner BSN", "partner_bsn", "Het BSN van de partner")
I = Kolom("I", "Partner geslachtsnaam", "partner_naam", "De geslachtsnaam van de partner")  # noqa: E741
J = Kolom("J", "Partner geboortedatum", "partner_geboortedatum", "De geboortedatum van de partner")
KOLOMMEN = (A, B, C, D, E, F, G, H, I, J)


@dataclass(frozen=True)
class Controle:
    """One rule: its stable code, the column it is about and one Dutch sentence: what is wrong, what to do.

    ``klopt`` returns True for each row that keeps the rule. It is absent for what one row does not show:
    errors of the whole file, of a row's shape, and duplicates. The sentence of an error of the whole file has
    places for numbers (``{regel}``); no sentence ever repeats what a cell held.
    """

    code: str
    kolom: Kolom
    omschrijving: str
    klopt: Klopt | None = None


def elfproef(bsn: NDArray[np.integer[Any]]) -> Vlaggen:
    """Return which whole numbers are a BSN by the elfproef (besluit B15).

    Nine digits, leading zeros included; times 9, 8, … 2 and -1 they add up to a multiple of 11. Not zero.
    """
    mogelijk = (bsn > 0) & (bsn < 1_000_000_000)
    rest = np.where(mogelijk, bsn, 0).astype(np.uint32)  # dividing these is several times faster
    hoger = rest // 10
    som = (rest - hoger * 10) * 10  # modulo 11, -1 is 10
    for gewicht in range(2, 10):
        rest, hoger = hoger, hoger // 10
        som += (rest - hoger * 10) * gewicht
    return mogelijk & (som % 11 == 0)


def _elfproef_waar(bsn: NDArray[np.int32], waar: Vlaggen) -> Vlaggen:
    """Return which BSNs pass where ``waar`` holds; False elsewhere. Few rows have a partner to judge."""
    uit = np.zeros(len(bsn), dtype=bool)
    uit[waar] = elfproef(bsn[waar])
    return uit


def _tussen(getal: NDArray[np.int32], laagste: int, hoogste: int) -> Vlaggen:
    return (getal >= laagste) & (getal <= hoogste)


# Where a rule applies.


def _altijd(rijen: Rijen) -> Vlaggen:
    return rijen["regel"] > 0


def _bevragen(rijen: Rijen) -> Vlaggen:
    return rijen["brp_bevragen"] == 1


def _zelf(rijen: Rijen) -> Vlaggen:
    return rijen["brp_bevragen"] == 0


def _met_partner(rijen: Rijen) -> Vlaggen:
    return _zelf(rijen) & (rijen["leefvorm"] == 1)


def _zonder_partner(rijen: Rijen) -> Vlaggen:
    return _zelf(rijen) & _tussen(rijen["leefvorm"], 2, 3)


# What a rule asks there.


def _leeg(code: str, kolom: Kolom, waar: Klopt, reden: str) -> Controle:
    zin = f"{kolom.in_zin} is gevuld, maar {reden}."
    return Controle(code, kolom, zin, lambda r: ~waar(r) | (r[kolom.naam] == LEEG))


def _gevuld(code: str, kolom: Kolom, waar: Klopt, opdracht: str) -> Controle:
    zin = f"{kolom.in_zin} ontbreekt: {opdracht}."
    return Controle(code, kolom, zin, lambda r: ~waar(r) | (r[kolom.naam] != LEEG))


def _leesbaar(code: str, kolom: Kolom, waar: Klopt, zin: str, oorzaak: int = ONLEESBAAR) -> Controle:
    zin = f"{kolom.in_zin} {zin}."
    return Controle(code, kolom, zin, lambda r: ~waar(r) | (r[kolom.naam] != oorzaak))


def _bsn(codes: tuple[str, str], kolom: Kolom, waar: Klopt) -> tuple[Controle, ...]:
    """Besluit B15."""

    def klopt(rijen: Rijen) -> Vlaggen:
        getal = waar(rijen) & (rijen[kolom.naam] >= 0)
        return ~getal | _elfproef_waar(rijen[kolom.naam], getal)

    elf = f"{kolom.in_zin} voldoet niet aan de elfproef: controleer of alle cijfers goed zijn overgenomen."
    return (
        _leesbaar(codes[0], kolom, waar, "bestaat niet uit 8 of 9 cijfers: vul alleen cijfers in"),
        Controle(codes[1], kolom, elf, klopt),
    )


def _geen_macht(code: str, kolom: Kolom, waar: Klopt) -> Controle:
    """Besluit B14a."""
    zin = (
        "is door een spreadsheet verkort, zoals 9,99E+08, en mist cijfers: maak de kolom op als Tekst, vul het"
        " BSN opnieuw in en sla het bestand opnieuw op"
    )
    return _leesbaar(code, kolom, waar, zin, WETENSCHAPPELIJK)


def _naam(codes: tuple[str, str], kolom: Kolom, waar: Klopt) -> tuple[Controle, ...]:
    """Besluit B18."""
    tekens = (
        "bestaat niet alleen uit letters (minstens één), spaties, koppeltekens, apostrofs en punten:"
        " verwijder cijfers en andere tekens, ook onzichtbare"
    )
    te_lang = f"{kolom.in_zin} is langer dan {MAX_NAAM} tekens: kort de naam in."
    return (
        Controle(codes[0], kolom, te_lang, lambda r: ~waar(r) | (r[kolom.naam] <= MAX_NAAM)),
        _leesbaar(codes[1], kolom, waar, tekens),
    )


def _datum(codes: tuple[str, str, str, str, str], kolom: Kolom, waar: Klopt) -> tuple[Controle, ...]:
    """Besluiten B19 and B14a."""
    vorm = "is geen bestaande datum in de vorm JJJJMMDD: vul 8 cijfers in, zoals 19800317 voor 17 maart 1980"
    opmaak = "geef de kolom in uw spreadsheet de aangepaste opmaak jjjjmmdd en sla het bestand opnieuw op"
    te_vroeg = f"{kolom.in_zin} ligt voor 1 januari 1900: controleer het jaar."
    te_laat = f"{kolom.in_zin} ligt na de deelnamedatum: controleer de datum."

    def niet_te_vroeg(rijen: Rijen) -> Vlaggen:
        datum = rijen[kolom.naam]
        return ~waar(rijen) | (datum < 0) | (datum >= VROEGSTE_GEBOORTEDATUM)

    return (
        _leesbaar(codes[0], kolom, waar, vorm),
        Controle(codes[1], kolom, te_vroeg, niet_te_vroeg),
        Controle(codes[2], kolom, te_laat, lambda r: ~waar(r) | (r[kolom.naam] <= r["deelnamedatum"])),
        _leesbaar(codes[3], kolom, waar, f"is niet geschreven als JJJJMMDD: {opmaak}", ANDERE_DATUM),
        _leesbaar(codes[4], kolom, waar, f"is een dagnummer van een spreadsheet: {opmaak}", DAGNUMMER),
    )


def _partner_is_een_ander(rijen: Rijen) -> Vlaggen:
    """Besluit B15; a BSN that fails the elfproef is not compared."""
    dezelfde = _met_partner(rijen) & (rijen["partner_bsn"] == rijen["bsn"])
    return ~(dezelfde & _elfproef_waar(rijen["bsn"], dezelfde))


BESTAND_LEEG = Controle(
    "V001", BESTAND, "Het bestand is leeg: lever een bestand met minstens één aanvrager aan."
)
BESTAND_TE_GROOT = Controle(
    "V002", BESTAND, "Het bestand is groter dan {grens} MB: controleer of u het juiste bestand hebt gekozen."
)
GEEN_TEKST = Controle(
    "V003",
    BESTAND,
    "Dit is geen tekstbestand, maar bijvoorbeeld een Excel-, zip- of pdf-bestand (op regel {regel} staat iets"
    " anders dan tekst): sla het op als CSV-bestand en lever dat aan.",
)
UTF16 = Controle(
    "V004",
    BESTAND,
    "Het bestand is opgeslagen als Unicode-tekst (UTF-16): sla het opnieuw op als CSV-bestand en lever dat"
    " aan.",
)
OPEN_AANHALINGSTEKEN = Controle(
    "V005",
    BESTAND,
    "In de rij die op regel {regel} begint staat een aanhalingsteken dat nergens wordt gesloten: sluit of"
    " verwijder het.",
)
AANTAL_KOLOMMEN_OVERAL = Controle(
    "V006",
    BESTAND,
    f"Geen enkele rij vanaf regel {{regel}} heeft {MINSTE_KOLOMMEN} tot en met {len(KOLOMMEN)} kolommen, gescheiden"
    " door puntkomma, komma of tab: lever de kolommen A tot en met J mee en zet elke aanvrager op een eigen regel.",
)
REGEL_TE_LANG = Controle(
    "V007",
    BESTAND,
    "De rij die op regel {regel} begint is langer dan {grens} tekens: zet elke aanvrager op een eigen regel"
    " en controleer of elk aanhalingsteken gesloten is.",
)
TE_VEEL_REGELS = Controle(
    "V008",
    BESTAND,
    "Het bestand heeft meer dan {grens} regels: controleer of u het juiste bestand hebt gekozen.",
)
KOPREGEL = Controle(
    "V011",
    RIJ,
    "Dit is een kopregel met kolomnamen: verwijder deze, want het vraagbestand begint met de eerste aanvrager.",
)
AANTAL_KOLOMMEN = Controle(
    "V012",
    RIJ,
    f"Deze rij heeft minder dan {MINSTE_KOLOMMEN} kolommen, of is voorbij kolom J gevuld: lever de kolommen A tot"
    " en met J mee, ook de lege, en geen andere.",
)
DUBBEL = Controle(
    "V054",
    D,
    "Deze aanvrager staat al op een eerdere, geldige rij: verwijder deze rij, want alleen die eerdere telt mee.",
)

_J_OF_N = "vul J in als wij de BRP moeten bevragen, of N als u de leefvorm zelf aanlevert"
_BIJ_BRP = "u laat de BRP bevragen (kolom B is J): maak deze cel leeg, of vul in kolom B een N in"
_ALLEEN = "de leefvorm is 2 of 3: maak deze cel leeg, of vul leefvorm 1 in"
_ZONDER_BRP = "dat is verplicht als u de BRP niet laat bevragen (kolom B is N)"
_BIJ_PARTNER = "dat is verplicht bij leefvorm 1"

CONTROLES: tuple[Controle, ...] = (
    BESTAND_LEEG,
    BESTAND_TE_GROOT,
    GEEN_TEKST,
    UTF16,
    OPEN_AANHALINGSTEKEN,
    AANTAL_KOLOMMEN_OVERAL,
    REGEL_TE_LANG,
    TE_VEEL_REGELS,
    KOPREGEL,
    AANTAL_KOLOMMEN,
    _gevuld("V021", A, _altijd, "vul de code van de gemeente in, 2 tot en met 4 cijfers"),
    _leesbaar("V022", A, _altijd, "bestaat niet uit 2 tot en met 4 cijfers: vul alleen cijfers in"),
    Controle(
        "V023",
        A,
        "Op de deelnamedatum is er geen gemeente met deze GSD-code: controleer de code, bijvoorbeeld na een"
        " herindeling.",
        lambda r: (r["gsd_code"] < 0) | r["gemeente_actief"],
    ),
    Controle(
        "V024",
        A,
        "Deze gemeente hoort niet bij uw organisatie: lever alleen aanvragers aan van gemeenten waarvoor u"
        " werkt.",
        lambda r: ~r["gemeente_actief"] | r["gemeente_bediend"],
    ),
    _gevuld("V031", B, _altijd, _J_OF_N),
    _leesbaar("V032", B, _altijd, f"is geen J of N: {_J_OF_N}"),
    Controle(
        "V041",
        C,
        "Het normpercentage is geen heel getal van 100 tot en met 150: vul 3 cijfers in zonder komma of"
        " procentteken, of maak de cel leeg.",
        lambda r: (r["normpercentage"] == LEEG) | _tussen(r["normpercentage"], 100, 150),
    ),
    _gevuld("V051", D, _altijd, "vul een BSN van 8 of 9 cijfers in"),
    *_bsn(("V052", "V053"), D, _altijd),
    DUBBEL,
    _geen_macht("V055", D, _altijd),
    _leeg("V061", E, _bevragen, _BIJ_BRP),
    _gevuld("V062", E, _zelf, f"vul de naam in, {_ZONDER_BRP}"),
    *_naam(("V063", "V064"), E, _zelf),
    _leeg("V071", F, _bevragen, _BIJ_BRP),
    _gevuld("V072", F, _zelf, f"vul de datum in als JJJJMMDD, {_ZONDER_BRP}"),
    *_datum(("V073", "V074", "V075", "V076", "V077"), F, _zelf),
    _leeg("V081", G, _bevragen, _BIJ_BRP),
    _gevuld("V082", G, _zelf, f"vul 1, 2 of 3 in, {_ZONDER_BRP}"),
    Controle(
        "V083",
        G,
        "De leefvorm is geen 1, 2 of 3: vul 1 in voor gehuwd of samenwonend, 2 voor alleenstaande ouder of"
        " 3 voor alleenstaande.",
        lambda r: ~_zelf(r) | (r["leefvorm"] == LEEG) | _tussen(r["leefvorm"], 1, 3),
    ),
    _leeg("V091", H, _bevragen, _BIJ_BRP),
    _leeg("V092", H, _zonder_partner, _ALLEEN),
    _gevuld("V093", H, _met_partner, f"vul het BSN in, {_BIJ_PARTNER}"),
    *_bsn(("V094", "V095"), H, _met_partner),
    Controle(
        "V096",
        H,
        "Het BSN van de partner is hetzelfde als dat van de aanvrager: vul het BSN van de partner zelf in.",
        _partner_is_een_ander,
    ),
    _geen_macht("V097", H, _met_partner),
    _leeg("V101", I, _bevragen, _BIJ_BRP),
    _leeg("V102", I, _zonder_partner, _ALLEEN),
    _gevuld("V103", I, _met_partner, f"vul de naam in, {_BIJ_PARTNER}"),
    *_naam(("V104", "V105"), I, _met_partner),
    _leeg("V111", J, _bevragen, _BIJ_BRP),
    _leeg("V112", J, _zonder_partner, _ALLEEN),
    _gevuld("V113", J, _met_partner, f"vul de datum in als JJJJMMDD, {_BIJ_PARTNER}"),
    *_datum(("V114", "V115", "V116", "V117", "V118"), J, _met_partner),
)

PER_CODE = {controle.code: controle for controle in CONTROLES}
"""The rules by code, in the order in which the verwerkingsverslag lists the errors of one row."""
