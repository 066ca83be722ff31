"""The settings of the log-in, and what production refuses."""

from __future__ import annotations

import pytest

from include.errors import InstallatieFout
from include.mock_sources import inlogdienst as ontwikkeldienst
from include.portaal.oidc import OidcSettings, oidc_settings
from include.portaal.settings import PortalSettings

ECHT = {
    "BIDN_OIDC_ISSUER": "https://inloggen.example.nl/realms/bidn",
    "BIDN_OIDC_CLIENT_ID": "portaal",
    "BIDN_OIDC_CLIENT_SECRET": "geheim",
    "BIDN_OIDC_ACR": "laag hoog",
}


def _settings(monkeypatch: pytest.MonkeyPatch, gezet: dict[str, str], *, productie: bool) -> OidcSettings:
    for naam, waarde in gezet.items():
        monkeypatch.setenv(naam, waarde)
    return oidc_settings(PortalSettings("https://portaal.example.nl", 1, "memory://", productie))


def test_development_finds_the_development_provider_without_a_setting(monkeypatch):
    settings = _settings(monkeypatch, {}, productie=False)
    assert (settings.issuer, settings.acr) == ("http://127.0.0.1:8601", ())
    assert (settings.client_id, settings.client_secret) == (
        ontwikkeldienst.CLIENT_ID,
        ontwikkeldienst.CLIENT_SECRET,
    )


def test_production_takes_a_provider_on_tls_elsewhere(monkeypatch):
    settings = _settings(monkeypatch, ECHT, productie=True)
    assert settings == OidcSettings(
        "https://inloggen.example.nl/realms/bidn",
        "portaal",
        "geheim",
        "https://portaal.example.nl/inloggen/terug",
        ("laag", "hoog"),
    )
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("anders", "melding"),
    [
        ({"BIDN_OIDC_ISSUER": "http://inloggen.example.nl"}, "BIDN_OIDC_ISSUER must be .* https"),
        ({"BIDN_OIDC_ISSUER": "https://127.0.0.1:8601"}, "on another machine"),
        ({"BIDN_OIDC_ISSUER": "https://localhost"}, "on another machine"),
        ({"BIDN_OIDC_ISSUER": "https://[::1]:8601"}, "on another machine"),
        ({"BIDN_OIDC_ISSUER": ""}, "BIDN_OIDC_ISSUER is not set"),
        ({"BIDN_OIDC_CLIENT_SECRET": ""}, "BIDN_OIDC_CLIENT_SECRET is not set"),
    ],
)
def test_production_refuses_another_and_says_what_to_set(monkeypatch, anders, melding):
    with pytest.raises(InstallatieFout, match=melding) as fout:
        _settings(monkeypatch, ECHT | anders, productie=True)
    assert "geheim" not in str(fout.value)
