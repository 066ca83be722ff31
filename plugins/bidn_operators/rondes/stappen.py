"""The DAGs that the page knows; their steps and products are in the table of the pipeline."""

from enum import StrEnum

from include.pipeline import ALLEENVERDIENERS, BIJZONDERE_BIJSTAND


class DagId(StrEnum):
    """Any other DAG is not found."""

    BIJZONDERE_BIJSTAND = BIJZONDERE_BIJSTAND.dag_id
    ALLEENVERDIENERS = ALLEENVERDIENERS.dag_id
