"""Airflow's own logs of our runs, as a class with a retention period (besluit B55).

They hold no personal data (docs/privacy.md), but tell who was served when, and they go with the rest.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from include.errors import OpslagFout
from include.storage.backends import BLOK, Opgeslagen, Schijf
from include.storage.bewaarklassen import Stuk, TeVernietigen, in_verwijdering
from include.storage.file_store import Bestandsopslag
from include.storage.moments import begin_van, dag_van
from include.storage.publicaties import BEWAARTERMIJN


class Runlogs:
    """The log files of a run, together: 90 days after the last of them was written to.

    Told by the files themselves, not by the end of the run: a task cannot ask Airflow's database, and a run that is
    cleared writes to the same folder again, which starts its 90 days anew. In the register a run is one line: its
    folder, the number of files as rows, and the sha-256 of the list of their names and sha-256's.
    """

    naam = "airflow-log"
    soorten = frozenset({"airflow-log"})

    def __init__(self, map_: Path, dags: Collection[str]) -> None:
        """``map_`` is Airflow's ``[logging] base_log_folder``; of other DAGs than ``dags`` nothing is touched."""
        self._schijf, self._dags = Schijf(map_), sorted(dags)

    def vind(
        self,
        sessie: Session,
        bestanden: Bestandsopslag,  # noqa: ARG002
        nu: datetime,
    ) -> list[TeVernietigen]:
        """See Bewaarklasse."""
        begonnen = in_verwijdering(sessie)
        vondsten: list[TeVernietigen] = []
        for dag in self._dags:
            runs, fout = self._runs(f"dag_id={dag}")
            vondsten += [
                TeVernietigen(self.naam, run, (Stuk(self.naam, run, rijen=len(logs)),))
                for run, logs in runs.items()
                if run not in begonnen and self._verlopen(logs, nu)
            ]
            if fout:
                vondsten.append(TeVernietigen(self.naam, f"dag_id={dag}", (), belet=str(fout)))
        return vondsten

    def trek_in(
        self,
        sessie: Session,  # noqa: ARG002
        bestanden: Bestandsopslag,  # noqa: ARG002
        vondst: TeVernietigen,
        nu: datetime,
    ) -> Sequence[Stuk]:
        """See Bewaarklasse: not what is gone, nor what was written to since it was found."""
        return [stuk for stuk in vondst.stukken if self._verlopen(list(self._schijf.lijst(stuk.sleutel)), nu)]

    def vingerafdruk(self, bestanden: Bestandsopslag, sleutel: str) -> str:  # noqa: ARG002
        """See Bewaarklasse."""
        lijst = hashlib.sha256()
        for log in sorted(self._schijf.lijst(sleutel)):
            som = hashlib.sha256()
            with self._schijf.lezen(log.sleutel) as bron:
                while blok := bron.read(BLOK):
                    som.update(blok)
            lijst.update(f"{som.hexdigest()}  {log.sleutel}\n".encode())
        return lijst.hexdigest()

    def wis(self, bestanden: Bestandsopslag, sleutel: str, begonnen_op: datetime) -> None:  # noqa: ARG002
        """See Bewaarklasse. Goes on after a file that cannot be removed.

        What was written since is of a run that was cleared: it is not in the register's line, and has 90 days of
        its own.
        """
        mislukt: OpslagFout | None = None
        for log in list(self._schijf.lijst(sleutel)):
            if not self._verlopen([log], begonnen_op):
                continue
            try:
                self._schijf.verwijder(log.sleutel)
            except OpslagFout as fout:
                mislukt = fout
        if mislukt:
            raise mislukt

    def _runs(self, dagmap: str) -> tuple[dict[str, list[Opgeslagen]], OpslagFout | None]:
        """The log files by folder of their run, ``dag_id=…/run_id=…``, and why these may not be all."""
        runs: dict[str, list[Opgeslagen]] = defaultdict(list)
        fout: OpslagFout | None = None
        try:
            for log in self._schijf.lijst(dagmap):
                _, run, *rest = log.sleutel.split("/")
                if run.startswith("run_id=") and rest:
                    runs[f"{dagmap}/{run}"].append(log)
        except OpslagFout as wat:
            fout = wat
        return dict(sorted(runs.items())), fout

    @staticmethod
    def _verlopen(logs: Sequence[Opgeslagen], nu: datetime) -> bool:
        grens = begin_van(dag_van(nu) - BEWAARTERMIJN + timedelta(days=1))
        return bool(logs) and max(log.gewijzigd_op for log in logs) < grens
