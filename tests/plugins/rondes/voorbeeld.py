"""A ronde worked out by hand: six organisations, each in another state, and the states of their tasks.

===========  =============  ================================  ==================================================
Almere       published      10 read, 10 accepted              version 2 (10 rows); one mail sent, one opted out
Borne        running        8 read, 6 accepted, 2 rejected    asks UWV; nothing published yet
Cuijk        afgekeurd      3 read, 3 rejected                no reports
Delft        failed         5 read, 5 accepted                at uwv_ophalen
Ede          published      4 read, 4 accepted                version 1 (4 rows); a mail in doubt, one to send
Fryslân      in the run     not judged yet                    intake runs; the database knows its delivery
===========  =============  ================================  ==================================================

Almere delivered for the next ronde too. Alleenverdieners: levering avd_2026_01, to Almere (0034) and Ede (0228).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.storage.database import Database
from include.storage.models import (
    Aanmelding,
    Deelname,
    Levering,
    Notificatie,
    Organisatie,
    Productbeheerder,
    Publicatie,
    PublicatieBestand,
    RondeRow,
)

NU = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
RONDE, VOLGENDE, LEVERING = "2026-09", "2026-10", "avd_2026_01"
RUN, EERDER, AVD_RUN = "manual__2026-10-14T09:00:00+00:00", "scheduled__2026-10-01T00:00:00+00:00", "avd_run"
ORGANISATIES = ("Almere", "Borne", "Cuijk", "Delft", "Ede", "Fryslân")
GEHEIM = "beheerder"
"""In every name and address of a productbeheerder: must not be on the page."""

STAPPEN = (
    "intake",
    "toetsing.huishouden_brp",
    "toetsing.bijstand_ophalen",
    "toetsing.uwv_ophalen",
    "toetsing.belastingdienst_ophalen",
    "toetsing.rdw_ophalen",
    "toetsing.regels_toetsen",
    "toetsing.rapporten_maken",
    "toetsing.publiceren",
    "toetsing.notificeren",
)
KLAAR = dict.fromkeys(STAPPEN, "success")
BIJ_UWV = dict.fromkeys(STAPPEN[:3], "success")
REST = STAPPEN[6:]
TOESTANDEN: dict[str, dict[str, str | None]] = {
    "Almere": {**KLAAR},
    "Borne": {**BIJ_UWV, **dict.fromkeys(STAPPEN[3:6], "running"), **dict.fromkeys(REST)},
    "Cuijk": {"intake": "success", **dict.fromkeys(STAPPEN[1:], "skipped")},
    "Delft": {
        **BIJ_UWV,
        STAPPEN[3]: "failed",
        STAPPEN[4]: "success",
        STAPPEN[5]: "success",
        **dict.fromkeys(REST, "upstream_failed"),
    },
    "Ede": {**KLAAR},
    "Fryslân": {"intake": "running"},
}


def oordelen(j: int, n: int, niet: int) -> dict[str, dict[str, int]]:
    """The same outcomes for every test."""
    telling = {"J": j, "N": n, "Niet getoetst": niet}
    return {toets: dict(telling) for toets in ("Belemmering", "Inkomen", "Vermogen", "Huishouden")}


class Bouwer:
    """Enters rows as the steps would, without files."""

    def __init__(self, sessie: Session) -> None:
        self.sessie, self.nummer = sessie, 0

    def _id(self) -> str:
        self.nummer += 1
        return f"{self.nummer:036d}"

    def voeg_toe(self, rij: Any) -> Any:
        self.sessie.add(rij)
        self.sessie.flush()
        return rij

    def organisatie(self, naam: str) -> Organisatie:
        organisatie = self.voeg_toe(Organisatie(naam=naam, geregistreerd_op=NU - timedelta(days=300)))
        for product in Product:
            self.voeg_toe(Aanmelding(organisatie_id=organisatie.id, product=product, begin=date(2026, 1, 1)))
            for wie, wil in (("een", True), ("twee", naam != "Almere")):
                self.voeg_toe(
                    Productbeheerder(
                        organisatie_id=organisatie.id,
                        product=product,
                        naam=f"{GEHEIM} {wie}",
                        email=f"{GEHEIM}.{wie}@{self.nummer}.test",
                        notificaties=wil,
                    )
                )
        return organisatie

    def levering(
        self,
        organisatie: Organisatie | None,
        ronde: str | None,
        rijen: tuple[int, int] | None,
        fouten: dict[str, int] | None = None,
        kenmerk: str | None = None,
    ) -> Levering:
        """``rijen`` are those accepted and rejected; None: not judged yet."""
        goed, fout = rijen or (0, 0)
        status = LeveringStatus.AFGEKEURD if not goed else LeveringStatus.DEELS_INCORRECT
        beoordeeld = {
            "status": status if fout else LeveringStatus.CORRECT,
            "rijen_gelezen": goed + fout,
            "rijen_goedgekeurd": goed,
            "rijen_afgewezen": fout,
            "fouten": fouten or {},
        }
        return self.voeg_toe(
            Levering(
                id=self._id(),
                product=Product.ALLEENVERDIENERS if kenmerk else Product.BIJZONDERE_BIJSTAND,
                organisatie_id=organisatie.id if organisatie else None,
                ronde=ronde,
                kenmerk=kenmerk,
                volgnummer=1,
                ontvangen_op=NU - timedelta(days=30),
                bestandsnaam="vraag.csv",
                sha256="0" * 64,
                omvang=100,
                **(beoordeeld if rijen else {}),
            )
        )

    def deelname(self, organisatie: Organisatie, levering: Levering, status: DeelnameStatus) -> None:
        self.voeg_toe(
            Deelname(
                ronde=RONDE,
                organisatie_id=organisatie.id,
                levering_id=levering.id,
                verwerking=f"{RUN}/{organisatie.id}",
                status=status,
                gewijzigd_op=NU,
            )
        )

    def publicatie(
        self,
        organisatie: Organisatie,
        levering: Levering,
        *,
        run: str,
        rijen: int,
        totalen: dict[str, Any] | None = None,
        gemeente: str | None = None,
        vervangt: Publicatie | None = None,
    ) -> Publicatie:
        ronde = None if gemeente else RONDE
        if vervangt:
            vervangt.vervangen_op = NU
            self.sessie.flush()
        publicatie = self.voeg_toe(
            Publicatie(
                id=self._id(),
                reeks=f"{levering.product}/{organisatie.id}/{ronde or gemeente}",
                versie=vervangt.versie + 1 if vervangt else 1,
                product=levering.product,
                organisatie_id=organisatie.id,
                levering_id=levering.id,
                ronde=ronde,
                gemeentecode=gemeente,
                verwerking=f"{run}/{levering.id}/{organisatie.id}" if gemeente else f"{run}/{organisatie.id}",
                inhoud_sha256="0" * 64,
                manifest={"totalen": {"oordelen": totalen} if totalen else {}},
                gepubliceerd_op=NU - timedelta(hours=1),
                verwijderen_op=date(2027, 1, 12),
            )
        )
        soort = "lijst" if gemeente else "overzicht"
        self.voeg_toe(
            PublicatieBestand(
                publicatie_id=publicatie.id,
                soort=soort,
                naam=f"{soort}.csv",
                sleutel=f"publicaties/{publicatie.id}/{soort}",
                sha256="0" * 64,
                omvang=1,
                rijen=rijen,
            )
        )
        return publicatie

    def mail(self, publicatie: Publicatie, *, verzonden: bool) -> None:
        """A mail to the first productbeheerder, claimed an hour ago."""
        wie = (
            self.sessie.query(Productbeheerder.id)
            .filter_by(organisatie_id=publicatie.organisatie_id, product=publicatie.product)
            .order_by(Productbeheerder.id)
            .first()
        )
        assert wie
        moment = NU - timedelta(hours=1)
        self.voeg_toe(
            Notificatie(
                publicatie_id=publicatie.id,
                productbeheerder_id=wie[0],
                geclaimd_op=moment,
                verzonden_op=moment if verzonden else None,
            )
        )


def vul(database: Database) -> None:
    """Enter the ronde of the table above."""
    with database.transaction() as sessie:
        bouw = Bouwer(sessie)
        almere, borne, cuijk, delft, ede, fryslan = (bouw.organisatie(naam) for naam in ORGANISATIES)
        bouw.voeg_toe(
            RondeRow(
                ronde=RONDE, deelnamedatum=date(2026, 9, 26), run=RUN, geopend_op=NU - timedelta(days=13)
            )
        )
        levering = bouw.levering(almere, RONDE, (10, 0))
        bouw.deelname(almere, levering, DeelnameStatus.GEPUBLICEERD)
        eerste = bouw.publicatie(almere, levering, run=EERDER, rijen=10, totalen=oordelen(1, 9, 0))
        tweede = bouw.publicatie(
            almere, levering, run=RUN, rijen=10, totalen=oordelen(4, 5, 1), vervangt=eerste
        )
        bouw.mail(tweede, verzonden=True)
        levering = bouw.levering(borne, RONDE, (6, 2), {"V041": 2, "V052": 1})
        bouw.deelname(borne, levering, DeelnameStatus.OPEN)
        levering = bouw.levering(cuijk, RONDE, (0, 3), {"V041": 3})
        bouw.deelname(cuijk, levering, DeelnameStatus.AFGEKEURD)
        bouw.deelname(delft, bouw.levering(delft, RONDE, (5, 0)), DeelnameStatus.OPEN)
        levering = bouw.levering(ede, RONDE, (4, 0))
        bouw.deelname(ede, levering, DeelnameStatus.GEPUBLICEERD)
        bouw.mail(
            bouw.publicatie(ede, levering, run=RUN, rijen=4, totalen=oordelen(2, 2, 0)), verzonden=False
        )
        bouw.levering(fryslan, RONDE, None)
        bouw.levering(almere, VOLGENDE, (7, 0))
        lijst = bouw.levering(None, None, (30, 1), {"S022": 1}, kenmerk=LEVERING)
        bouw.publicatie(almere, lijst, run=AVD_RUN, rijen=20, gemeente="0034")
        bouw.publicatie(ede, lijst, run=AVD_RUN, rijen=10, gemeente="0228")


def vul_groot(database: Database, aantal: int) -> None:
    """Enter a ronde of so many organisations, all published."""
    with database.transaction() as sessie:
        bouw = Bouwer(sessie)
        bouw.voeg_toe(
            RondeRow(
                ronde=RONDE, deelnamedatum=date(2026, 9, 26), run=RUN, geopend_op=NU - timedelta(days=13)
            )
        )
        for nummer in range(aantal):
            organisatie = bouw.organisatie(f"Gemeente {nummer:03d}")
            fout = nummer % 7
            levering = bouw.levering(
                organisatie, RONDE, (100 + nummer, fout), {"V041": fout} if fout else None
            )
            bouw.deelname(organisatie, levering, DeelnameStatus.GEPUBLICEERD)
            publicatie = bouw.publicatie(
                organisatie, levering, run=RUN, rijen=100 + nummer, totalen=oordelen(40, 50 + nummer, 10)
            )
            bouw.mail(publicatie, verzonden=True)


def taak(
    task_id: str,
    map_index: int,
    naam: str | None,
    state: str | None,
    *,
    dag: str = "bijzondere_bijstand",
    run: str = RUN,
) -> dict[str, Any]:
    """A task instance as Airflow's REST API gives it, as far as the page reads it."""
    started = state not in (None, "skipped", "upstream_failed")
    return {
        "dag_id": dag,
        "dag_run_id": run,
        "task_id": task_id,
        "map_index": map_index,
        # Airflow gives the number as long as there is no label.
        "rendered_map_index": naam if started else None if map_index < 0 else str(map_index),
        "state": state,
        "duration": 2.0 + map_index if state in ("success", "failed") else None,
        "try_number": int(started),
    }


def taken(toestanden: dict[str, dict[str, str | None]]) -> list[dict[str, Any]]:
    """The task instances of a run in which every organisation is where ``toestanden`` says."""
    mapped = [
        taak(stap, plek, naam, toestand)
        for plek, (naam, stappen) in enumerate(toestanden.items())
        for stap, toestand in stappen.items()
    ]
    return [taak("ronde_openen", -1, None, "success"), *mapped, taak("ronde_afsluiten", -1, None, None)]


def als_json(waarde: Any) -> str:
    """For a message in a test."""
    return json.dumps(waarde, default=str, ensure_ascii=False)
