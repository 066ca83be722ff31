"""Waiting for what another process does, and free ports for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """Wait until a look gives something true; fails after a minute."""

    def wait(look: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not look():
            assert time.monotonic() < deadline, "waited a minute in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """So many ports that nobody listens on."""

    def find(number: int) -> list[int]:
        sockets = [socket.socket() for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        return ports

    return find
