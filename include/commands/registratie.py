"""``organisatie``, ``productbeheerder``, ``instellingen`` and ``aanmelding``: who takes part, and how."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from include.commands.screen import console, met_nette_fouten
from include.commands.storage import open_opslag
from include.commands.toets import lees_gemeentecodes
from include.errors import GegevensFout
from include.schemas.domein import Product
from include.steps.audit import wijziging
from include.steps.registreren import eis_bestaande_gemeenten, lees_inschrijvingen, schrijf_in
from include.storage import organisaties as register

Naam = Annotated[str, typer.Option("--organisatie", help="Name of the organisation.")]

organisatie = typer.Typer(no_args_is_help=True, help="Organisations and the gemeenten they serve.")
productbeheerder = typer.Typer(no_args_is_help=True, help="Who fetches reports and is mailed about them.")
instellingen = typer.Typer(no_args_is_help=True, help="Product settings, kept by version.")
aanmelding = typer.Typer(no_args_is_help=True, help="Product registrations (mutatieformulier).")


@organisatie.command("registreer")
@met_nette_fouten
def registreer_organisatie(
    naam: Annotated[str | None, typer.Option(help="Name of the organisation.")] = None,
    gemeentecodes: Annotated[str | None, typer.Option(help="Codes it serves, separated by commas.")] = None,
    bestand: Annotated[
        Path | None,
        typer.Option(help="YAML file: a list under 'organisaties' of naam, gemeentecodes and all the rest."),
    ] = None,
) -> None:
    """Register one organisation, or all of a YAML file with everything that goes with them."""
    opslag = open_opslag()
    if bestand is not None:
        for inschrijving in lees_inschrijvingen(bestand):
            _meld(f"{schrijf_in(opslag, inschrijving).naam} is geregistreerd.")
        return
    if not naam or not gemeentecodes:
        raise GegevensFout("give --naam and --gemeentecodes, or --bestand")
    codes = sorted(lees_gemeentecodes(gemeentecodes))
    eis_bestaande_gemeenten(naam, codes, opslag.vandaag)
    with wijziging(opslag) as sessie:
        rij = register.register_organisatie(sessie, naam, codes, nu=opslag.klok())
    _meld(f"{rij.naam} is geregistreerd voor {', '.join(rij.gemeentecodes)}.")


@organisatie.command("lijst")
@met_nette_fouten
def lijst() -> None:
    """List organisations with their gemeenten, settings and product registrations."""
    opslag = open_opslag()
    tabel = Table("Organisatie", "Gemeentecodes", "Vermogen", "Voertuigen", "Percentage", "Aanmeldingen")
    with opslag.database.reading() as sessie:
        for rij in register.find_organisaties(sessie):
            nu = register.instellingen_at(sessie, rij, opslag.klok())
            aangemeld = [
                f"{a.product} vanaf {a.begin}{f' tot {a.einde}' if a.einde else ''}"
                for a in register.find_aanmeldingen(sessie, rij)
            ]
            tabel.add_row(
                rij.naam,
                ", ".join(rij.gemeentecodes),
                _ja_nee(nu.vermogen),
                _ja_nee(nu.voertuigen),
                str(nu.percentage),
                "\n".join(aangemeld),
            )
    console.print(tabel)


@productbeheerder.command("registreer")
@met_nette_fouten
def registreer_productbeheerder(
    organisatie: Naam,
    naam: Annotated[str, typer.Option(help="Name of the productbeheerder.")],
    email: Annotated[str, typer.Option(help="Address for notifications.")],
    product: Annotated[Product, typer.Option(help="Product.")] = Product.BIJZONDERE_BIJSTAND,
    notificaties: Annotated[
        bool | None,
        typer.Option(help="Mail when reports are ready; by default as it was, and for who is new: yes."),
    ] = None,
) -> None:
    """Register a productbeheerder, or change name and notifications of the one with this address."""
    opslag = open_opslag()
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.register_productbeheerder(
            sessie, wie, naam=naam, email=email, product=product, notificaties=notificaties
        )
    _meld(f"Productbeheerder van {organisatie} geregistreerd voor {product}.")


@productbeheerder.command("notificaties")
@met_nette_fouten
def notificaties(
    organisatie: Naam,
    email: Annotated[str, typer.Option(help="Address of the productbeheerder.")],
    aan: Annotated[bool, typer.Option("--aan/--uit", help="Mail on or off.")],
    product: Annotated[Product, typer.Option(help="Product.")] = Product.BIJZONDERE_BIJSTAND,
) -> None:
    """Switch the mails to a productbeheerder on or off (besluit B54)."""
    opslag = open_opslag()
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.set_notificaties(sessie, wie, email=email, aan=aan, product=product)
    _meld(f"Notificaties voor {product} staan {'aan' if aan else 'uit'}.")


@instellingen.command("zet")
@met_nette_fouten
def zet_instellingen(
    organisatie: Naam,
    vermogen: Annotated[bool | None, typer.Option("--vermogen/--geen-vermogen", help="Test assets.")] = None,
    voertuigen: Annotated[
        bool | None, typer.Option("--voertuigen/--geen-voertuigen", help="Show vehicles.")
    ] = None,
    percentage: Annotated[int | None, typer.Option(min=100, max=150, help="Toetspercentage.")] = None,
) -> None:
    """Enter a new version of the settings; what is not given stays as it is (besluit B8)."""
    opslag = open_opslag()
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        geldend = register.set_instellingen(
            sessie, wie, nu=opslag.klok(), vermogen=vermogen, voertuigen=voertuigen, percentage=percentage
        )
    _meld(
        f"{organisatie}, versie {geldend.versie}: vermogen {_ja_nee(geldend.vermogen)}, "
        f"voertuigen {_ja_nee(geldend.voertuigen)}, percentage {geldend.percentage}."
    )


@aanmelding.command("registreer")
@met_nette_fouten
def registreer_aanmelding(
    organisatie: Naam,
    product: Annotated[Product, typer.Option(help="Product.")],
    ingang: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")],
    einde: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it no longer holds.")
    ] = None,
) -> None:
    """Register an organisation for a product, or change the registration that begins on that day."""
    opslag = open_opslag()
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.register_aanmelding(
            sessie, wie, product, begin=ingang.date(), einde=einde.date() if einde else None
        )
    _meld(f"{organisatie} is aangemeld voor {product} vanaf {ingang.date()}.")


def _meld(zin: str) -> None:
    console.print(zin, highlight=False, soft_wrap=True)


def _ja_nee(waarde: bool) -> str:
    return "ja" if waarde else "nee"
