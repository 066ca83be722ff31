"""The ronde as a whole: who takes part, in which order, with which delivery, and how it ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from include.errors import GegevensFout, NormFout, OpslagFout, RondeFout
from include.normen import laden
from include.schemas.domein import DeelnameStatus, LeveringStatus
from include.steps import tevens
from include.steps.backfill import plan
from include.steps.registreren import Productaanmelding, meld_aan, meld_af, registreer
from include.steps.rondes import (
    VERVALLEN,
    neem_in,
    niet_aangemeld,
    onafgemaakt,
    open_voor_verwerking,
    reden_om_over_te_slaan,
    sluit,
    stel_samen,
    vat_samen,
    vervallen,
)
from include.steps.termijn import niet_gepubliceerd
from include.steps.tevens import TEVENS, tevens_van
from include.steps.verwerking import Deelnemer, Opslag, Verwerking
from include.steps.workfiles import StoredFiles
from include.storage import rondes as register
from include.storage.leveringen import find_leveringen, register_levering
from include.storage.models import RondeRow
from include.storage.organisaties import find_organisatie
from tests.dags.wereld import AANGEMELD, ALFA, BETA, GAMMA, RIJK, RONDE
from tests.harness import branch
from tests.steps.hulp import OP_TIJD, Klok, begin_run, lever_in, schrijf_in

NIEUW = f"0193;J;;{RIJK};;;;;;\r\n"
"""A delivery of Gamma that is usable: somebody whom Alfa and Beta deliver too."""


def _open(opslag: Opslag, ronde: str = RONDE, run: str = "run-1") -> list[Deelnemer]:
    return open_voor_verwerking(opslag, laden.ronde(ronde), run)


def _verwijder(opslag: Opslag, *welke: int) -> None:
    """Do to deliveries, in order of arrival, what the sweep does to the register; to all when none is named."""
    with opslag.database.transaction() as sessie:
        for nummer, levering in enumerate(find_leveringen(sessie, ook_verwijderd=True)):
            if not welke or nummer in welke:
                levering.verwijderd_op = opslag.klok()


def _werk(opslag: Opslag, deelnemer: Deelnemer) -> StoredFiles:
    verwerking = Verwerking.uit_dict(deelnemer)
    return StoredFiles(opslag.bestanden, verwerking.kenmerk, verwerking.betreft)


def _tevens(opslag: Opslag, deelnemer: Deelnemer) -> list[tuple[int, str]]:
    frame = _werk(opslag, deelnemer).read_frame(TEVENS)
    return list(frame.itertuples(index=False, name=None))


class TestOpenen:
    def test_names_who_delivered_by_name_whatever_the_order_of_arrival(self, wereld: Opslag) -> None:
        schrijf_in(wereld, "Gemeente Delta", ["0080"])  # delivers nothing: not in the ronde (besluit B53)
        deelnemers = _open(wereld)
        assert [deelnemer["organisatie"] for deelnemer in deelnemers] == [ALFA, GAMMA, BETA]
        assert {deelnemer["ronde"] for deelnemer in deelnemers} == {RONDE}
        assert {deelnemer["run"] for deelnemer in deelnemers} == {"run-1"}

    def test_twice_gives_the_same(self, wereld: Opslag) -> None:
        assert _open(wereld) == _open(wereld)

    def test_a_delivery_outside_the_window_does_not_take_part(self, wereld: Opslag) -> None:
        assert _open(wereld, "2026-09") == []

    def test_on_the_first_day_of_the_rapportagemaand_and_not_before(self, wereld: Opslag, klok: Klok) -> None:
        klok.nu = datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in Amsterdam
        with pytest.raises(RondeFout, match=r"2026-10 cannot run yet: .* begins on 2026-11-01"):
            _open(wereld)
        with wereld.database.reading() as sessie:
            assert sessie.get(RondeRow, RONDE) is None
        klok.verder(seconds=1)
        assert len(_open(wereld)) == 3

    def test_a_ronde_long_past_has_the_same_participants(self, wereld: Opslag, klok: Klok) -> None:
        nu = _open(wereld)
        klok.verder(days=45)
        assert _open(wereld) == nu

    def test_a_ronde_without_norms_stops_and_names_day_and_file(self, opslag: Opslag) -> None:
        with pytest.raises(NormFout, match=r"2020-05-26.*\.(csv|yaml)"):
            _open(opslag, "2020-05")


class TestAangemeld:
    """The registration must cover the deelnamedatum of ronde 2026-10: 26 October 2026 (besluit B53a)."""

    @pytest.mark.parametrize(
        ("periodes", "neemt_deel"),
        [
            # Alfa delivered on 12 October, and was registered then.
            ([("2026-01-01", None)], True),
            ([("2026-01-01", "2026-10-27")], True),  # the deelnamedatum is its last day
            ([("2026-01-01", "2026-10-26")], False),  # it ended on it: the first day no longer registered
            ([("2026-01-01", "2026-10-13")], False),
            ([("2026-01-01", "2026-10-13"), ("2026-10-26", None)], True),  # registered again, just in time
            ([("2026-01-01", "2026-10-13"), ("2026-10-27", None)], False),  # a day late
        ],
    )
    def test_takes_part_or_is_named(
        self, wereld: Opslag, periodes: list[tuple[str, str | None]], neemt_deel: bool
    ) -> None:
        meld_af(wereld, ALFA, AANGEMELD.product, per=AANGEMELD.ingang)
        for ingang, einde in periodes:
            meld_aan(wereld, ALFA, Productaanmelding(product=AANGEMELD.product, ingang=ingang, einde=einde))
        assert [deelnemer["organisatie"] for deelnemer in _open(wereld)] == [
            *([ALFA] if neemt_deel else []),
            *(GAMMA, BETA),
        ]
        assert niet_aangemeld(wereld, laden.ronde(RONDE)) == ([] if neemt_deel else [ALFA])
        # Neither is told about as late, nor in the plan of a backfill.
        assert (ALFA in niet_gepubliceerd(wereld, laden.ronde(RONDE))) is neemt_deel
        [plan_] = plan(wereld, RONDE, RONDE)
        assert (ALFA in {deelname.organisatie for deelname in plan_.deelnames}) is neemt_deel

    def test_who_delivered_nothing_is_not_named(self, wereld: Opslag) -> None:
        registreer(wereld, "Gemeente Delta", ["0080"])
        assert niet_aangemeld(wereld, laden.ronde(RONDE)) == []


AFGEKEURD = "0193;J;;123456789;;;;;;\r\n"


class TestVervallen:
    """What retention took away is not in the ronde any more, and nothing else takes its place (besluit B55)."""

    @pytest.mark.parametrize(
        ("leveringen", "weg", "status"),
        [
            ([NIEUW], [], "correct"),
            ([NIEUW], [0], VERVALLEN),
            # A later one replaced it; that one is gone, and the earlier one would give another outcome.
            ([NIEUW, NIEUW + NIEUW.replace(RIJK, "999900043")], [1], VERVALLEN),
            ([NIEUW, NIEUW + NIEUW.replace(RIJK, "999900043")], [0], "correct"),
            # An afgekeurde one came later and did not replace it: it is not what the ronde was about.
            ([NIEUW, AFGEKEURD], [0], VERVALLEN),
            ([AFGEKEURD, NIEUW], [0], "correct"),
        ],
    )
    def test_the_one_that_counted(
        self, opslag: Opslag, leveringen: list[str], weg: list[int], status: str
    ) -> None:
        schrijf_in(opslag, GAMMA)
        for dag, inhoud in enumerate(leveringen):
            lever_in(opslag, GAMMA, inhoud, ontvangen=OP_TIJD + timedelta(days=dag))
        if weg:
            _verwijder(opslag, *weg)
        schrijf_in(opslag, ALFA)
        lever_in(opslag, ALFA)  # the ronde itself is not gone
        [_, gamma] = _open(opslag)
        assert neem_in(opslag, gamma)["status"] == status

    def test_nothing_left_of_a_ronde_names_them_and_leaves_it_as_it_was(self, wereld: Opslag) -> None:
        begin_run(wereld)
        sluit(wereld, RONDE, "run-1", {"gepubliceerd": 2})
        _verwijder(wereld)
        # Gamma is afgekeurd: it lost nothing.
        with pytest.raises(
            GegevensFout, match=rf"2 organisations got no reports.*: {ALFA}, {BETA}\. Clearing"
        ):
            _open(wereld)
        with wereld.database.reading() as sessie:
            assert sessie.get_one(RondeRow, RONDE).afgesloten_op == wereld.klok()

    def test_who_lost_what_it_delivered_is_named_beside_the_others(self, wereld: Opslag) -> None:
        begin_run(wereld)
        with wereld.database.transaction() as sessie:
            [levering] = find_leveringen(sessie, organisatie=find_organisatie(sessie, BETA))
            levering.verwijderd_op = wereld.klok()
        deelnemers = _open(wereld)
        assert vervallen(deelnemers) == [BETA]
        assert [neem_in(wereld, deelnemer)["status"] for deelnemer in deelnemers] == [
            "deels incorrect",
            "afgekeurd",
            VERVALLEN,
        ]

    # Rapportagemaand November, so until 30 November + 90 days: 31 in December, 31 in January, 28 in February.
    @pytest.mark.parametrize(
        ("moment", "weg"),
        [("2027-02-27T22:59:59", False), ("2027-02-27T23:00:00", True)],
    )
    def test_what_is_past_its_term_is_not_used_before_a_sweep_came_by(
        self, wereld: Opslag, klok: Klok, moment: str, weg: bool
    ) -> None:
        klok.nu = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        if weg:
            with pytest.raises(GegevensFout, match=f"{ALFA}, {BETA}"):
                _open(wereld)
        else:
            assert [neem_in(wereld, een)["status"] for een in _open(wereld)][::2] == [
                "deels incorrect",
                "correct",
            ]

    def test_gone_between_the_opening_and_the_intake(self, wereld: Opslag, klok: Klok) -> None:
        klok.nu = datetime(2027, 2, 27, 22, 0, tzinfo=UTC)
        [alfa, gamma, _] = _open(wereld)
        klok.verder(hours=1)
        assert neem_in(wereld, alfa)["status"] == VERVALLEN
        assert neem_in(wereld, gamma)["status"] == "afgekeurd"

    def test_a_ronde_for_which_nobody_delivered_is_not_gone(self, opslag: Opslag) -> None:
        assert vervallen(_open(opslag)) == []
        with opslag.database.reading() as sessie:
            assert sessie.get_one(RondeRow, RONDE).afgesloten_op is None


class TestIntake:
    def test_says_what_was_taken_in(self, wereld: Opslag) -> None:
        [alfa, *_] = _open(wereld)
        uitkomst = neem_in(wereld, alfa)
        assert uitkomst == alfa | {
            "status": "deels incorrect",
            "gelezen": 3,
            "geaccepteerd": 2,
            "afgewezen": 1,
            "fouten": uitkomst["fouten"],
            "vervangt": 0,
        }

    def test_enters_the_organisation_in_the_ronde_once(self, beide: Opslag) -> None:
        for naam in (ALFA, GAMMA):
            schrijf_in(beide, naam)
            lever_in(beide, naam)
        for deelnemer in _open(beide):
            assert neem_in(beide, deelnemer) == neem_in(beide, deelnemer)
        with beide.database.reading() as sessie:
            standen = [(rij.organisatie.naam, rij.status) for rij in register.find_deelnames(sessie, RONDE)]
        assert standen == [(ALFA, DeelnameStatus.OPEN), (GAMMA, DeelnameStatus.AFGEKEURD)]

    def test_a_delivery_that_was_never_judged_is_judged_and_makes_way_when_it_is_afgekeurd(
        self, wereld: Opslag
    ) -> None:
        with wereld.database.reading() as sessie:
            alfa = find_organisatie(sessie, ALFA)
            [goed] = find_leveringen(sessie, organisatie=alfa)
        register_levering(
            wereld.database,
            wereld.bestanden,
            inhoud=b"0014;J;;123456789;;;;;;\r\n",
            bestandsnaam="later.csv",
            nu=OP_TIJD + timedelta(days=1),
            organisatie=alfa,
            ronde=RONDE,
        )
        [deelnemer, *_] = _open(wereld)
        assert deelnemer["levering_id"] != goed.id
        uitkomst = neem_in(wereld, deelnemer)
        assert uitkomst["levering_id"] == goed.id
        assert uitkomst["status"] == LeveringStatus.DEELS_INCORRECT

    def test_a_delivery_that_is_gone_meanwhile(self, wereld: Opslag) -> None:
        [alfa, *_] = _open(wereld)
        _verwijder(wereld)
        uitkomst = neem_in(wereld, alfa)
        assert uitkomst["status"] == VERVALLEN
        assert "past its term and gone (besluit B55)" in str(reden_om_over_te_slaan(uitkomst))
        with wereld.database.reading() as sessie:
            assert register.find_deelnames(sessie, RONDE) == []


class TestSamenstellen:
    def test_everybody_stays_at_the_same_place_also_whose_intake_failed(self, wereld: Opslag) -> None:
        deelnemers = _open(wereld)
        ingenomen = [neem_in(wereld, deelnemer) for deelnemer in deelnemers]
        [_, gamma, beta] = ingenomen
        samen = stel_samen(wereld, deelnemers, [beta, gamma])  # Airflow leaves out who failed
        assert [deelnemer["organisatie"] for deelnemer in samen] == [ALFA, GAMMA, BETA]
        assert samen[0] == deelnemers[0] | {"status": "mislukt"}
        assert samen[1:] == [gamma, beta]

    def test_all_intakes_failed(self, wereld: Opslag) -> None:
        assert [d["status"] for d in stel_samen(wereld, _open(wereld), [])] == ["mislukt"] * 3

    def test_who_is_skipped_and_why(self, wereld: Opslag) -> None:
        deelnemers = _open(wereld)
        [_, *rest] = [neem_in(wereld, deelnemer) for deelnemer in deelnemers]
        redenen = {d["organisatie"]: reden_om_over_te_slaan(d) for d in stel_samen(wereld, deelnemers, rest)}
        assert redenen[BETA] is None
        assert redenen[GAMMA] == (
            f"{GAMMA}: its delivery is afgekeurd, not one of 1 rows is valid; it gets its verwerkingsverslag and no "
            "reports (besluit B53)."
        )
        assert (
            redenen[ALFA] == f"{ALFA}: its intake failed; mend that, and clear it with everything after it."
        )


class TestTevens:
    """Besluit B52: Alfa and Beta both deliver RIJK; Gamma does so only in a second delivery."""

    def test_is_found_once_for_all_organisations(self, wereld: Opslag) -> None:
        samen = begin_run(wereld)
        assert _tevens(wereld, samen[ALFA]) == [(0, "Veere")]  # report order: RIJK has the lowest BSN of 0014
        assert _tevens(wereld, samen[BETA]) == [
            (1, "Groningen")
        ]  # and comes second in Beta: 0687 before 0717
        assert not _werk(wereld, samen[GAMMA]).exists("tevens.feather")

    def test_a_rejected_row_is_not_a_delivery(self, wereld: Opslag) -> None:
        lever_in(wereld, GAMMA, f"0999;J;;{RIJK};;;;;;\r\n0193;J;;999900055;;;;;;\r\n")
        samen = begin_run(wereld)
        assert _tevens(wereld, samen[ALFA]) == [(0, "Veere")]

    def test_only_the_delivery_that_counts_counts(self, wereld: Opslag) -> None:
        lever_in(wereld, GAMMA, NIEUW, ontvangen=OP_TIJD + timedelta(hours=1))
        lever_in(wereld, GAMMA, "0193;J;;999900055;;;;;;\r\n", ontvangen=OP_TIJD + timedelta(hours=2))
        assert _tevens(wereld, begin_run(wereld)[ALFA]) == [(0, "Veere")]

    def test_three_organisations_name_each_other_by_the_alphabet(self, wereld: Opslag) -> None:
        lever_in(wereld, GAMMA, NIEUW, ontvangen=OP_TIJD + timedelta(hours=1))
        samen = begin_run(wereld)
        assert _tevens(wereld, samen[ALFA]) == [(0, "Veere"), (0, "Zwolle")]
        assert _tevens(wereld, samen[GAMMA]) == [(0, "Groningen"), (0, "Veere")]

    @pytest.mark.parametrize("organisatie", [ALFA, BETA])
    def test_is_found_again_the_same_when_it_was_removed(self, wereld: Opslag, organisatie: str) -> None:
        deelnemer = begin_run(wereld)[organisatie]
        verwerking = Verwerking.uit_dict(deelnemer)
        eerst = _tevens(wereld, deelnemer)
        _werk(wereld, deelnemer).remove("tevens.feather")
        assert list(tevens_van(wereld, verwerking).itertuples(index=False, name=None)) == eerst
        assert _tevens(wereld, deelnemer) == eerst

    def test_is_not_sought_again_while_it_is_there(
        self, wereld: Opslag, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verwerking = Verwerking.uit_dict(begin_run(wereld)[ALFA])

        def niet_nodig(*_: object) -> None:
            raise AssertionError("read every delivery again")

        monkeypatch.setattr(tevens, "lees_aanvragers", niet_nodig)
        assert len(tevens_van(wereld, verwerking)) == 1


class TestSluiten:
    def test_the_summary_counts_and_closes(self, wereld: Opslag) -> None:
        begin_run(wereld)
        samenvatting = vat_samen(wereld, RONDE)
        assert samenvatting == {
            "organisaties": 3,
            "open": 2,
            "afgekeurd": 1,
            "gepubliceerd": 0,
            "mislukt": 0,
            "aanvragen": 5,  # 2 of Alfa, 3 of Beta
            "afgewezen": 2,  # 1 of Alfa, 1 of Gamma
        }
        sluit(wereld, RONDE, "run-1", samenvatting)
        with wereld.database.reading() as sessie:
            rij = sessie.get(RondeRow, RONDE)
        assert rij is not None
        assert (rij.afgesloten_op, rij.samenvatting) == (wereld.klok(), samenvatting)

    def test_a_new_run_opens_it_again(self, wereld: Opslag) -> None:
        begin_run(wereld)
        sluit(wereld, RONDE, "run-1", {})
        begin_run(wereld, "run-2")
        with wereld.database.reading() as sessie:
            rij = sessie.get(RondeRow, RONDE)
        assert rij is not None
        assert rij.afgesloten_op is None

    def test_who_came_later_is_not_finished(self, wereld: Opslag) -> None:
        """Alfa delivers again and Delta is registered after run-1 opened the ronde; Beta was not tested (B53a)."""
        takken = begin_run(wereld).values()
        with wereld.database.transaction() as sessie:
            for naam in (ALFA, BETA):
                wie = find_organisatie(sessie, naam)
                register.set_status(sessie, RONDE, wie, DeelnameStatus.GEPUBLICEERD, nu=wereld.klok())
        assert onafgemaakt(wereld, laden.ronde(RONDE), "run-1", takken) == []
        registreer(wereld, "Gemeente Zeta", ["0200"])  # delivers nothing
        schrijf_in(wereld, "Gemeente Delta", ["0080"])
        delta = lever_in(wereld, "Gemeente Delta", f"0080;J;;{RIJK};;;;;;\r\n")
        lever_in(wereld, ALFA, f"0014;J;;{RIJK};;;;;;\r\n", ontvangen=OP_TIJD + timedelta(days=1))
        assert onafgemaakt(wereld, laden.ronde(RONDE), "run-1", takken) == [ALFA, "Gemeente Delta"]
        assert onafgemaakt(wereld, laden.ronde(RONDE), "run-2", []) == [
            *(ALFA, "Gemeente Delta", GAMMA, BETA)  # not one of them is this run's
        ]
        levering = delta.levering
        tak = Verwerking(RONDE, "run-1", levering.organisatie_id or 0, "", levering.id).als_dict()
        for status in (VERVALLEN, "afgekeurd"):
            assert onafgemaakt(wereld, laden.ronde(RONDE), "run-1", [{**tak, "status": status}]) == [ALFA]

    def test_a_ronde_that_was_never_opened(self, opslag: Opslag) -> None:
        with pytest.raises(GegevensFout, match="2026-10 was not opened"):
            sluit(opslag, RONDE, "run-1", {})


def test_a_database_that_is_away_is_an_outage(opslag: Opslag, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.storage.database import Database

    weg = Opslag(Database("postgresql+psycopg://x@127.0.0.1:1/geen"), opslag.bestanden, opslag.klok)
    with pytest.raises(OpslagFout, match="cannot be reached"):
        _open(weg)


@pytest.mark.parametrize("schade", ["half", "gone"])
class TestBeschadigd:
    """A stored delivery that is damaged stops its own organisation, with words to act on, and nobody else."""

    def _beschadig(self, wereld: Opslag, organisatie: str, schade: str, wat: str = "sleutel") -> None:
        with wereld.database.reading() as sessie:
            [levering] = find_leveringen(sessie, organisatie=find_organisatie(sessie, organisatie))
        sleutel = getattr(levering, wat)
        if schade == "gone":
            wereld.bestanden.remove(sleutel)
        else:
            wereld.bestanden.write(sleutel, wereld.bestanden.read(sleutel)[:10])

    def test_its_own_intake_fails(self, wereld: Opslag, schade: str) -> None:
        deelnemers = {deelnemer["organisatie"]: deelnemer for deelnemer in _open(wereld)}
        self._beschadig(wereld, BETA, schade)
        assert neem_in(wereld, deelnemers[ALFA])["status"] == LeveringStatus.DEELS_INCORRECT
        with pytest.raises(GegevensFout, match=f"organisation {BETA}, ronde {RONDE}: .* Restore it"):
            neem_in(wereld, deelnemers[BETA])

    def test_damaged_after_its_intake_the_ronde_is_put_together_without_it(
        self, wereld: Opslag, schade: str
    ) -> None:
        deelnemers = _open(wereld)
        ingenomen = [neem_in(wereld, deelnemer) for deelnemer in deelnemers]
        self._beschadig(wereld, BETA, schade, "sleutel_aangenomen")
        samen = stel_samen(wereld, deelnemers, ingenomen)
        assert [deelnemer["organisatie"] for deelnemer in samen] == [ALFA, GAMMA, BETA]
        # Its branch goes on, and fails there by name.
        assert reden_om_over_te_slaan(samen[2]) is None
        with pytest.raises(GegevensFout, match=f"organisation {BETA}, ronde {RONDE}: .* Clear its intake"):
            _ = branch(wereld, Verwerking.uit_dict(samen[2]), "huishouden_brp").toetsing
        # RIJK is Beta's too (besluit B52), but that nobody can tell: the reports of Alfa wait until somebody can.
        alfa = Verwerking.uit_dict(samen[0])
        with pytest.raises(
            GegevensFout, match=f"{ALFA}, .*its reports wait.*clear the intake of {BETA} with"
        ):
            tevens_van(wereld, alfa)
        neem_in(wereld, deelnemers[2])
        assert list(tevens_van(wereld, alfa).itertuples(index=False, name=None)) == [(0, "Veere")]

    def test_what_its_intake_accepted_before_still_counts_for_others(
        self, wereld: Opslag, schade: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Beta cannot be taken in, but its accepted rows are there, and judging it again would give the same."""
        deelnemers = _open(wereld)
        self._beschadig(wereld, BETA, schade)
        ingenomen = [neem_in(wereld, deelnemer) for deelnemer in deelnemers[:2]]
        assert _tevens(wereld, stel_samen(wereld, deelnemers, ingenomen)[0]) == [(0, "Veere")]
        # With other rules it might not be.
        monkeypatch.setattr("include.steps.judged.rules_version", lambda: "others")
        assert not _werk(wereld, stel_samen(wereld, deelnemers, ingenomen)[0]).exists("tevens.feather")

    def test_accepted_rows_that_are_damaged_are_mended_by_the_intake(
        self, wereld: Opslag, schade: str
    ) -> None:
        eerst = _tevens(wereld, begin_run(wereld)[ALFA])
        self._beschadig(wereld, BETA, schade, "sleutel_aangenomen")
        assert _tevens(wereld, begin_run(wereld, "run-2")[ALFA]) == eerst == [(0, "Veere")]
