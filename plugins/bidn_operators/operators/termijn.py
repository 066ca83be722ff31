"""The daily look at what no run can tell: a ronde that did not start, a delivery about to be lost, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bidn_operators.operators.task import Task
from include.errors import NormFout, RondeFout

if TYPE_CHECKING:
    from airflow.sdk import Context

MAANDAG = 0


class TermijnenBewakenOperator(Task):
    """Fail, and so alert ops, when the ronde that is due did not start, or a delivery is about to be lost (B3, B55).

    On Mondays also when norms run out (besluit B9).
    """

    gevolg = (
        "nobody is affected yet; when this is left, reports are late or never made, or the next ronde stops for want "
        "of norms."
    )

    def work(self, context: Context) -> None:  # noqa: ARG002 - the interface
        """Look, once a day.

        Raises:
            RondeFout: the ronde of this rapportagemaand has not run, or what was delivered for one will be removed
                within 14 days and was never published.
            NormFout: a table of norms ends within two months. Once a week, for there is time; else only logged.
        """
        from include.steps.termijn import niet_begonnen, normen_lopen_af, verloren_dreigend
        from include.steps.verwerking import Opslag

        opslag = Opslag()
        normen = normen_lopen_af(opslag.vandaag)
        if normen:
            self.log.warning(normen)
        rondes = [reden for reden in (niet_begonnen(opslag), verloren_dreigend(opslag)) if reden]
        for reden in rondes:
            self.log.warning(reden)
        if rondes:
            raise RondeFout(" ".join(rondes))
        if normen and opslag.vandaag.weekday() == MAANDAG:
            raise NormFout(normen)
        if not normen:
            self.log.info(
                "nothing found: the ronde runs, no delivery is about to be lost, and the norms last"
            )
