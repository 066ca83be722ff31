"""Airflow's logging with our filter in it; ``[logging] logging_config_class`` points here.

``AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS=include.airflow_logging.LOGGING_CONFIG``

Airflow takes processors for the logs of tasks from one place only: the handler for remote logs that stands beside
the logging configuration, in the task and in its supervisor, which writes what the task printed too. So the filter
is such a handler. It passes uploading and reading on to the one that ``[logging] remote_logging`` asks for, if any.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.config_templates import airflow_local_settings

from include.logfilter import installeer, processor

LOGGING_CONFIG = airflow_local_settings.DEFAULT_LOGGING_CONFIG
DEFAULT_REMOTE_CONN_ID = getattr(airflow_local_settings, "DEFAULT_REMOTE_CONN_ID", None)


class Logfilter:
    """A remote log handler that filters what is logged; ``achter`` is the real one, None when there is none."""

    def __init__(self, achter: Any = None) -> None:  # noqa: ANN401 - of whichever provider
        self.achter = achter

    @property
    def processors(self) -> tuple[Any, ...]:
        """The filter, before whatever the real handler does."""
        return (processor, *(getattr(self.achter, "processors", None) or ()))

    def upload(self, path: os.PathLike[str] | str, ti: Any = None) -> None:  # noqa: ANN401
        """Upload a log, where there is somewhere to."""
        if self.achter is not None:
            self.achter.upload(path, ti)

    def read(self, relative_path: str, ti: Any) -> Any:  # noqa: ANN401
        """Read a log back. Raises NotImplementedError when logs are local: Airflow then reads the file."""
        if self.achter is None:
            raise NotImplementedError
        return self.achter.read(relative_path, ti)


REMOTE_TASK_LOG = Logfilter(getattr(airflow_local_settings, "REMOTE_TASK_LOG", None))
installeer()
