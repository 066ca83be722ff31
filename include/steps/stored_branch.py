"""The branch of one organisation in a run of a ronde, over the storage of the installation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from include.bronnen.client import Bronclient, Voortgang
from include.errors import GegevensFout
from include.moments import day_of
from include.normen import laden
from include.pipeline import Again, Source, Step
from include.rapportage.kop import Kop
from include.schemas.domein import Product
from include.schemas.instellingen import Instellingen
from include.steps.audit import recorded
from include.steps.branch import HUISHOUDENS, Toetsing
from include.steps.leveren import lees_aanvragen
from include.steps.notificeren import Bezorger
from include.steps.tevens import tevens_van
from include.steps.verwerking import Opslag, Verwerking, vind_organisatie
from include.steps.workfiles import StoredFiles
from include.storage.leveringen import find_levering
from include.storage.models import Levering, Organisatie, Publicatie
from include.storage.organisaties import instellingen_of_versie
from include.storage.publicaties import came_to, find_publicaties
from include.storage.rondes import find_deelname, settle_instellingen


@dataclass(frozen=True)
class Outside:
    """How steps reach the world outside: sources by name, on whose behalf, and the mail server."""

    ask: Callable[[Source, str], Bronclient]
    bezorg: Bezorger


@dataclass(frozen=True)
class StoredBranch:
    """One organisation in a run of a ronde, over the storage of the installation."""

    opslag: Opslag
    verwerking: Verwerking
    step: Step
    outside: Outside
    voortgang: Voortgang | None = None

    @cached_property
    def werk(self) -> StoredFiles:
        """Its intermediates."""
        return StoredFiles(self.opslag.bestanden, self.verwerking.kenmerk, self.verwerking.betreft)

    @cached_property
    def organisatie(self) -> Organisatie:
        """The organisation. Raises GegevensFout when it is no longer registered."""
        return vind_organisatie(self.opslag, self.verwerking)

    @cached_property
    def levering(self) -> Levering:
        """The delivery that counts. Raises GegevensFout when its 90 days are over."""
        with self.opslag.database.reading() as sessie:
            return find_levering(sessie, self.verwerking.levering_id)

    @cached_property
    def toetsing(self) -> Toetsing:
        """As Branch. The instellingen are those settled when the first source was asked (besluit B8).

        Raises:
            GegevensFout: the delivery was removed, the toetsing never began, or another run took it over.
        """
        ronde = laden.ronde(self.verwerking.ronde)
        versie = self._begin() if self.step.again is Again.ANEW else self.instellingen_versie
        with self.opslag.database.reading() as sessie:
            op = ronde.rapportagemaand.laatste_dag
            geldend = instellingen_of_versie(sessie, self.organisatie, versie, op=op)
        return Toetsing(
            ronde=ronde,
            normen=laden.normen_op(ronde.deelnamedatum),
            instellingen=Instellingen(geldend.vermogen, geldend.voertuigen, geldend.percentage),
            aanvragen=lees_aanvragen(self.opslag, self.levering),
            werk=self.werk,
        )

    @property
    def instellingen_versie(self) -> int:
        """The version settled at the begin, by this run and no other: what was fetched goes with it (besluit B8)."""
        with self.opslag.database.reading() as sessie:
            rij = find_deelname(sessie, self.verwerking.ronde, self.organisatie)
        if rij.instellingen_versie is None or rij.verwerking != self.verwerking.kenmerk:
            raise GegevensFout(
                f"{self.verwerking.betreft}: this run has not asked the sources, or another run of the ronde has taken "
                "over since. Leave it at that other run, or clear huishouden_brp with everything after it."
            )
        return rij.instellingen_versie

    def _begin(self) -> int:
        with self.opslag.database.transaction() as sessie:
            geldend = settle_instellingen(
                sessie,
                self.verwerking.ronde,
                self.organisatie,
                verwerking=self.verwerking.kenmerk,
                laatste_dag=laden.ronde(self.verwerking.ronde).rapportagemaand.laatste_dag,
                nu=self.opslag.klok(),
            )
        return geldend.versie

    def ask(self, source: Source) -> Bronclient:
        """As Branch; every question is entered in the audit log."""
        return recorded(
            self.opslag,
            self.outside.ask(source, self.verwerking.betreft),
            doelbinding=Product.BIJZONDERE_BIJSTAND,
            onderwerp=self.verwerking.levering_id,
            organisatie=self.verwerking.organisatie,
            ronde=self.verwerking.ronde,
        )

    @property
    def kop(self) -> Kop:
        """As Branch."""
        return self.kop_op(self.opslag.vandaag)

    def kop_op(self, rapportagedatum: date) -> Kop:
        """The heading of its reports when they are published on a day."""
        return Kop(
            aanleverende_organisatie=self.verwerking.organisatie,
            bestandsnaam=self.levering.bestandsnaam,
            aanleverdatum=day_of(self.levering.ontvangen_op),
            rapportagedatum=rapportagedatum,
            ronde=self.toetsing.ronde,
            normvariant=self.toetsing.normen.normvariant,
        )

    @property
    def tevens(self) -> pd.DataFrame:
        """As Branch."""
        return tevens_van(self.opslag, self.verwerking)

    @property
    def gepubliceerd(self) -> Publicatie | None:
        """What this verwerking published last, or found published with the same content (besluit B56); if anything."""
        with self.opslag.database.reading() as sessie:
            van_ronde = find_publicaties(
                sessie,
                organisatie=self.organisatie,
                product=Product.BIJZONDERE_BIJSTAND,
                ronde=self.verwerking.ronde,
                ook_vervangen=True,
            )
            deelname = find_deelname(sessie, self.verwerking.ronde, self.organisatie)
        return came_to(deelname, self.verwerking.kenmerk, van_ronde)

    @property
    def is_done(self) -> bool:
        """Whether this step has nothing left to do: published, and the intermediates gone (besluit B55)."""
        if self.step.again is not Again.UNTIL_PUBLISHED:
            return False
        begun = any(naam.startswith(HUISHOUDENS) for naam in self.werk.names())
        return not begun and self.gepubliceerd is not None
