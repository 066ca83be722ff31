"""``organisatie``, ``…beheerder``, ``instellingen`` and ``aanmelding``: who takes part, and how."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from include.commands.screen import console, met_nette_fouten, open_opslag
from include.commands.toets import lees_gemeentecodes
from include.errors import GegevensFout
from include.moments import AMSTERDAM
from include.schemas.domein import Product
from include.steps.registreren import (
    Beheerder,
    Gebruikersbeheerder,
    Ingeschreven,
    Instellingen,
    Productaanmelding,
    herstel_instellingen,
    ingeschreven,
    kies_instellingen,
    lees_inschrijvingen,
    meld_aan,
    meld_af,
    registreer,
    registreer_beheerder,
    registreer_gebruikersbeheerder,
    schrijf_in,
    trek_beheerder_in,
    trek_gebruikersbeheerder_in,
    trek_organisatie_in,
    zet_mails,
)

Naam = Annotated[str, typer.Option("--organisatie", help="Name of the organisation.")]
Een = Annotated[str | None, typer.Option("--organisatie", help="Of this organisation only.")]
Welk = Annotated[Product, typer.Option("--product", help="Product.")]
Enkel = Annotated[Product | None, typer.Option("--product", help="Of this product only.")]
Adres = Annotated[str, typer.Option("--email", help="Address by which this person is registered.")]

organisatie = typer.Typer(no_args_is_help=True, help="Organisations and the gemeenten they serve.")
productbeheerder = typer.Typer(no_args_is_help=True, help="Who fetches reports and is mailed about them.")
gebruikersbeheerder = typer.Typer(
    no_args_is_help=True, help="Who may sign for productbeheerders; gives no access to any report."
)
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
    rij = registreer(opslag, naam, sorted(lees_gemeentecodes(gemeentecodes)))
    _meld(f"{rij.naam} is geregistreerd voor {', '.join(rij.gemeentecodes)}.")


@organisatie.command("lijst")
@met_nette_fouten
def lijst() -> None:
    """List organisations with their gemeenten, settings and product registrations."""
    tabel = Table("Organisatie", "Gemeentecodes", "Vermogen", "Voertuigen", "Percentage", "Aanmeldingen")
    for een in ingeschreven(open_opslag()):
        tabel.add_row(
            een.organisatie.naam,
            ", ".join(een.organisatie.gemeentecodes),
            *_gekozen(een.instellingen),
            "\n".join(
                f"{rij.product} vanaf {rij.begin}{f' tot {rij.einde}' if rij.einde else ''}"
                for rij in een.aanmeldingen
            ),
        )
    console.print(tabel)


@organisatie.command("toon")
@met_nette_fouten
def toon_organisatie(organisatie: Naam) -> None:
    """Show all that is registered of one organisation."""
    [een] = ingeschreven(open_opslag(), organisatie)
    tabel = Table("Gegeven", "Waarde")
    tabel.add_row("Organisatie", een.organisatie.naam)
    tabel.add_row("Geregistreerd op", _moment(een.organisatie.geregistreerd_op))
    tabel.add_row("Gemeentecodes", ", ".join(een.organisatie.gemeentecodes))
    for opschrift, waarde in zip(_KEUZES, _gekozen(een.instellingen), strict=True):
        tabel.add_row(opschrift, waarde)
    console.print(tabel)
    console.print(_aanmeldingen([een], None))
    console.print(_productbeheerders([een], None))
    console.print(_gebruikersbeheerders([een]))


@organisatie.command("trek-in")
@met_nette_fouten
def trek_organisatie(organisatie: Naam) -> None:
    """Remove an organisation that never delivered a file or got a report, with all that was registered of it."""
    trek_organisatie_in(open_opslag(), organisatie)
    _meld(f"{organisatie} is ingetrokken.")


@productbeheerder.command("registreer")
@met_nette_fouten
def registreer_productbeheerder(
    organisatie: Naam,
    product: Welk,
    naam: Annotated[str, typer.Option(help="Name of the productbeheerder.")],
    email: Annotated[str, typer.Option(help="Address for notifications.")],
    notificaties: Annotated[
        bool | None,
        typer.Option(help="Mail when reports are ready; by default as it was, and for who is new: yes."),
    ] = None,
) -> None:
    """Register a productbeheerder of one product, or change name and notifications of the one with this address."""
    beheerder = Beheerder(naam=naam, email=email, product=product, notificaties=notificaties)
    registreer_beheerder(open_opslag(), organisatie, beheerder)
    _meld(f"Productbeheerder van {organisatie} geregistreerd voor {product}.")


@productbeheerder.command("notificaties")
@met_nette_fouten
def notificaties(
    organisatie: Naam,
    product: Welk,
    email: Adres,
    aan: Annotated[bool, typer.Option("--aan/--uit", help="Mail on or off.")],
) -> None:
    """Switch the mails to a productbeheerder on or off (besluit B54)."""
    zet_mails(open_opslag(), organisatie, email=email, product=product, aan=aan)
    _meld(f"Notificaties voor {product} staan {'aan' if aan else 'uit'}.")


@productbeheerder.command("lijst")
@met_nette_fouten
def lijst_productbeheerders(organisatie: Een = None, product: Enkel = None) -> None:
    """List productbeheerders, of all organisations or of one, with whether they are mailed."""
    console.print(_productbeheerders(ingeschreven(open_opslag(), organisatie), product))


@productbeheerder.command("trek-in")
@met_nette_fouten
def trek_productbeheerder(organisatie: Naam, product: Welk, email: Adres) -> None:
    """Withdraw a productbeheerder of one product; of another product it stays one."""
    trek_beheerder_in(open_opslag(), organisatie, email=email, product=product)
    _meld(f"Productbeheerder van {organisatie} ingetrokken voor {product}.")


@gebruikersbeheerder.command("registreer")
@met_nette_fouten
def registreer_tekenaar(
    organisatie: Naam,
    naam: Annotated[str, typer.Option(help="Name of the gebruikersbeheerder.")],
    email: Annotated[str, typer.Option(help="Address, by which it is known.")],
) -> None:
    """Register who may sign for productbeheerders, or change the name of the one with this address."""
    registreer_gebruikersbeheerder(open_opslag(), organisatie, Gebruikersbeheerder(naam=naam, email=email))
    _meld(f"Gebruikersbeheerder van {organisatie} geregistreerd.")


@gebruikersbeheerder.command("lijst")
@met_nette_fouten
def lijst_gebruikersbeheerders(organisatie: Een = None) -> None:
    """List gebruikersbeheerders, of all organisations or of one."""
    console.print(_gebruikersbeheerders(ingeschreven(open_opslag(), organisatie)))


@gebruikersbeheerder.command("trek-in")
@met_nette_fouten
def trek_tekenaar(organisatie: Naam, email: Adres) -> None:
    """Withdraw a gebruikersbeheerder."""
    trek_gebruikersbeheerder_in(open_opslag(), organisatie, email=email)
    _meld(f"Gebruikersbeheerder van {organisatie} ingetrokken.")


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
    geldend = kies_instellingen(
        open_opslag(), organisatie, vermogen=vermogen, voertuigen=voertuigen, percentage=percentage
    )
    _meld(f"{organisatie}, {_versie(geldend)}")


@instellingen.command("lijst")
@met_nette_fouten
def lijst_instellingen() -> None:
    """List the settings in force today, of every organisation; version 0 are the defaults."""
    tabel = Table("Organisatie", "Versie", *_KEUZES)
    for een in ingeschreven(open_opslag()):
        tabel.add_row(een.organisatie.naam, str(een.instellingen.versie), *_gekozen(een.instellingen))
    console.print(tabel)


@instellingen.command("toon")
@met_nette_fouten
def toon_instellingen(organisatie: Naam) -> None:
    """Show the settings in force now and every version that was entered: when, and by whom (besluit B8)."""
    [een] = ingeschreven(open_opslag(), organisatie)
    _meld(f"{een.organisatie.naam}, nu {_versie(een.instellingen)}")
    tabel = Table("Versie", *_KEUZES, "Ingevoerd op", "Ingevoerd door")
    for versie in een.versies:
        ingevoerd = _moment(versie.ingevoerd_op) if versie.ingevoerd_op else ""
        tabel.add_row(str(versie.versie), *_gekozen(versie), ingevoerd, versie.ingevoerd_door)
    console.print(tabel)


@instellingen.command("trek-in")
@met_nette_fouten
def trek_instellingen(organisatie: Naam) -> None:
    """Withdraw what was chosen: enter a new version that holds the defaults; earlier versions stay (besluit B8)."""
    _meld(f"{organisatie}, {_versie(herstel_instellingen(open_opslag(), organisatie))}")


@aanmelding.command("registreer")
@met_nette_fouten
def registreer_aanmelding(
    organisatie: Naam,
    product: Welk,
    ingang: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day.")],
    einde: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it no longer holds.")
    ] = None,
    kenmerk: Annotated[str | None, typer.Option(help="Reference of the mutatieformulier.")] = None,
    getekend_door: Annotated[str | None, typer.Option(help="Who signed the mutatieformulier.")] = None,
) -> None:
    """Register an organisation for a product, or change the registration that begins on that day (besluit B53a)."""
    formulier = Productaanmelding(
        product=product,
        ingang=ingang.date(),
        einde=einde.date() if einde else None,
        kenmerk=kenmerk,
        getekend_door=getekend_door,
    )
    meld_aan(open_opslag(), organisatie, formulier)
    _meld(f"{organisatie} is aangemeld voor {product} vanaf {ingang.date()}.")


@aanmelding.command("lijst")
@met_nette_fouten
def lijst_aanmeldingen(organisatie: Een = None, product: Enkel = None) -> None:
    """List product registrations, past and future, of all organisations or of one."""
    console.print(_aanmeldingen(ingeschreven(open_opslag(), organisatie), product))


@aanmelding.command("toon")
@met_nette_fouten
def toon_aanmeldingen(organisatie: Naam, product: Enkel = None) -> None:
    """Show the product registrations of one organisation."""
    console.print(_aanmeldingen(ingeschreven(open_opslag(), organisatie), product))


@aanmelding.command("trek-in")
@met_nette_fouten
def trek_aanmelding(
    organisatie: Naam,
    product: Welk,
    per: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day on which it no longer holds; today by default."),
    ] = None,
) -> None:
    """Withdraw the registration for a product from a day on; one that begins on that day or later is removed."""
    dag = meld_af(open_opslag(), organisatie, product, per=per.date() if per else None)
    _meld(f"{organisatie} is per {dag} niet meer aangemeld voor {product}.")


_KEUZES = ("Vermogen", "Voertuigen", "Percentage")


def _gekozen(geldend: Instellingen) -> tuple[str, str, str]:
    return _ja_nee(geldend.vermogen), _ja_nee(geldend.voertuigen), str(geldend.percentage)


def _versie(geldend: Instellingen) -> str:
    vermogen, voertuigen, percentage = _gekozen(geldend)
    return f"versie {geldend.versie}: vermogen {vermogen}, voertuigen {voertuigen}, percentage {percentage}."


def _aanmeldingen(van: Iterable[Ingeschreven], product: Product | None) -> Table:
    tabel = Table("Organisatie", "Product", "Ingang", "Einde", "Kenmerk", "Getekend door")
    for een in van:
        for rij in een.aanmeldingen:
            if product in (None, rij.product):
                einde = str(rij.einde) if rij.einde else ""
                tabel.add_row(
                    een.organisatie.naam, rij.product, str(rij.begin), einde, rij.kenmerk, rij.getekend_door
                )
    return tabel


def _productbeheerders(van: Iterable[Ingeschreven], product: Product | None) -> Table:
    tabel = Table("Organisatie", "Product", "Productbeheerder", "E-mail", "Notificaties")
    for een in van:
        for rij in een.productbeheerders:
            if product in (None, rij.product):
                tabel.add_row(
                    een.organisatie.naam, rij.product, rij.naam, rij.email, _ja_nee(rij.notificaties)
                )
    return tabel


def _gebruikersbeheerders(van: Iterable[Ingeschreven]) -> Table:
    tabel = Table("Organisatie", "Gebruikersbeheerder", "E-mail")
    for een in van:
        for rij in een.gebruikersbeheerders:
            tabel.add_row(een.organisatie.naam, rij.naam, rij.email)
    return tabel


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def _meld(zin: str) -> None:
    console.print(zin, highlight=False, soft_wrap=True)


def _ja_nee(waarde: bool) -> str:
    return "ja" if waarde else "nee"
