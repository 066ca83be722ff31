"""One operator over the table of the pipeline: a mapped task takes one step for one organisation or levering."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bidn_operators.metrics import Measured
from bidn_operators.operators.run import readable, sla_over
from bidn_operators.operators.task import BRANCH_COLOR, Task
from include.pipeline import ALLEENVERDIENERS, BIJZONDERE_BIJSTAND, Pipeline

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.pipeline import Source
    from include.steps.stored_branch import Outside, StoredBranch
    from include.steps.verdeling import Verdeelregel
    from include.steps.verwerking import Deelnemer


_ANEW = "Start a new run of the ronde to reprocess it."


class StepOperator(Task):
    """Takes the step of the table that has the name of this task.

    A class below says what the step is mapped over: that one field is its template field, so that it shows in the UI
    and labels the task.
    """

    pipeline: ClassVar[Pipeline]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = self.pipeline.step(self.task_id)

    def work(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - the interface
        """Take the step, measure it, and log what came out."""
        if self.is_done():
            self.log.info("%s was published by this run already: nothing to do. %s", self.about, _ANEW)
            return {"afgerond": True}
        with Measured(self.step) as measured:
            measured.outcome = dict(self.take())
        self.log.info("%s: %s", self.about, readable(measured.outcome))
        return measured.outcome

    def is_done(self) -> bool:
        """Tell whether there is nothing left to do. Raises AirflowSkipException when there never was."""
        return False

    @abstractmethod
    def take(self) -> Mapping[str, Any]:
        """Take the step and return counts."""

    @property
    @abstractmethod
    def about(self) -> str:
        """Whom it is about: opens the line in the log."""


class IntakeStep(StepOperator):
    """Takes in the delivery of one organisation: a line of what ``ronde_openen`` returned."""

    template_fields: Sequence[str] = ("deelnemer",)
    pipeline = BIJZONDERE_BIJSTAND

    def __init__(self, *, deelnemer: Deelnemer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deelnemer = deelnemer

    def take(self) -> Mapping[str, Any]:
        """See StepOperator."""
        from include.steps.verwerking import Opslag

        uitkomst: Mapping[str, Any] = self.step.call(Opslag(), self.deelnemer)
        return uitkomst

    @property
    def about(self) -> str:
        """See StepOperator."""
        return self.deelnemer["organisatie"]


class VerwerkingStep(StepOperator):
    """Takes a step of one organisation in a ronde: a line of what ``ronde_samenstellen`` returned."""

    template_fields: Sequence[str] = ("verwerking",)
    pipeline = BIJZONDERE_BIJSTAND
    ui_color = BRANCH_COLOR

    def __init__(self, *, verwerking: Deelnemer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.verwerking = verwerking

    def take(self) -> Mapping[str, Any]:
        """See StepOperator."""
        uitkomst: Mapping[str, Any] = self.step.call(self.branch())
        return {**uitkomst, "organisatie": self.verwerking["organisatie"]}

    def is_done(self) -> bool:
        """See StepOperator; skips an organisation without rows to test (besluit B53)."""
        from include.steps.rondes import reden_om_over_te_slaan

        if reden := reden_om_over_te_slaan(self.verwerking):
            sla_over(reden)
        return self.branch().is_done

    def branch(self) -> StoredBranch:
        """Return the branch of this organisation at this step."""
        from include.steps.stored_branch import StoredBranch
        from include.steps.verwerking import Opslag, Verwerking

        return StoredBranch(Opslag(), Verwerking.uit_dict(self.verwerking), self.step, outside())

    @property
    def about(self) -> str:
        """See StepOperator."""
        return f"organisation {self.verwerking['organisatie']}, ronde {self.verwerking['ronde']}"


class LeveringStep(StepOperator):
    """Takes in one levering of the Belastingdienst: a line of what ``leveringen_zoeken`` returned."""

    template_fields: Sequence[str] = ("aankondiging",)
    pipeline = ALLEENVERDIENERS

    def __init__(self, *, aankondiging: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aankondiging = aankondiging

    def take(self) -> Mapping[str, Any]:
        """See StepOperator."""
        from include.steps.verwerking import Opslag

        assert self.step.source is not None  # noqa: S101 - the table says whom to ask
        client = ask(self.step.source, self.about, doelbinding=self.pipeline.product)
        uitkomst: Mapping[str, Any] = self.step.call(Opslag(), client, self.aankondiging)
        return uitkomst

    @property
    def about(self) -> str:
        """See StepOperator."""
        return f"levering {self.aankondiging['levering']}"


class VerdelingStep(StepOperator):
    """Takes a step for the lists of one organisation: a line of what ``verdeling_maken`` returned."""

    template_fields: Sequence[str] = ("verdeling",)
    pipeline = ALLEENVERDIENERS
    ui_color = BRANCH_COLOR

    def __init__(self, *, verdeling: Verdeelregel, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.verdeling = verdeling

    def take(self) -> Mapping[str, Any]:
        """See StepOperator."""
        from bidn_operators.hooks.mail import MailHook
        from include.steps.lijsten import ListBranch
        from include.steps.verdeling import Verdeling
        from include.steps.verwerking import Opslag

        branch = ListBranch(Opslag(), Verdeling.uit_dict(self.verdeling), MailHook().bezorg)
        uitkomst: Mapping[str, Any] = self.step.call(branch)
        return uitkomst

    @property
    def about(self) -> str:
        """See StepOperator."""
        return f"organisation {self.verdeling['organisatie']}, levering {self.verdeling['levering']}"


def ask(source: Source, betreft: str, *, doelbinding: str = BIJZONDERE_BIJSTAND.product) -> Any:  # noqa: ANN401
    """Return a client for a source, over its Airflow connection."""
    from bidn_operators.hooks.source import SourceHook

    return SourceHook(source, doelbinding=doelbinding, betreft=betreft).get_conn()


def outside() -> Outside:
    """Return how steps reach the world outside from a task."""
    from bidn_operators.hooks.mail import MailHook
    from include.steps.stored_branch import Outside

    return Outside(ask=ask, bezorg=lambda mail, adres: MailHook().bezorg(mail, adres))
