"""One hook for all sources: an Airflow connection becomes a client that asks.

A connection (``bron_brp``, ``bron_uwv``, …: one for every source of ``include/pipeline.py``) says where the source
is: host, port and schema (http or https), or the whole address as the host. Its password is
the token. Its extra may hold, all optional:

===================== ======================================================================================
``batchgrootte``      BSNs a request, at most 250
``gelijktijdig``      requests at the same time
``pogingen``          attempts per request
``timeout``           seconds of silence after which a request is given up
``timeout_verbinden`` seconds within which there must be a connection
``timeout_antwoord``  seconds within which an answer must be complete
``ca_bestand``        file with the CA certificates to trust instead of the usual ones
===================== ======================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from include.errors import InstallatieFout

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from include.bronnen.client import Bronclient
    from include.bronnen.traffic import Grenzen
    from include.pipeline import Source

_EXTRA = {
    "batchgrootte": ("batchgrootte", int),
    "gelijktijdig": ("gelijktijdig", int),
    "pogingen": ("pogingen", int),
    "timeout": ("lezen", float),
    "timeout_verbinden": ("verbinden", float),
    "timeout_antwoord": ("antwoordtijd", float),
}


class SourceHook(BaseHook):
    """The way to one of the sources of the pipeline.

    Args:
        source: whom to ask; its connection is ``bron_<name>``.
        doelbinding: the purpose that goes along with every request.
        betreft: on whose behalf is asked (organisation and ronde); opens every error message.
    """

    conn_type = "http"

    def __init__(self, source: Source, *, doelbinding: str, betreft: str = "") -> None:
        super().__init__()
        self.source, self.conn_id = source, source.connection
        self.doelbinding, self.betreft = doelbinding, betreft

    def get_conn(self) -> Bronclient:
        """Return a new client. Raises InstallatieFout when the connection does not describe a source."""
        import ssl

        from include.bronnen.client import Bronclient

        try:
            connection = self.get_connection(self.conn_id)
        except AirflowNotFoundException:
            raise InstallatieFout(
                f"Connection {self.conn_id} is not there, so source {self.source.name} cannot be asked. Add it where "
                f"this installation keeps its connections (secrets backend, or AIRFLOW_CONN_{self.conn_id.upper()}): "
                "its host is the address of the source, its password the token. Then clear this task."
            ) from None
        extra = dict(connection.extra_dejson)
        ca_bestand = extra.pop("ca_bestand", None)
        try:
            tls = ssl.create_default_context(cafile=ca_bestand) if ca_bestand else None
        except OSError as fout:
            reden = fout.strerror or type(fout).__name__
            raise InstallatieFout(
                f"Connection {self.conn_id}: ca_bestand cannot be read ({reden})."
            ) from None
        return Bronclient(
            _basis_url(connection),
            connection.password or "",
            bron=self.source.name,
            doelbinding=self.doelbinding,
            betreft=self.betreft,
            grenzen=_grenzen(self.conn_id, extra),
            tls=tls,
        )


def _basis_url(connection: Connection) -> str:
    """The address, from a whole one in the host, or from schema, host, port and (what a URI calls) path."""
    host, schema = connection.host or "", connection.schema or ""
    if "://" in host:
        basis = host
    else:
        protocol = schema if schema in ("http", "https") else connection.conn_type
        basis = f"{protocol}://{host}"
    if connection.port:
        basis += f":{connection.port}"
    return basis if schema in ("", "http", "https") else f"{basis}/{schema.strip('/')}"


def _grenzen(conn_id: str, extra: dict[str, Any]) -> Grenzen:
    from include.bronnen.traffic import Grenzen

    vreemd = sorted(set(extra) - set(_EXTRA))
    if vreemd:
        raise InstallatieFout(
            f"Connection {conn_id}: unknown in its extra: {', '.join(vreemd)}; "
            f"known are {', '.join(_EXTRA)}, ca_bestand."
        )
    try:
        return Grenzen(**{_EXTRA[naam][0]: _EXTRA[naam][1](waarde) for naam, waarde in extra.items()})
    except (TypeError, ValueError):
        raise InstallatieFout(f"Connection {conn_id}: a value in its extra is not a number.") from None
