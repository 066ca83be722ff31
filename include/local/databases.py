"""PostgreSQL databases for the local installation, made when they do not exist; SQLite makes its own file."""

from __future__ import annotations

from urllib.parse import urlsplit

from include.errors import InstallatieFout


def create_missing(*urls: str) -> None:
    """Create each PostgreSQL database named by ``urls`` (SQLAlchemy's form) that is not there yet.

    Raises:
        InstallatieFout: the server cannot be reached, or its role may not create a database.
    """
    for url in urls:
        if url.startswith("postgresql"):
            _create(url)


def _create(url: str) -> None:
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    server = parts._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        # The driver's own text can hold the password of the URL.
        raise InstallatieFout(
            f"Database {name} on {parts.hostname}:{parts.port or 5432} cannot be reached or created "
            f"({type(error).__name__}). Check BIDN_POSTGRES: is the server up, may its role create databases?"
        ) from None
