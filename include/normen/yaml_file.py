"""Reads a YAML file of dated norms; every objection names the file, the line and what to do."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)
from yaml.constructor import SafeConstructor

from include.errors import NormFout

ROOT = Path(__file__).resolve().parents[2]
IN_TE_VULLEN = "?"
"""What stands in a new block where somebody must write a value: a file that holds it is refused."""
Plaats = tuple[object, ...]
"""Where in a file: the keys and positions from its root."""

_LOADER = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the C one is ten times faster, where it is installed

_ADVIES = {
    "missing": "is missing: add it, as in the blocks that are there",
    "extra_forbidden": "is not a key of this file: correct or remove it, see the top of the file",
    "date_type": "must be a date, written without quotes as 2026-07-01",
    "string_type": 'must be text: put it in double quotes, as in "21"',
    "string_too_short": "is empty: fill it in",
    "too_short": "is empty: give at least one",
    "model_type": "must be keys with values, as in the blocks that are there",
    "dict_type": "must be keys with values, as in the blocks that are there",
    "list_type": "must be a list: lines that begin with a dash",
    "int_type": "must be a whole number without quotes",
    "greater_than_equal": "is too low: at least {ge}",
    "less_than_equal": "is too high: at most {le}",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}


class Bezwaar(NamedTuple):
    """What is wrong, and where in the file."""

    plaats: Plaats
    wat: str


class NormModel(BaseModel):
    """A mapping in a norm file: every key known, every value of exactly its own type."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Normbestand(NormModel):
    """The root of a norm file."""

    @abstractmethod
    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield what is wrong with the file as a whole: gaps, overlaps, doubles."""


B = TypeVar("B", bound=Normbestand)


def _einddatum(waarde: object) -> object:
    return date.max if waarde == "open" else waarde


GevuldeTekst = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Einddatum = Annotated[date, BeforeValidator(_einddatum)]
"""A last day, or ``open`` for what holds until somebody changes it."""


def zoals(voorbeeld: str, patroon: str) -> AfterValidator:
    """Return a check that text matches ``patroon``; ``voorbeeld`` shows in the message how it should be."""

    def controleer(waarde: str) -> str:
        if not re.fullmatch(patroon, waarde):
            raise ValueError(f"cannot be '{waarde}': write it in the form {voorbeeld}")
        return waarde

    return AfterValidator(controleer)


def naar_centen(waarde: object, *, minste: int, hoogste: int) -> int:
    """Return the euro cents of a quoted amount in euros; ``minste`` and ``hoogste`` in euros.

    Raises:
        ValueError: not text (a float is not exact), not an amount, or beyond what is plausible.
    """
    if not isinstance(waarde, str):
        raise ValueError(
            f'must be an amount in double quotes, as in "1419.46": {waarde} without them is not exact'
        )
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{2})?", waarde):
        raise ValueError(f"is not an amount: write '{waarde}' in euros with a full stop, as in \"1419.46\"")
    euro, _, cent = waarde.partition(".")
    centen = int(euro) * 100 + int(cent or "0")
    if not minste * 100 <= centen <= hoogste * 100:
        raise ValueError(
            f"cannot be right: {waarde} is not between {minste} and {hoogste} euros; check the source"
        )
    return centen


def projectpad(pad: Path) -> str:
    """Return the path as ops know it: from the project's root."""
    return str(pad.relative_to(ROOT)) if pad.is_relative_to(ROOT) else str(pad)


def lees_tekst(pad: Path) -> str:
    """Return the text of a file.

    Raises:
        NormFout: it is not there, or not UTF-8.
    """
    try:
        inhoud = pad.read_bytes()
        return inhoud.decode("utf-8-sig")
    except OSError as fout:
        raise NormFout(
            f"{projectpad(pad)} cannot be read ({fout.strerror}): put it back from the repository."
        ) from None
    except UnicodeDecodeError as fout:
        regel = inhoud[: fout.start].count(b"\n") + 1
        raise NormFout(f"{projectpad(pad)}, line {regel}: is not UTF-8: save the file as UTF-8.") from None


def lees_normbestand(pad: Path, vorm: type[B]) -> B:
    """Return the checked contents of the norm file at ``pad``.

    Raises:
        NormFout: naming file, line and what to do; the first objection when there are several.
    """
    waarde, regels = _ontleed(pad)
    try:
        inhoud = vorm.model_validate(waarde)
    except ValidationError as fout:
        # A misspelt key is both unknown and missing: the unknown one is where the eye should go.
        eerste, *rest = sorted(fout.errors(), key=lambda deel: deel["type"] != "extra_forbidden")
        advies = _ADVIES.get(eerste["type"], "{msg}").format(msg=eerste["msg"], **eerste.get("ctx", {}))
        bezwaar = Bezwaar(eerste["loc"], advies)
        raise _normfout(pad, regels, bezwaar, len(rest)) from None
    if bezwaren := [*inhoud.bezwaren()]:
        raise _normfout(pad, regels, bezwaren[0], len(bezwaren) - 1)
    return inhoud


def _normfout(pad: Path, regels: dict[Plaats, int], bezwaar: Bezwaar, meer: int = 0) -> NormFout:
    plaats = tuple(deel for deel in bezwaar.plaats if deel != "[key]")
    bekend = next(plaats[:tot] for tot in range(len(plaats), -1, -1) if plaats[:tot] in regels)
    naam = ".".join(str(deel + 1 if isinstance(deel, int) else deel) for deel in plaats) or "the file"
    slot = f" ({meer} more after this one)" if meer else ""
    return NormFout(f"{projectpad(pad)}, line {regels[bekend]}: {naam} {bezwaar.wat}{slot}.")


def _ontleed(pad: Path) -> tuple[object, dict[Plaats, int]]:
    """Return the value of a YAML file, and the line on which each part of it starts."""
    try:
        wortel = yaml.compose(lees_tekst(pad), Loader=_LOADER)
    except yaml.MarkedYAMLError as fout:
        regel = fout.problem_mark.line + 1 if fout.problem_mark else 1
        raise NormFout(f"{projectpad(pad)}, line {regel}: is not YAML ({fout.problem}): mend it.") from None
    except yaml.YAMLError:
        raise NormFout(
            f"{projectpad(pad)}, line 1: holds characters that YAML does not allow: remove them."
        ) from None
    if wortel is None:
        raise NormFout(f"{projectpad(pad)}, line 1: the file is empty: put it back from the repository.")
    lezer = _Lezer(pad)
    return lezer.waarde(wortel, ()), lezer.regels


class _Lezer:
    """Turns YAML nodes into values, and remembers their lines."""

    def __init__(self, pad: Path) -> None:
        self.pad = pad
        self.regels: dict[Plaats, int] = {(): 1}
        self._gezien: set[int] = set()

    def waarde(self, knoop: yaml.Node, plaats: Plaats) -> object:
        self.regels.setdefault(plaats, knoop.start_mark.line + 1)
        if id(knoop) in self._gezien:
            raise self._fout(plaats, "is an alias: write the values out")
        self._gezien.add(id(knoop))
        if isinstance(knoop, yaml.MappingNode):
            return self._afbeelding(knoop, plaats)
        if isinstance(knoop, yaml.SequenceNode):
            return [self.waarde(deel, (*plaats, nummer)) for nummer, deel in enumerate(knoop.value)]
        return self._scalar(knoop, plaats)

    def _afbeelding(self, knoop: yaml.MappingNode, plaats: Plaats) -> dict[str, object]:
        uit: dict[str, object] = {}
        for sleutelknoop, waardeknoop in knoop.value:
            sleutel, hier = sleutelknoop.value, (*plaats, sleutelknoop.value)
            self.regels[hier] = sleutelknoop.start_mark.line + 1
            if sleutelknoop.tag != "tag:yaml.org,2002:str":
                raise self._fout(hier, "is a key and must be text: put it in double quotes")
            if sleutel in uit:
                raise self._fout(hier, "is there twice: keep one")
            uit[sleutel] = self.waarde(waardeknoop, hier)
        return uit

    def _scalar(self, knoop: yaml.Node, plaats: Plaats) -> object:
        if knoop.value == IN_TE_VULLEN:
            raise self._fout(plaats, "is still to be filled in: write what the source says, in double quotes")
        try:
            return SafeConstructor().construct_object(knoop)
        except (ValueError, LookupError, AttributeError, yaml.YAMLError):
            raise self._fout(plaats, f"cannot be '{knoop.value}': correct it") from None

    def _fout(self, plaats: Plaats, wat: str) -> NormFout:
        return _normfout(self.pad, self.regels, Bezwaar(plaats, wat))
