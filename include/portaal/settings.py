"""The settings of the portal: its public address, the identity provider, and what it accepts."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from include.errors import InstallatieFout
from include.settings import omgeving

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """What this process goes by.

    ``url`` is the address people type, without a path; ``max_upload`` the largest vraagbestand in bytes; ``limits``
    where the rate limits are counted (``memory://`` or a Redis that all replicas share); ``productie`` demands TLS.
    """

    url: str
    max_upload: int
    limits: str
    productie: bool

    @property
    def secure(self) -> bool:
        """Whether people reach the portal over TLS: then cookies are ``__Host-`` and Secure."""
        return self.url.startswith("https://")

    @property
    def origin(self) -> str:
        """What a browser sends as Origin of our own pages."""
        return self.url

    @property
    def cookie(self) -> str:
        """The name of the session cookie (contracten §4)."""
        return "__Host-bidn" if self.secure else "bidn"


def portal_settings(*, url: str | None = None) -> PortalSettings:
    """Read the settings: BIDN_PORTAAL_URL, BIDN_PORTAAL_MAX_MB, BIDN_PORTAAL_LIMIETEN.

    Args:
        url: the address when none is set: where this process listens.

    Raises:
        InstallatieFout: a setting cannot be used; production without a public https address.
    """
    productie = omgeving().is_productie
    adres = (os.environ.get("BIDN_PORTAAL_URL") or (None if productie else url) or "").rstrip("/")
    delen = urlsplit(adres)
    if delen.scheme not in ("http", "https") or not delen.netloc or delen.path or delen.query:
        raise InstallatieFout(
            "BIDN_PORTAAL_URL must be the address that people type, without a path: https://portaal.example.nl"
        )
    if productie and delen.scheme != "https":
        raise InstallatieFout("BIDN_PORTAAL_URL must begin with https:// in production: the proxy speaks TLS")
    megabytes = os.environ.get("BIDN_PORTAAL_MAX_MB") or "100"
    if not megabytes.isascii() or not megabytes.isdigit() or not 1 <= int(megabytes) <= 1000:
        raise InstallatieFout("BIDN_PORTAAL_MAX_MB must be a whole number of megabytes, 1 to 1000")
    return PortalSettings(
        url=adres,
        max_upload=int(megabytes) * MEGABYTE,
        limits=os.environ.get("BIDN_PORTAAL_LIMIETEN") or "memory://",
        productie=productie,
    )


def is_this_machine(host: str) -> bool:
    """Tell whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
