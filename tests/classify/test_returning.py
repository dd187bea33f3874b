"""The day of return in an out-of-office reply."""

from __future__ import annotations

import pytest

from mailtix.model.kind import Automatic

SUBJECT = {"Subject": "Out of Office: Printer", "Auto_Submitted": "auto-replied"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until 14 May 2026.", "2026-05-14"),
        ("I am out of the office until May 14.", "2026-05-14"),
        ("I will be back on Thursday, May 14th, 2026.", "2026-05-14"),
        ("I am away from 4 May to 14 May and will answer then.", "2026-05-14"),
        ("Away until 2026-05-14, limited access to email.", "2026-05-14"),
        ("I'm on vacation through 5/14/2026.", "2026-05-14"),
        ("I will be out of the office returning Monday 3 January.", "2027-01-03"),
        ("Ich bin bis zum 14.05.2026 nicht im Büro.", "2026-05-14"),
        ("Ich bin vom 04.05. bis 14.05. im Urlaub.", "2026-05-14"),
        ("Ich bin bis einschließlich 14. Mai abwesend.", "2026-05-14"),
        ("Ich bin ab Donnerstag, dem 14. Mai wieder erreichbar, nicht im Büro.", "2026-05-14"),
        ("Ich bin ab dem 14. Mai 2026 wieder im Büro; derzeit außer Haus.", "2026-05-14"),
        ("Ich bin bis 14.05. im Urlaub. Die Messe findet am 20.06. statt.", "2026-05-14"),
        ("I am on leave until 14 May. Our address moves to 3 June Street on 20 June.", "2026-05-14"),
        ("Ich bin am 14.05. wieder im Büro, bis dahin abwesend.", "2026-05-14"),
        ("Je suis absent du bureau jusqu'au 14 mai 2026 inclus.", "2026-05-14"),
        ("Je suis en congés, de retour le jeudi 14 mai.", "2026-05-14"),
        ("Estoy de vacaciones hasta el 14 de mayo de 2026.", "2026-05-14"),
        ("Estaré fuera de la oficina hasta el jueves 14 de mayo.", "2026-05-14"),
        ("Sono in ferie fino al 14 maggio 2026.", "2026-05-14"),
        ("Sono fuori ufficio e rientro il 14/05/2026.", "2026-05-14"),
        ("Ik ben afwezig tot en met 14 mei 2026.", "2026-05-14"),
        ("Ik ben niet op kantoor t/m donderdag 14 mei.", "2026-05-14"),
        ("Estou de férias até 14 de maio de 2026.", "2026-05-14"),
        ("Estarei ausente, regresso a 14/05/2026.", "2026-05-14"),
        ("Jag är på semester till och med den 14 maj 2026.", "2026-05-14"),
        ("Jeg er på ferie til og med 14. maj 2026.", "2026-05-14"),
        ("Jeg er ikke på kontoret før 14. mai, tilbake den 14. mai.", "2026-05-14"),
        ("Olen lomalla 14.5.2026 saakka.", "2026-05-14"),
        ("Jestem na urlopie do 14 maja 2026.", "2026-05-14"),
        ("Jestem poza biurem do dnia 14.05.2026 r.", "2026-05-14"),
        ("Jsem na dovolené do 14. května 2026.", "2026-05-14"),
        ("Som na dovolenke do 14. mája 2026.", "2026-05-14"),
        ("Sunt în concediu până pe 14 mai 2026.", "2026-05-14"),
        ("Я в отпуске до 14 мая 2026 года.", "2026-05-14"),
        ("Я у відпустці до 14 травня 2026 року.", "2026-05-14"),
        ("Απουσιάζω σε άδεια έως 14 Μαΐου 2026.", "2026-05-14"),
        ("14 Mayıs 2026 tarihine kadar izindeyim.", "2026-05-14"),
        ("5月14日まで休暇をいただいております。", "2026-05-14"),
        ("我正在休假中,2026年5月14日返回。", "2026-05-14"),
        ("5월 14일까지 휴가 중입니다.", "2026-05-14"),
    ],
)
def test_the_day_of_return_is_read_in_the_common_forms_of_many_languages(kind_of, text, day):
    kind = kind_of(text, **SUBJECT)

    assert isinstance(kind, Automatic)
    assert kind.out_of_office
    assert kind.until is not None, text
    assert kind.until.date().isoformat() == day


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until further notice.",
        "I am out of the office until 05/06/2026.",  # June or May, nobody knows
        "I am out of the office. Version 1.5.2026 of our terms is valid since 1 March 2025.",
        "I was out of the office until 14 April 2026 and shall answer soon.",
        "I am out of the office until 31 June 2026.",
        "I am out of the office. Call +49 30 14.05.20 for help.",
        "I am out of the office until 14 May 2036.",
    ],
)
def test_a_day_that_is_not_sure_is_not_given(kind_of, text):
    kind = kind_of(text, **SUBJECT)

    assert isinstance(kind, Automatic)
    assert kind.until is None


def test_the_day_is_midnight_in_the_zone_of_the_mail(kind_of):
    kind = kind_of("I am out of the office until 14 May.", **SUBJECT)

    assert isinstance(kind, Automatic)
    assert kind.until is not None
    assert kind.until.isoformat() == "2026-05-14T00:00:00+02:00"


def test_a_mail_without_a_date_counts_from_its_arrival(kind_of):
    kind = kind_of("I am out of the office until 14 May.", **SUBJECT | {"Date": "yesterday"})

    assert isinstance(kind, Automatic)
    assert kind.until is not None
    assert kind.until.isoformat() == "2026-05-14T00:00:00+00:00"
