"""Which DAG belongs to which product, and the tasks that an organisation goes through in it."""

from dataclasses import dataclass
from enum import StrEnum

from include.schemas.domein import Product


class DagId(StrEnum):
    """The DAGs that the page knows; any other is not found."""

    BIJZONDERE_BIJSTAND = "bijzondere_bijstand"
    ALLEENVERDIENERS = "alleenverdieners"


@dataclass(frozen=True)
class Dagvorm:
    """What the page must know of a DAG to place its tasks."""

    product: Product
    groep: str
    """The task group that is mapped over the organisations; its tasks carry the organisation's name."""
    stappen: tuple[str, ...]
    """The mapped tasks of one organisation, in order. A test holds them against the DAG."""


DAGS = {
    DagId.BIJZONDERE_BIJSTAND: Dagvorm(
        product=Product.BIJZONDERE_BIJSTAND,
        groep="toetsing",
        stappen=(
            "intake",
            "toetsing.huishouden_brp",
            "toetsing.bijstand_ophalen",
            "toetsing.uwv_ophalen",
            "toetsing.belastingdienst_ophalen",
            "toetsing.rdw_ophalen",
            "toetsing.regels_toetsen",
            "toetsing.rapporten_maken",
            "toetsing.goedkeuren",
            "toetsing.publiceren",
            "toetsing.notificeren",
        ),
    ),
    DagId.ALLEENVERDIENERS: Dagvorm(
        product=Product.ALLEENVERDIENERS,
        groep="verdeling",
        stappen=("verdeling.lijsten_maken", "verdeling.publiceren", "verdeling.notificeren"),
    ),
}
