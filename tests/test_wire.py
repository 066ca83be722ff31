"""In production everything that leaves this machine is encrypted, or named as an exception."""

from __future__ import annotations

import json

import pytest

from bidn_operators.hooks.mail import MailHook
from include.bronnen.client import Bronclient
from include.errors import InstallatieFout
from include.storage.database import make_engine

DB = "postgresql+psycopg://bidn@"


def _database(url: str) -> None:
    make_engine(url).dispose()


def _source(url: str) -> None:
    Bronclient(url, "token", bron="uwv", doelbinding="alleenverdieners")


TABLE = [
    # how      , address                                    , refused
    (_database, f"{DB}db.example/bidn", True),
    (_database, f"{DB}db.example/bidn?sslmode=prefer", True),
    (_database, f"{DB}db.example/bidn?sslmode=disable", True),
    (_database, f"{DB}db.example/bidn?sslmode=require", False),
    (_database, f"{DB}db.example/bidn?sslmode=verify-full", False),
    (_database, f"{DB}127.0.0.1/bidn", False),
    (_database, f"{DB}[::1]/bidn", False),
    (_database, f"{DB}127.example/bidn", True),
    (_database, f"{DB}/bidn?host=/var/run/postgresql", False),
    (_database, f"{DB}/bidn?host=db.example:5432", True),
    (_database, f"{DB}/bidn?host=127.0.0.1&hostaddr=10.0.0.7", True),
    (_database, f"{DB}vertrouwd/bidn", False),
    (_database, "sqlite://", False),
    (_source, "http://uwv.example", True),
    (_source, "http://localhost.example/pad", True),
    (_source, "https://uwv.example", False),
    (_source, "http://127.0.0.1:8500", False),
    (_source, "http://localhost:8500", False),
    (_source, "http://Vertrouwd:8500", False),
]


@pytest.mark.parametrize(("connect", "address", "refused"), TABLE)
def test_production_refuses_what_goes_in_the_clear(monkeypatch, connect, address, refused):
    monkeypatch.setenv("BIDN_ZONDER_TLS", "ander, vertrouwd")
    connect(address)  # anywhere else than in production
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    if not refused:
        connect(address)
        return
    what, to_set = {
        _database: ("the database of BIDN_DATABASE_URL", "sslmode=verify-full"),
        _source: ("source uwv", "connection to https"),
    }[connect]
    with pytest.raises(InstallatieFout, match="without TLS, which production refuses") as said:
        connect(address)
    assert what in str(said.value)
    assert to_set in str(said.value)
    assert "BIDN_ZONDER_TLS" in str(said.value)


@pytest.mark.parametrize(
    ("host", "extra", "refused"),
    [
        ("mail.example", {"disable_ssl": True, "disable_tls": True}, True),
        ("mail.example", {"disable_ssl": True}, False),
        ("mail.example", {}, False),
        ("127.0.0.1", {"disable_ssl": True, "disable_tls": True}, False),
        ("vertrouwd", {"disable_ssl": True, "disable_tls": True}, False),
    ],
)
def test_production_mails_by_tls(monkeypatch, host, extra, refused):
    connection = {"conn_type": "smtp", "host": host, "port": 25, "extra": {**extra, "timeout": 1}}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
    monkeypatch.setenv("BIDN_ZONDER_TLS", "vertrouwd")
    monkeypatch.setenv("BIDN_OMGEVING", "productie")

    class Reached(Exception):
        """It was let through to the mail server."""

    def reached(_: object) -> None:
        raise Reached

    monkeypatch.setattr(MailHook, "get_conn", reached)
    with pytest.raises(InstallatieFout if refused else Reached) as said:
        MailHook()._client()
    if refused:
        assert "mail (connection smtp_default) goes to mail.example without TLS" in str(said.value)
        assert "disable_tls" in str(said.value)
