"""What a generated population must be: reproducible, invented, servable, and with a case for every rule."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from stdnum.nl import bsn as stdnum_bsn

from include.errors import InstallatieFout
from include.mock_sources import maak_app
from include.mock_sources.__main__ import main
from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.mock_sources.genereren.wereld import nieuwste_ronde
from include.normen.kalender import Maand

BRONNEN = ("brp", "uwv", "belastingdienst", "rdw", "bijstand")
DEELNAMEDATUM = dt.date(2026, 9, 26)


def vingerafdruk(map_) -> dict[str, str]:
    return {
        str(pad.relative_to(map_)): hashlib.sha256(pad.read_bytes()).hexdigest()
        for pad in sorted(map_.rglob("*"))
        if pad.is_file()
    }


def vraagbestand(populatie, naam, codering, scheiding):
    tekst = (populatie.map / "vraagbestanden" / f"{naam}.csv").read_bytes().decode(codering)
    return list(csv.reader(tekst.splitlines(), delimiter=scheiding))


def groningen(populatie):
    return vraagbestand(populatie, "Groningen", "utf-8", ";")


def orionis(populatie):
    return vraagbestand(populatie, "Orionis Walcheren", "cp1252", ";")


def zwolle(populatie):
    return vraagbestand(populatie, "Zwolle", "utf-8-sig", ",")


class TestReproduceerbaar:
    ARGUMENTEN = (
        "genereer",
        "--aanvragers",
        "120",
        "--seed",
        "3",
        "--ronde",
        "2026-09",
        "--gebroken-leveringen",
    )

    def maak(self, uit, *, hashseed="0", seed="3"):
        argumenten = [seed if deel == "3" else deel for deel in self.ARGUMENTEN]
        proces = subprocess.run(
            [sys.executable, "-m", "include.mock_sources", *argumenten, "--uit", str(uit)],
            env=os.environ | {"PYTHONHASHSEED": hashseed},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert proces.returncode == 0, proces.stderr
        return vingerafdruk(uit)

    def test_same_seed_same_bytes_in_another_process(self, tmp_path):
        eerste = self.maak(tmp_path / "a", hashseed="1")
        assert eerste == self.maak(tmp_path / "b", hashseed="2")
        assert {pad.split("/")[0] for pad in eerste} == {
            *(f"{bron}.jsonl" for bron in BRONNEN),
            "organisaties.yaml",
            "vraagbestanden",
            "alleenverdieners",
        }

    def test_another_seed_other_bytes(self, tmp_path):
        eerste, tweede = self.maak(tmp_path / "a"), self.maak(tmp_path / "b", seed="4")
        assert not [bron for bron in BRONNEN if eerste[f"{bron}.jsonl"] == tweede[f"{bron}.jsonl"]]

    def test_an_earlier_population_is_replaced_as_a_whole(self, tmp_path):
        opdracht = Opdracht(aanvragers=60, seed=1, ronde=Maand(2026, 9))
        genereer(replace(opdracht, organisaties=5, gebroken=True), tmp_path / "opnieuw")
        genereer(opdracht, tmp_path / "opnieuw")
        genereer(opdracht, tmp_path / "vers")
        assert vingerafdruk(tmp_path / "opnieuw") == vingerafdruk(tmp_path / "vers")

    def test_an_organisation_draws_its_own_dice(self, tmp_path):
        """Adding an organisation leaves the kinds of household of the others as they were."""
        opdracht = Opdracht(aanvragers=60, seed=1, ronde=Maand(2026, 9), organisaties=2)
        genereer(opdracht, tmp_path / "twee")
        genereer(replace(opdracht, aanvragers=90, organisaties=3), tmp_path / "drie")
        bestand = "vraagbestanden/Groningen.csv"
        assert (tmp_path / "twee" / bestand).read_bytes() == (tmp_path / "drie" / bestand).read_bytes()


class TestVerzonnen:
    def test_every_bsn_is_valid_starts_with_9999_and_is_there_once(self, populatie):
        for bron in BRONNEN:
            regels = (populatie.map / f"{bron}.jsonl").read_text(encoding="utf-8").splitlines()
            bsns = [json.loads(regel)["burgerservicenummer"] for regel in regels]
            assert len(set(bsns)) == len(bsns)
            assert all(bsn.startswith("9999") and stdnum_bsn.is_valid(bsn) for bsn in bsns)

    def test_so_are_relatives_who_are_not_in_the_brp(self, populatie):
        verwanten = {
            verwant["burgerservicenummer"]
            for persoon in populatie.bron("brp").values()
            for soort in ("partners", "kinderen", "ouders")
            for verwant in persoon[soort]
        } - {None}
        assert len(verwanten) > 300
        assert all(bsn.startswith("9999") and stdnum_bsn.is_valid(bsn) for bsn in verwanten)

    def test_a_population_beyond_9999_says_so(self, tmp_path):
        opdracht = Opdracht(aanvragers=6, seed=1, ronde=Maand(2026, 9), landelijk=9_200)
        uitkomst = genereer(opdracht, tmp_path)
        assert uitkomst.buiten_9999 == uitkomst.bsns - 9_091 > 0


class TestPopulatie:
    def test_the_service_accepts_it(self, populatie):
        aantallen = maak_app(populatie.map).state.mock.populatie.aantallen()
        assert aantallen["brp"] > 1_500
        assert all(aantal > 50 for aantal in aantallen.values())

    def test_every_kind_of_answer_of_the_brp_occurs(self, populatie):
        brp = populatie.bron("brp").values()
        letters = {p["adresvraagResultaat"]["letter"] for p in brp if "adresvraagResultaat" in p}
        assert letters == set("GPTZ")
        opgeschort = {p["opschortingBijhouding"]["reden"]["code"] for p in brp if p["opschortingBijhouding"]}
        assert opgeschort >= {"O", "E"}
        adressen = [p["verblijfplaats"] for p in brp if p["verblijfplaats"]]
        assert {adres["functieAdres"]["code"] for adres in adressen} == {"W", "B"}
        assert any(adres["inOnderzoek"] for adres in adressen)
        assert any(p["verblijfplaats"] is None for p in brp)
        assert {len(p["geboorte"]["datum"] or "") for p in brp} >= {4, 10}
        partners = [partner for p in brp for partner in p["partners"]]
        assert {partner["soortVerbintenis"]["code"] for partner in partners} == {"H", "P"}
        assert {bool(partner["ontbindingHuwelijkPartnerschap"]) for partner in partners} == {True, False}
        assert any(partner["burgerservicenummer"] is None for partner in partners)

    def test_an_institution_has_more_than_thirty_residents(self, populatie):
        per_adres: dict[str, int] = {}
        for persoon in populatie.bron("brp").values():
            if persoon["verblijfplaats"]:
                adres = persoon["verblijfplaats"]["adresseerbaarObjectIdentificatie"]
                per_adres[adres] = per_adres.get(adres, 0) + 1
        assert max(per_adres.values()) > 30
        assert sorted(per_adres.values())[len(per_adres) // 2] < 5

    def test_kinship_is_told_from_both_sides(self, populatie):
        brp = populatie.bron("brp")
        for bsn, persoon in brp.items():
            for kind in persoon["kinderen"]:
                ouders = brp[kind["burgerservicenummer"]]["ouders"]
                assert {"burgerservicenummer": bsn} in ouders

    def test_every_opgave_adds_up_and_ends_in_the_months_around_the_ronde(self, populatie):
        einden = set()
        for regel in populatie.bron("uwv").values():
            for verhouding in regel["inkomstenverhoudingen"]:
                for opgave in verhouding["inkomstenopgaven"]:
                    assert opgave["datumAanvang"] <= opgave["datumEinde"]
                    assert opgave["lnLbPh"] == 0 or abs(opgave["ingLbPh"]) < abs(opgave["lnLbPh"])
                    einden.add(opgave["datumEinde"][:7])
        # Ronde 2026-09 looks at June-August; the rondes of a year before and one after have their months too.
        assert {f"2025-{maand:02d}" for maand in range(8, 13)} <= einden
        assert {f"2026-{maand:02d}" for maand in range(1, 11)} <= einden

    def test_incomes_of_every_kind(self, populatie):
        uwv = populatie.bron("uwv").values()
        verhoudingen = [verhouding for regel in uwv for verhouding in regel["inkomstenverhoudingen"]]
        codes = {verhouding["codeSoortInkomstenverhouding"] for verhouding in verhoudingen}
        assert codes >= {"15", "22", "24", "33", "37", "40", "43", "46", "56"}
        per_kwartaal = [
            verhouding["codeSoortInkomstenverhouding"]
            for verhouding in verhoudingen
            if all(
                o["datumAanvang"][5:] in ("01-01", "04-01", "07-01", "10-01")
                and o["datumEinde"][5:] in ("03-31", "06-30", "09-30", "12-31")
                for o in verhouding["inkomstenopgaven"]
            )
        ]
        assert per_kwartaal
        assert not {"15", "22", "43"} & set(per_kwartaal)
        vierweken = [
            verhouding
            for verhouding in verhoudingen
            for opgave in verhouding["inkomstenopgaven"][:1]
            if dt.date.fromisoformat(opgave["datumEinde"]) - dt.date.fromisoformat(opgave["datumAanvang"])
            == dt.timedelta(days=27)
            and not opgave["datumAanvang"].endswith("-01")
        ]
        assert vierweken
        assert any(len(regel["inkomstenverhoudingen"]) > 1 for regel in uwv)

    def test_bijstand_runs_has_ended_and_has_not_begun(self, populatie):
        uitkeringen = [u for regel in populatie.bron("bijstand").values() for u in regel["uitkeringen"]]
        peil = DEELNAMEDATUM.isoformat()
        assert {u["regeling"] for u in uitkeringen} >= {"PW", "AIO"}
        assert any(u["datumEinde"] is None and u["datumAanvang"] < peil for u in uitkeringen)
        assert any(u["datumEinde"] and u["datumEinde"] < peil for u in uitkeringen)
        assert any(u["datumEinde"] and peil < u["datumEinde"] for u in uitkeringen)
        assert any(peil <= u["datumAanvang"] for u in uitkeringen)
        assert all(u["datumEinde"] is None or u["datumAanvang"] <= u["datumEinde"] for u in uitkeringen)

    def test_balances_on_both_sides_of_the_grens_and_joint_accounts(self, populatie):
        regels = populatie.bron("belastingdienst").values()
        assert {regel["verificatie"] for regel in regels} == {"geslaagd", "mislukt"}
        # Rapportagemaand October 2026 asks 2025; half a year earlier it was 2024 (besluit B6).
        jaren = {jaar for regel in regels for jaar in regel["rekeningen"]}
        assert jaren == {"2023", "2024", "2025"}
        houders: dict[str, list[dict]] = {}
        for regel in regels:
            for rekening in regel["rekeningen"].get("2025", []):
                houders.setdefault(rekening["rekeningnummer"], []).append(rekening)
        samen = [rekeningen for rekeningen in houders.values() if len(rekeningen) == 2]
        assert samen
        assert all(een == ander for een, ander in samen)
        totalen = [sum(r["saldo"] for r in regel["rekeningen"].get("2025", [])) for regel in regels]
        assert min(totalen) < 0
        assert max(totalen) > 1_600_000
        assert [t for t in totalen if abs(t - 800_000) <= 100]

    def test_vehicles_of_every_kind(self, populatie):
        garages = [regel["voertuigen"] for regel in populatie.bron("rdw").values()]
        voertuigen = [voertuig for garage in garages for voertuig in garage]
        soorten = {voertuig["voertuigsoort"] for voertuig in voertuigen}
        assert soorten >= {"Personenauto", "Bromfiets", "Scootmobiel", "Aanhangwagen", "Motorfiets"}
        assert {len(voertuig["brandstofsoorten"]) for voertuig in voertuigen} == {0, 1, 2}
        assert any(voertuig["datumEindeAansprakelijkheid"] for voertuig in voertuigen)
        toelating = {voertuig["datumEersteToelating"] for voertuig in voertuigen}
        assert "2017-09-26" in toelating  # nine years to the day
        assert any(len(garage) > 1 for garage in garages)


class TestVraagbestanden:
    def test_a_good_file(self, populatie):
        rijen = groningen(populatie)
        assert len(rijen) == 300
        assert {len(rij) for rij in rijen} == {10}
        assert {rij[0] for rij in rijen} == {"0014", "14"}
        assert {rij[1] for rij in rijen} == {"J", "j", "N", "n"}
        assert {rij[2] for rij in rijen} == {"", "100", "110", "120", "130", "150"}
        assert len({rij[3] for rij in rijen}) == 300
        assert {len(rij[3]) for rij in rijen} == {8, 9}
        assert all(rij[3].startswith("9999") for rij in rijen)

    def test_what_goes_with_j_and_with_n(self, populatie):
        for rij in groningen(populatie):
            if rij[1] in "Jj":
                assert rij[4:] == [""] * 6
                continue
            assert rij[4]
            assert dt.datetime.strptime(rij[5], "%Y%m%d").date() <= DEELNAMEDATUM  # noqa: DTZ007
            assert rij[6] in ("1", "2", "3")
            assert all(rij[7:]) == (rij[6] == "1")
            assert any(rij[7:]) == (rij[6] == "1")

    def test_a_gemeenschappelijke_regeling_delivers_for_all_its_gemeenten(self, populatie):
        codes = {rij[0].zfill(4) for rij in orionis(populatie)}
        assert codes == {"0687", "0717", "0718"}

    def test_a_few_aanvragers_are_delivered_by_two_organisations(self, populatie):
        in_beide = {rij[3] for rij in groningen(populatie)} & {rij[3] for rij in orionis(populatie)}
        assert len(in_beide) == 3

    def test_one_file_has_errors_of_every_kind(self, populatie):
        rijen = zwolle(populatie)
        assert rijen[0][0] == "GSD code"
        assert rijen[3] == []
        assert rijen[4] == [""] * 10
        fout = rijen[5:43]
        assert {len(rij) for rij in fout} == {3, 10, 11}
        assert {"9998", "0017", "0363"} <= {rij[0] for rij in fout}
        assert {"110,0", "110%", "99", "151"} <= {rij[2] for rij in fout}
        assert {"17-03-1980", "29297"} <= {rij[5] for rij in fout if len(rij) > 5}
        goed = rijen[1:3] + rijen[43:]
        assert len(goed) == 303  # 300 of its own and three of its neighbour's
        assert {rij[3] for rij in fout if len(rij) > 3} & {rij[3] for rij in goed} == {goed[0][3], goed[1][3]}

    def test_organisaties_yaml_describes_who_delivers_them(self, populatie):
        beschreven = yaml.safe_load((populatie.map / "organisaties.yaml").read_text(encoding="utf-8"))
        namen = {o["naam"]: o["gemeentecodes"] for o in beschreven["organisaties"]}
        assert namen == {
            "Groningen": ["0014"],
            "Orionis Walcheren": ["0687", "0717", "0718"],
            "Zwolle": ["0193"],
        }
        for organisatie in beschreven["organisaties"]:
            assert (populatie.map / organisatie["vraagbestand"]).is_file()
            aangemeld = {een["product"] for een in organisatie["aanmeldingen"]}
            assert {b["product"] for b in organisatie["productbeheerders"]} == aangemeld
            assert len(organisatie["productbeheerders"]) == 2 * len(aangemeld)
            [tekenaar] = organisatie["gebruikersbeheerders"]
            assert all(een["kenmerk"] for een in organisatie["aanmeldingen"])
            assert {een["getekend_door"] for een in organisatie["aanmeldingen"]} == {tekenaar["naam"]}
            assert all(b["email"].endswith(".test") for b in organisatie["productbeheerders"])
            assert organisatie["instellingen"].keys() == {"vermogen", "voertuigen", "normpercentage"}
            assert organisatie["aanmeldingen"][0]["product"] == "bijzondere-bijstand"


class TestOpdracht:
    @pytest.mark.parametrize(
        ("vandaag", "verwacht"),
        [("2026-10-01", "2026-09"), ("2026-10-31", "2026-09"), ("2026-01-01", "2025-12")],
    )
    def test_the_newest_ronde_is_last_month(self, vandaag, verwacht):
        assert str(nieuwste_ronde(dt.date.fromisoformat(vandaag))) == verwacht

    @pytest.mark.parametrize(
        ("opties", "vraagbestanden"),
        [
            (("--aanvragers", "1"), {"Groningen": 1}),
            (("--aanvragers", "7"), {"Groningen": 3, "Orionis Walcheren": 2, "Zwolle": 2}),
            (
                ("--aanvragers", "2", "--per-organisatie", "--organisaties", "2"),
                {"Groningen": 2, "Orionis Walcheren": 2},
            ),
        ],
    )
    def test_aanvragers_are_a_total_unless_asked_per_organisation(self, tmp_path, opties, vraagbestanden):
        assert main(["genereer", *opties, "--seed", "1", "--ronde", "2026-09", "--uit", str(tmp_path)]) == 0
        regels = {pad.stem: pad.read_bytes().splitlines() for pad in (tmp_path / "vraagbestanden").iterdir()}
        assert regels.keys() == vraagbestanden.keys()
        assert len(regels["Groningen"]) == vraagbestanden["Groningen"]  # the one file with nothing added

    @pytest.mark.parametrize("ronde", ["2026-13", "2026", "september"])
    def test_a_ronde_that_is_none_is_refused(self, tmp_path, ronde, capsys):
        with pytest.raises(SystemExit, match="2"):
            main(["genereer", "--aanvragers", "9", "--seed", "1", "--ronde", ronde, "--uit", str(tmp_path)])
        assert "JJJJ-MM" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("aanvragers", "organisaties", "melding"), [(2, 3, "at least one"), (999, 999, "only")]
    )
    def test_what_cannot_be_is_refused(self, tmp_path, aanvragers, organisaties, melding):
        opdracht = Opdracht(aanvragers=aanvragers, seed=1, ronde=Maand(2026, 9), organisaties=organisaties)
        with pytest.raises(InstallatieFout, match=melding):
            genereer(opdracht, tmp_path)

    def test_every_gemeente_is_served_by_one_organisation_at_most(self, tmp_path):
        genereer(Opdracht(aanvragers=60, seed=1, ronde=Maand(2026, 9), organisaties=60), tmp_path)
        lijst = yaml.safe_load((tmp_path / "organisaties.yaml").read_text(encoding="utf-8"))["organisaties"]
        codes = [code for organisatie in lijst for code in organisatie["gemeentecodes"]]
        assert len(lijst) == len({organisatie["naam"] for organisatie in lijst}) == 60
        assert len(set(codes)) == len(codes)
        assert sum(len(organisatie["gemeentecodes"]) > 1 for organisatie in lijst) >= 10


def test_a_country_has_a_few_large_organisations_and_many_small_ones(tmp_path):
    gewoon, scheef = (
        Opdracht(600, 3, Maand(2026, 9), organisaties=40, scheef=keuze) for keuze in (False, True)
    )
    omvang = {}
    for opdracht in (gewoon, scheef):
        genereer(opdracht, tmp_path)
        lengten = sorted(pad.stat().st_size for pad in (tmp_path / "vraagbestanden").glob("*.csv"))
        assert len(lengten) == 40
        # Not the largest: one of the files is long by its mistakes.
        omvang[opdracht.scheef] = lengten[-2] / lengten[20]
    assert omvang[False] < 2
    assert omvang[True] > 3
