"""One hook per source: the Airflow connection becomes a client, whose questions are those of include/bronnen.

A connection (``bron_brp``, ``bron_uwv``, ``bron_belastingdienst``, ``bron_rdw`` or ``bron_bijstand``) says
where the source is: host, port and schema (http or https), or the whole address as the host. Its password is
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

from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from include.errors import BidnFout, InstallatieFout

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from airflow.sdk import Connection

    from include.bronnen.client import Bronclient, Voortgang
    from include.bronnen.traffic import Grenzen
    from include.schemas.bronberichten import AangekondigdeLevering

BIJZONDERE_BIJSTAND = "bijzondere-bijstand"
ALLEENVERDIENERS = "alleenverdieners"

_EXTRA = {
    "batchgrootte": ("batchgrootte", int),
    "gelijktijdig": ("gelijktijdig", int),
    "pogingen": ("pogingen", int),
    "timeout": ("lezen", float),
    "timeout_verbinden": ("verbinden", float),
    "timeout_antwoord": ("antwoordtijd", float),
}


class Bronhook(BaseHook):
    """What the sources have in common.

    Args:
        conn_id: the Airflow connection; that of the source when None.
        doelbinding: the purpose that goes along with every request.
        betreft: on whose behalf is asked (organisation and ronde); opens every error message.
    """

    conn_name_attr = "conn_id"
    conn_type = "http"
    default_conn_name = ""
    bron = ""

    def __init__(
        self, conn_id: str | None = None, *, doelbinding: str = BIJZONDERE_BIJSTAND, betreft: str = ""
    ) -> None:
        super().__init__()
        self.conn_id = conn_id or self.default_conn_name
        self.doelbinding, self.betreft = doelbinding, betreft

    def get_conn(self) -> Bronclient:
        """Return a new client. Raises InstallatieFout when the connection does not describe a source."""
        import ssl

        from include.bronnen.client import Bronclient

        try:
            connection = self.get_connection(self.conn_id)
        except AirflowNotFoundException:
            raise InstallatieFout(
                f"Connection {self.conn_id} is not there, so source {self.bron} cannot be asked. Add it where this "
                f"installation keeps its connections (secrets backend, or AIRFLOW_CONN_{self.conn_id.upper()}): its "
                "host is the address of the source, its password the token. Then clear this task."
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
            bron=self.bron,
            doelbinding=self.doelbinding,
            betreft=self.betreft,
            grenzen=_grenzen(self.conn_id, extra),
            tls=tls,
        )

    @cached_property
    def client(self) -> Bronclient:
        """The client that this hook's questions go through; its ``statistiek`` counts them."""
        return self.get_conn()

    def test_connection(self) -> tuple[bool, str]:
        """Ask about nobody; return whether the source answered as it should, and a sentence."""
        try:
            self._proef()
        except BidnFout as fout:
            return False, str(fout)
        return True, f"Source {self.bron} answers at {self.client.basis_url}."

    def _proef(self) -> None:
        raise NotImplementedError


class BrpHook(Bronhook):
    """The BRP: who lives where, with whom."""

    default_conn_name = "bron_brp"
    bron = "brp"

    def vraag_brp(self, bsns: np.ndarray | pd.Series, voortgang: Voortgang | None = None) -> pa.Table:
        """See include.bronnen.brp.vraag_brp."""
        from include.bronnen import brp

        return brp.vraag_brp(self.client, bsns, voortgang)

    def _proef(self) -> None:
        from include.bronnen import brp

        self.client.proef(brp.ADRESVRAGEN)


class UwvHook(Bronhook):
    """UWV: income."""

    default_conn_name = "bron_uwv"
    bron = "uwv"

    def vraag_uwv(
        self, bsns: np.ndarray | pd.Series, van: date, tot_en_met: date, voortgang: Voortgang | None = None
    ) -> pa.Table:
        """See include.bronnen.uwv.vraag_uwv."""
        from include.bronnen import uwv

        return uwv.vraag_uwv(self.client, bsns, van, tot_en_met, voortgang)

    def _proef(self) -> None:
        from include.bronnen import uwv

        dag = _vandaag().isoformat()
        self.client.proef(uwv.INKOMSTENVERHOUDINGEN, periodeVan=dag, periodeTotEnMet=dag)


class BelastingdienstHook(Bronhook):
    """Belastingdienst: vermogen, heffingskortingen, and the leveringen alleenverdieners."""

    default_conn_name = "bron_belastingdienst"
    bron = "belastingdienst"

    def vraag_vermogens(
        self, bsns: np.ndarray | pd.Series, belastingjaar: int, voortgang: Voortgang | None = None
    ) -> pa.Table:
        """See include.bronnen.belastingdienst.vraag_vermogens."""
        from include.bronnen import belastingdienst

        return belastingdienst.vraag_vermogens(self.client, bsns, belastingjaar, voortgang)

    def vraag_heffingskortingen(
        self, bsns: np.ndarray | pd.Series, belastingjaar: int, voortgang: Voortgang | None = None
    ) -> pa.Table:
        """See include.bronnen.belastingdienst.vraag_heffingskortingen."""
        from include.bronnen import belastingdienst

        return belastingdienst.vraag_heffingskortingen(self.client, bsns, belastingjaar, voortgang)

    def leveringen(self) -> list[AangekondigdeLevering]:
        """See include.bronnen.alleenverdieners.leveringen."""
        from include.bronnen import alleenverdieners

        return alleenverdieners.leveringen(self.client)

    def haal_levering(self, naam: str) -> bytes:
        """See include.bronnen.alleenverdieners.haal_levering."""
        from include.bronnen import alleenverdieners

        return alleenverdieners.haal_levering(self.client, naam)

    def _proef(self) -> None:
        from include.bronnen import belastingdienst

        if self.doelbinding == ALLEENVERDIENERS:
            self.leveringen()
        else:
            self.client.proef(belastingdienst.VERMOGENS, belastingjaar=_vandaag().year - 1)


class RdwHook(Bronhook):
    """RDW: vehicles."""

    default_conn_name = "bron_rdw"
    bron = "rdw"

    def vraag_rdw(
        self, bsns: np.ndarray | pd.Series, peildatum: date, voortgang: Voortgang | None = None
    ) -> pa.Table:
        """See include.bronnen.rdw.vraag_rdw."""
        from include.bronnen import rdw

        return rdw.vraag_rdw(self.client, bsns, peildatum, voortgang)

    def _proef(self) -> None:
        from include.bronnen import rdw

        self.client.proef(rdw.VOERTUIGEN, peildatum=_vandaag().isoformat())


class BijstandHook(Bronhook):
    """The bijstand register: uitkeringen."""

    default_conn_name = "bron_bijstand"
    bron = "bijstand"

    def vraag_bijstand(
        self, bsns: np.ndarray | pd.Series, peildatum: date, voortgang: Voortgang | None = None
    ) -> pa.Table:
        """See include.bronnen.bijstand.vraag_bijstand."""
        from include.bronnen import bijstand

        return bijstand.vraag_bijstand(self.client, bsns, peildatum, voortgang)

    def _proef(self) -> None:
        from include.bronnen import bijstand

        self.client.proef(bijstand.UITKERINGSVERHOUDINGEN, peildatum=_vandaag().isoformat())


def _vandaag() -> date:
    return datetime.now(UTC).date()


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
