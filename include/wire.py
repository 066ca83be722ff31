"""What leaves this machine goes encrypted: production refuses the rest, and says which connection and what to set.

Two things are let through: what stays on this machine, and the hosts that ``BIDN_ZONDER_TLS`` names, apart by commas.
"""

from __future__ import annotations

import os
from ipaddress import ip_address

from include.errors import InstallatieFout
from include.settings import omgeving

EXCEPTION = "BIDN_ZONDER_TLS"


def require_tls(connection: str, host: str, *, encrypted: bool, remedy: str) -> None:
    """Let a connection pass, or refuse it.

    Args:
        connection: what it is for, as ops know it; the subject of the message.
        host: where it goes; empty, or a folder, is a socket of this machine.
        encrypted: whether it goes by TLS.
        remedy: what to set to make it so.

    Raises:
        InstallatieFout: production, and neither encrypted, nor local, nor named as an exception.
    """
    if encrypted or not omgeving().is_productie or _is_local(host) or host.lower() in _exceptions():
        return
    raise InstallatieFout(
        f"{connection} goes to {host} without TLS, which production refuses: {remedy}. Where the network between is "
        f"itself guarded, name the host in {EXCEPTION}"
    )


def _exceptions() -> set[str]:
    return {name.strip().lower() for name in os.environ.get(EXCEPTION, "").split(",")} - {""}


def _is_local(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
