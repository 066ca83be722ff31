from __future__ import annotations

from datetime import date
from email.message import EmailMessage

import pytest
from lxml import html

from include.rapportage.mail import Mail, notificatie


def mail(**anders: object) -> Mail:
    feiten: dict[str, object] = {
        "product": "bijzondere-bijstand",
        "periode": "2026-09",
        "aantal_rapporten": 2,
        "ophalen_tot": date(2027, 1, 3),
        "omgeving": "productie",
        "organisatie": "ISD Bollenstreek",
    }
    return notificatie(**(feiten | anders))


def test_text() -> None:
    assert (
        mail().tekst
        == """\
Geachte productbeheerder,

Voor ISD Bollenstreek staan 2 rapporten klaar in het portaal van BIDN.

Dienst: Bijzondere Bijstand
Ronde: 2026-09
Aantal rapporten: 2
Op te halen tot: 3 januari 2027

Zo haalt u de bestanden op: log in op het portaal, kies Bijzondere Bijstand en open het tabblad Ophalen.

Op 3 januari 2027 verwijderen wij de bestanden.
Hebt u de gegevens langer nodig? Sla ze dan vóór die dag zelf veilig op.

In deze e-mail staan met opzet geen persoonsgegevens, bijlagen of links.

Geen bericht meer ontvangen? Zet het uit in het portaal, onder Notificaties.
Vragen? Bel 0800 222 11 22 of mail servicedesk@bidn.nl (werkdagen, 8.30 tot 17.00 uur).

BIDN
"""
    )


@pytest.mark.parametrize(
    ("anders", "onderwerp"),
    [
        ({}, "Bijzondere Bijstand: rapporten klaar, ronde 2026-09"),
        ({"omgeving": "test"}, "[TEST] Bijzondere Bijstand: rapporten klaar, ronde 2026-09"),
        ({"omgeving": "ontwikkeling"}, "[ONTWIKKELING] Bijzondere Bijstand: rapporten klaar, ronde 2026-09"),
        (
            {"product": "alleenverdieners", "periode": "avd_2026_01", "aantal_rapporten": 1},
            "Alleenverdieners: lijst klaar, levering avd_2026_01",
        ),
    ],
)
def test_subject(anders: dict[str, object], onderwerp: str) -> None:
    assert mail(**anders).onderwerp == onderwerp


def test_one_list() -> None:
    een = mail(product="alleenverdieners", periode="avd_2026_01", aantal_rapporten=1).tekst
    assert "Voor ISD Bollenstreek staat 1 lijst klaar" in een
    assert "Levering: avd_2026_01\nAantal lijsten: 1\n" in een
    assert "Zo haalt u het bestand op" in een


@pytest.mark.parametrize("omgeving", ["productie", "test"])
def test_both_forms_say_the_same(omgeving: str) -> None:
    bericht = mail(omgeving=omgeving)
    woorden = " ".join(html.fromstring(bericht.html).find("body").text_content().split())
    for feit in ("ISD Bollenstreek staan 2 rapporten klaar", "2026-09", "3 januari 2027", "0800 222 11 22"):
        assert feit in bericht.tekst
        assert feit in woorden
    assert ("testbericht" in bericht.tekst, "testbericht" in woorden) == (omgeving == "test",) * 2


def test_html_is_accessible_and_fetches_nothing() -> None:
    pagina = html.document_fromstring(mail(omgeving="test").html)
    assert pagina.get("lang") == "nl"
    assert pagina.findtext("head/title") == "[TEST] Bijzondere Bijstand: rapporten klaar, ronde 2026-09"
    assert [kop.get("scope") for kop in pagina.iter("th")] == ["row"] * 4
    assert not list(pagina.iter("img", "a", "link", "script", "iframe"))
    assert not pagina.xpath("//@src | //@href | //@background")


@pytest.mark.parametrize(("letters", "achtergrond"), [("#1b1b1b", "#ffffff"), ("#8a1f00", "#ffffff")])
def test_colours_contrast_enough_to_read(letters: str, achtergrond: str) -> None:
    def helderheid(kleur: str) -> float:
        delen = [int(kleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        lineair = [d / 12.92 if d <= 0.04045 else ((d + 0.055) / 1.055) ** 2.4 for d in delen]
        return 0.2126 * lineair[0] + 0.7152 * lineair[1] + 0.0722 * lineair[2]

    assert f"color: {letters}" in mail(omgeving="test").html
    contrast = (helderheid(achtergrond) + 0.05) / (helderheid(letters) + 0.05)
    assert contrast >= 7  # WCAG AAA


def test_what_an_organisation_is_called_stays_text() -> None:
    vreemd = mail(
        organisatie="<b>Gemeente</b>\r\nBcc: x@example.org", periode="2026-09\r\nBcc: y@example.org"
    )
    bericht = EmailMessage()
    bericht["Subject"] = vreemd.onderwerp  # refuses a line break
    assert "<b>" not in vreemd.html
    assert "<b>Gemeente</b> Bcc: x@example.org" in vreemd.tekst
