"""What may not be committed is found; this file is checked too, so every example is put together here."""

from __future__ import annotations

import pytest

from tools.geheimen import main, vondsten

ECHT = "1234" + "56782"
GEVALLEN = [
    ("-----BEGIN " + "RSA PRIVATE KEY-----", ["private key"]),
    ("sleutel = 'AGE-SECRET-" + "KEY-1" + "Q" * 58 + "'", ["age identity"]),
    ("AKIA" + "ABCDEFGHIJKLMNOP", ["AWS key"]),
    ("ghp_" + "a" * 36, ["token"]),
    ("postgresql://bidn:" + "hunter2@db/bidn", ["password in a URL"]),
    ("postgresql://bidn:${WACHTWOORD}@db/bidn", []),
    (f"bsn = {ECHT}", ["number that may be the BSN of a real person"]),
    (f"bsn = {ECHT}  # geen geheim", []),
    ("bsn = 999900018", []),
    (f"sha256 = 1d{ECHT}aa, {ECHT}.5 and 0.{ECHT}", []),
    ("bytes = 123456789", []),
]


@pytest.mark.parametrize(("regel", "soorten"), GEVALLEN)
def test_what_may_not_be_committed_is_found(regel, soorten):
    assert [soort for _, soort in vondsten(f"eerste regel\n{regel}\n")] == soorten


def test_it_says_where_and_never_what(capsys):
    assert main() == 0, capsys.readouterr().out
    assert [nummer for nummer, _ in vondsten(f"\n\n{ECHT}")] == [3]
