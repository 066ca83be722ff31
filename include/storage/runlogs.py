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
from include.moments import day_of, start_of
from include.storage.backends import BLOCK, LocalBackend, StoredObject
from include.storage.bewaarklassen import FileToRemove, Removal, RestsOn, being_removed
from include.storage.file_store import FileStore
from include.storage.publicaties import BEWAARTERMIJN


class RunLogs:
    """The log files of a run, together: 90 days after the last of them was written to.

    Told by the files themselves, not by the end of the run: a task cannot ask Airflow's database, and a run that is
    cleared writes to the same folder again, which starts its 90 days anew. In the register a run is one line: its
    folder, the number of files as rows, and the sha-256 of the list of their names and sha-256's.
    """

    naam = "airflow-log"
    kinds = frozenset({"airflow-log"})
    rests_on = RestsOn.NOTHING

    def __init__(self, map_: Path, dags: Collection[str]) -> None:
        """``folder`` is Airflow's ``[logging] base_log_folder``; of other DAGs than ``dags`` nothing is touched."""
        self._backend, self._dags = LocalBackend(map_), sorted(dags)

    def find(
        self,
        sessie: Session,
        bestanden: FileStore,  # noqa: ARG002
        nu: datetime,
    ) -> list[Removal]:
        """See Bewaarklasse."""
        begonnen = being_removed(sessie)
        vondsten: list[Removal] = []
        for dag in self._dags:
            runs, fout = self._runs(f"dag_id={dag}")
            vondsten += [
                Removal(self.naam, run, (FileToRemove(self.naam, run, rijen=len(logs)),))
                for run, logs in runs.items()
                if run not in begonnen and self._is_due(logs, nu)
            ]
            if fout:
                vondsten.append(Removal(self.naam, f"dag_id={dag}", (), obstacle=str(fout)))
        return vondsten

    def withdraw(
        self,
        sessie: Session,  # noqa: ARG002
        bestanden: FileStore,  # noqa: ARG002
        vondst: Removal,
        nu: datetime,
    ) -> Sequence[FileToRemove]:
        """See Bewaarklasse: not what is gone, nor what was written to since it was found."""
        return [stuk for stuk in vondst.files if self._is_due(list(self._backend.list(stuk.sleutel)), nu)]

    def fingerprint(self, bestanden: FileStore, sleutel: str) -> str:  # noqa: ARG002
        """See Bewaarklasse."""
        lijst = hashlib.sha256()
        for log in sorted(self._backend.list(sleutel)):
            som = hashlib.sha256()
            with self._backend.open_read(log.key) as bron:
                while blok := bron.read(BLOCK):
                    som.update(blok)
            lijst.update(f"{som.hexdigest()}  {log.key}\n".encode())
        return lijst.hexdigest()

    def erase(self, bestanden: FileStore, sleutel: str, begonnen_op: datetime) -> None:  # noqa: ARG002
        """See Bewaarklasse. Goes on after a file that cannot be removed.

        What was written since is of a run that was cleared: it is not in the register's line, and has 90 days of
        its own.
        """
        mislukt: OpslagFout | None = None
        for log in list(self._backend.list(sleutel)):
            if not self._is_due([log], begonnen_op):
                continue
            try:
                self._backend.remove(log.key)
            except OpslagFout as fout:
                mislukt = fout
        if mislukt:
            raise mislukt

    def _runs(self, dagmap: str) -> tuple[dict[str, list[StoredObject]], OpslagFout | None]:
        """The log files by folder of their run, ``dag_id=…/run_id=…``, and why these may not be all."""
        runs: dict[str, list[StoredObject]] = defaultdict(list)
        fout: OpslagFout | None = None
        try:
            for log in self._backend.list(dagmap):
                _, run, *rest = log.key.split("/")
                if run.startswith("run_id=") and rest:
                    runs[f"{dagmap}/{run}"].append(log)
        except OpslagFout as wat:
            fout = wat
        return dict(sorted(runs.items())), fout

    @staticmethod
    def _is_due(logs: Sequence[StoredObject], nu: datetime) -> bool:
        grens = start_of(day_of(nu) - BEWAARTERMIJN + timedelta(days=1))
        return bool(logs) and max(log.modified_at for log in logs) < grens
