"""``normen``: the next block is added, refused until it is filled in, and laid beside the one before it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.commands.conftest import Opdrachtregel
from tests.normen import conftest as tabellen

folder_2026, in_2026 = tabellen.folder_2026, tabellen.in_2026


def test_norms_are_added_filled_in_and_compared(in_2026: Path, bidn: Opdrachtregel) -> None:
    norms, limits = in_2026 / "bijstandsnormen.yaml", in_2026 / "vermogen.yaml"

    added = bidn("normen", "nieuw", "--ingang", "2027-01-01")
    assert (added.exit_code, added.stdout.splitlines()) == (
        0,
        [f"{pad}: blok vanaf 2027-01-01 toegevoegd, vul in wat er als ? staat." for pad in (norms, limits)],
    )

    for command in ("nieuw", "verschil"):
        refused = bidn("normen", command, "--ingang", "2027-01-01")
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
        assert "perioden.11.herkomst is still to be filled in" in refused.stderr

    for pad, amount, couple in ((norms, "1700.00", "2100.00"), (limits, "8500", "17000")):
        text = re.sub(r'(gehuwd(_aow)?: .*bedrag: )"\?"', rf'\1"{couple}"', pad.read_text())
        pad.write_text(text.replace('bedrag: "?"', f'bedrag: "{amount}"').replace('"?"', '"wettekst"'))

    compared = bidn("normen", "verschil", "--ingang", "2027-01-01")
    assert compared.exit_code == 0
    assert [re.findall(r"[\w.+-]+", line) for line in compared.stdout.splitlines() if "_" in line] == [
        ["bijstandsnorm_alleenstaand", "1419.46", "1700.00", "+19.76"],  # 280.54 / 1419.46
        ["bijstandsnorm_gehuwd", "2027.79", "2100.00", "+3.56"],  # 72.21 / 2027.79
        ["bijstandsnorm_alleenstaand_aow", "1587.34", "1700.00", "+7.10"],  # 112.66 / 1587.34
        ["bijstandsnorm_gehuwd_aow", "2176.10", "2100.00", "-3.50"],  # -76.10 / 2176.10
        ["vermogensgrens_alleenstaand", "8000.00", "8500.00", "+6.25"],
        ["vermogensgrens_gehuwd", "16000.00", "17000.00", "+6.25"],
    ]


def test_a_day_on_which_no_table_ends_changes_nothing(in_2026: Path, bidn: Opdrachtregel) -> None:
    before = [pad.read_bytes() for pad in sorted(in_2026.iterdir())]

    refused = bidn("normen", "nieuw", "--ingang", "2027-07-01")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert "no table ends on 2027-06-30" in refused.stderr
    assert [pad.read_bytes() for pad in sorted(in_2026.iterdir())] == before
