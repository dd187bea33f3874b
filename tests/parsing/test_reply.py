"""The visible reply: what is new in a mail, in the languages and clients it was written with."""

from __future__ import annotations

import pytest

from mailtix.parsing.data import load
from parsing.reading import read_text

LANGUAGES = load("quoting.toml")["language"]

ATTRIBUTIONS = [
    "On Fri, 20 Nov 2026 at 10:00, Ann <ann@example.org> wrote:",
    "On Nov 20, 2026, at 10:00 AM, Ann Smith <ann@example.org> wrote:",
    "On 20/11/2026 10:00, Ann Smith wrote:",
    "On 11-Apr-2026, at 6:54 PM, Bob <bob@example.com> wrote:",
    "Ann Smith <ann@example.org> wrote on 20.11.2026 10:00:00:",
    "Ann Smith <ann@example.org> writes:",
    "* Ann Smith <ann@example.org> [2026-11-20 10:00]:",
    "Le ven. 20 nov. 2026 à 10:00, Ann <ann@example.org> a écrit :",
    "Le 20/11/2026 à 10:00, Ann Smith a écrit :",
    "Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb Ann <ann@example.org>:",
    "Am 20.11.2026 um 10:00 schrieb Ann Smith:",
    "Ann Smith <ann@example.org> schrieb am Fr., 20. Nov. 2026, 10:00:",
    "El vie, 20 nov 2026 a las 10:00, Ann (<ann@example.org>) escribió:",
    "El 20 nov 2026, a las 10:00, Ann <ann@example.org> escribió:",
    "Em sex., 20 de nov. de 2026 às 10:00, Ann <ann@example.org> escreveu:",
    "Il giorno ven 20 nov 2026 alle ore 10:00 Ann <ann@example.org> ha scritto:",
    "Il 20/11/2026 10:00, Ann Smith ha scritto:",
    "Op vr 20 nov 2026 om 10:00 schreef Ann <ann@example.org>:",
    "Op 20 nov. 2026 om 10:00 heeft Ann <ann@example.org> het volgende geschreven:",
    "Den fre 20 nov. 2026 kl 10:00 skrev Ann <ann@example.org>:",
    "20 nov. 2026 kl. 10:00 skrev Ann <ann@example.org>:",
    "fre. 20. nov. 2026 kl. 10:00 skrev Ann <ann@example.org>:",
    "pe 20. marrask. 2026 klo 10.00 Ann (ann@example.org) kirjoitti:",
    "Ann <ann@example.org> kirjoitti 20.11.2026 kello 10.00:",
    "pt., 20 lis 2026 o 10:00 Ann <ann@example.org> napisał(a):",
    "W dniu 20.11.2026 o 10:00, Ann Smith pisze:",
    "pá 20. 11. 2026 v 10:00 odesílatel Ann <ann@example.org> napsal:",
    "Dne 20. 11. 2026 v 10:00 Ann Smith napsal(a):",
    "pi 20. 11. 2026 o 10:00 Ann <ann@example.org> napísal(a):",
    "Ann <ann@example.org> ezt írta (időpont: 2026. nov. 20., P, 10:00):",
    "2026.11.20. 10:00 keltezéssel, Ann Smith írta:",
    "În vin., 20 nov. 2026 la 10:00, Ann <ann@example.org> a scris:",
    "На пт, 20.11.2026 г. в 10:00 Ann <ann@example.org> написа:",
    "пт, 20 нояб. 2026 г. в 10:00, Ann <ann@example.org>:",
    "20 ноября 2026 г., 10:00, Ann <ann@example.org> написал(а):",
    "20.11.2026 10:00, Ann Smith пишет:",
    "пт, 20 лист. 2026 р. о 10:00 Ann <ann@example.org> пише:",
    "Ann <ann@example.org>, 20 Kas 2026 Cum, 10:00 tarihinde şunu yazdı:",
    "Στις Παρ 20 Νοε 2026 στις 10:00 π.μ., ο/η Ann <ann@example.org> έγραψε:",
    "\u202bבתאריך יום ו׳, 20 בנוב׳ 2026 ב-10:00 מאת \u202aAnn\u202c\u200f <\u202aann@example.org\u202c\u200f>:\u202c",
    "في الجمعة، 20 نوفمبر 2026 10:00 ص، كتب Ann <ann@example.org>:",
    "2026年11月20日(金) 10:00 Ann <ann@example.org>:",
    "2026/11/20 10:00、Ann <ann@example.org>のメール:",
    "于2026年11月20日周五 10:00写道：",
    "Ann <ann@example.org> 于2026年11月20日周五 10:00写道：",
    "在 2026年11月20日，10:00，Ann <ann@example.org> 写道：",
    "Ann <ann@example.org> 於 2026年11月20日 週五 上午10:00寫道：",
    "2026년 11월 20일 (금) 오전 10:00, Ann <ann@example.org>님이 작성:",
    "Vào Th 6, 20 thg 11, 2026 vào lúc 10:00 Ann <ann@example.org> đã viết:",
    "Pada tanggal Jum, 20 Nov 2026 pukul 10.00 Ann <ann@example.org> menulis:",
    "ในวันที่ ศ. 20 พ.ย. 2026 เวลา 10:00 Ann <ann@example.org> เขียนว่า:",
    "pet, 20. stu 2026. u 10:00 Ann <ann@example.org> je napisao/la:",
    "V V pet., 20. nov. 2026 ob 10:00 je oseba Ann <ann@example.org> napisala:",
    "Kontakt Ann (<ann@example.org>) kirjutas kuupäeval R, 20. november 2026 kell 10:00:",
    "piektd., 2026. g. 20. nov., plkst. 10:00 — lietotājs Ann (<ann@example.org>) rakstīja:",
    "2026-11-20, pn, 10:00 Ann <ann@example.org> rašė:",
    "El dv., 20 de nov. 2026, 10:00, Ann <ann@example.org> va escriure:",
    "शुक्र, 20 नव॰ 2026 को 10:00 बजे को Ann <ann@example.org> ने लिखा:",
    "---- On Fri, 20 Nov 2026 10:00:00 +0100 Ann <ann@example.org> wrote ----",
    "------- Original Message -------",
    "-------- Original message --------",
    "-----Original Message-----",
    "_____ Ann wrote on 20 Nov 2026 10:00:",
    '20.11.2026, 10:00, "Ann" <ann@example.org>:',
    "Пятница, 20 ноября 2026, 10:00 +03:00 от Ann <ann@example.org>:",
    "On Fri, Nov 20, 2026 Ann <ann@example.org> wrote:",
    "Hello Ann, Friday, November 20, 2026, 10:00:00 AM, you wrote:",
]
DOUBTFUL_ATTRIBUTIONS = [
    "Quoting Ann Smith <ann@example.org>:",
    "Zitat von Ann Smith <ann@example.org>:",
    "Ann Smith (20.11.26 10:00):",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_the_line_that_says_who_wrote_ends_the_reply(line: str) -> None:
    assert read_text(f"new text\n\n{line}\n> old text").reply == "new text"
    assert read_text(f"new text\n\n{line}\n\nold text\nand more").reply == "new text"


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_that_line_is_known_when_it_is_wrapped_at_a_blank(line: str) -> None:
    """Clients wrap it at 72 to 78 columns; shorter ones here stand for long names."""
    blanks = [position for position, char in enumerate(line) if char == " " and position >= 36]
    if line.startswith(("-", "_", "Hello")):  # rulers are not wrapped; who greets in this line has no fixed form
        blanks = []
    for blank in blanks:
        wrapped = f"{line[:blank]}\n{line[blank + 1 :]}"
        assert read_text(f"new text\n\n{wrapped}\n\n> old text").reply == "new text", wrapped


@pytest.mark.parametrize("line", DOUBTFUL_ATTRIBUTIONS)
def test_a_line_that_may_say_who_wrote_needs_quote_marks_below_it(line: str) -> None:
    assert read_text(f"new text\n\n{line}\n> old text").reply == "new text"
    assert "not a quote" in read_text(f"new text\n\n{line}\n\nnot a quote").reply


def test_the_phrases_cover_at_least_25_languages() -> None:
    assert len({language["code"] for language in LANGUAGES}) >= 25


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language["code"])
def test_a_block_of_header_fields_ends_the_reply_in_every_language(language: dict[str, list[str]]) -> None:
    block = (
        f"{language['from'][0].title()}: Bob <bob@desk.example>\n{language['date'][0].title()}: 20.11.2026 10:00\n"
        f"{language['to'][0].title()}: ann@example.org\n{language['subject'][0].title()}: Printer\n"
    )
    assert read_text(f"new text\n\n{block}\nold text").reply == "new text"
    assert read_text(f"new text\n\n{block.replace(':', ' :')}\nold text").reply == "new text"


RULERS = [
    (language["code"], phrase) for language in LANGUAGES for phrase in language["original"] + language["forwarded"]
]


@pytest.mark.parametrize(("code", "phrase"), RULERS)
def test_a_ruler_ends_the_reply_in_every_language(code: str, phrase: str) -> None:
    assert read_text(f"new text\n\n-----{phrase.title()}-----\n\nold text").reply == "new text"


SENT_FROM = [(language["code"], phrase) for language in LANGUAGES for phrase in language["sent_from"]]


@pytest.mark.parametrize(("code", "phrase"), SENT_FROM)
def test_what_a_phone_appends_is_not_part_of_the_reply(code: str, phrase: str) -> None:
    line = phrase.replace("*", "Phone")
    assert read_text(f"new text\n\n{line[0].upper()}{line[1:]}").reply == "new text"


CLOSINGS = [(language["code"], phrase) for language in LANGUAGES for phrase in language["closing"]]


@pytest.mark.parametrize(("code", "phrase"), CLOSINGS)
def test_a_greeting_and_name_at_the_end_are_the_signature(code: str, phrase: str) -> None:
    assert read_text(f"new text\n\n{phrase.capitalize()},\nAnn Smith\nTel. 555 1234").reply == "new text"


REPLY_ABOVE = [(language["code"], phrase) for language in LANGUAGES for phrase in language["reply_above"]]


@pytest.mark.parametrize(("code", "phrase"), REPLY_ABOVE)
def test_the_line_to_reply_above_is_the_strongest_cut(code: str, phrase: str) -> None:
    mail = read_text(f"new text\n\n>>> ##- {phrase.capitalize()} -##\n\nAn answer of the desk, not quoted.")
    assert (mail.reply, mail.reply_because) == ("new text", "reply-above line")


def test_our_own_marker_is_known_in_any_wording() -> None:
    assert read_text("new text\n\n--- qwertz (mailtix-reply-above) ---\nold").reply == "new text"


KEPT = [
    "I want to travel:\n\nFrom: Berlin\nTo: Munich\nDate: 3 May 2027\n\nAnn",
    "Please send:\n\n- Milk\n\n- Bread",
    "Please send:\n\n-Milk\n\n-Bread",
    "Run\n\n/etc",
    "We have:\nSamsung\nLG\nSony",
    "Dear all,\n\nThe information contained in this article is wrong.\n\nPlease change it.",
    "Hello,\n\nImportant notice: the printer burns.\n\nPlease come.",
    "Bonjour,\n\nAvant d'imprimer, il faut du papier.\n\nOr il n'y en a plus.",
    "The header says:\n\nReceived: from a\nFrom: a@example.org\nMessage-ID: <1@x>\nX-Spam: no\nX-A: b\nSubject: x",
    "No, it is.\n\nIn May",
    "On Monday your colleague wrote:\n\nwe will refund you\n\nWhere is it?",
    "In 2024 my boss wrote:\nnever again\nand he was right.",
    "I looked at it from: all sides\nto: no avail",
    "The meeting:\n\nDate: Wednesday 3 March 2027\nTime: 7:00 am\nAddress: 1 Main Street\n\nBring your ID.",
    "Name: Carl\nEmail: carl@example.com\nSubject: Lamp\nMessage: broken",
    "Steps:\n\n1. open\n2. wait\n\n-----\n\nThen it fails.",
    "It said ---- and stopped.",
    "Sent from my desk, which is much easier than the phone.",
    "Regards to your mother! She wrote me a letter.",
    "I have one question -- why?",
    "Best\nprice I ever saw.",
    "See below.\n\nKind regards\nAnn\n\nPS: it is the red one.",
    "See below.\n\nKind regards\nAnn\n\nThe log says:\nerror 5\nerror 6",
    "a > b is true",
    "Please write to bob@example.org:\n\nhe knows.",
    "The forwarded message was empty.",
    "From: the left\n\nTo: the right",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_quote_or_signature_is_kept(text: str) -> None:
    mail = read_text(text)
    assert (mail.reply, mail.reply_because) == (text, "")


def test_a_reply_below_the_quote_is_the_reply() -> None:
    assert (
        read_text("On 20 Nov 2026, at 10:00, Bob <bob@desk.example> wrote:\n> old\n> text\n\nnew text").reply
        == "new text"
    )


def test_answers_between_quotes_keep_the_quotes() -> None:
    text = "> one?\n\nyes\n\n> two?\n\nno"
    assert read_text(f"Bob <bob@desk.example> wrote:\n{text}\n\n> three?\n> Bob").reply == text


def test_a_greeting_below_the_quote_is_no_answer_to_it() -> None:
    assert read_text("new text\n\n> old\n\nRegards, Ann").reply == "new text\n\n\nRegards, Ann"


def test_signature_and_quote_are_taken_off_in_any_order() -> None:
    quote = "On 20 Nov 2026, at 10:00, Bob <bob@desk.example> wrote:\n> old"
    assert read_text(f"new text\n\n-- \nAnn\n\n{quote}").reply == "new text"
    assert read_text(f"new text\n\n{quote}\n\n-- \nAnn").reply == "new text"


def test_a_mail_that_is_only_a_quote_or_signature_is_kept_whole() -> None:
    for text in ("> only\n> this", "-- \nAnn", "-----Original Message-----\n\nold"):
        assert read_text(text).reply == text


def test_every_cut_says_why() -> None:
    mail = read_text("new text\n\nSent from my iPhone\n\n-----Original Message-----\nold")
    assert mail.reply_because == "original message ruler; line of a phone or program"


def test_a_quote_mark_torn_off_a_long_link_does_not_make_an_answer() -> None:
    assert read_text("new text\n\n> see (http://example.org/a\nb=c)\n> and more").reply == "new text"


def test_prompts_of_programs_are_no_quotes() -> None:
    for prompt in (">>> import lamp", "PS> Get-Lamp", "SQL> select 1"):
        assert read_text(f"It fails:\n\n{prompt}").reply.endswith(prompt)


def test_talking_about_the_line_to_reply_above_cuts_nothing() -> None:
    text = 'Your mail says "reply above this line", but where is that line supposed to be?\nPlease explain.'
    assert read_text(text).reply == text


def test_a_text_longer_than_is_looked_at_is_kept_to_its_end() -> None:
    text = "\n".join(f"line {n}" for n in range(12_000))
    assert read_text(text).reply == text


def test_short_lines_above_an_attribution_are_not_taken_for_its_begin() -> None:
    for short in ("No.", "In time", "Yes, do it.", "Ann", "A lamp"):
        text = f"first line\n{short}\nOn Fri, 20 Nov 2026 at 10:00, Bob <bob@desk.example> wrote:\n> old"
        assert read_text(text).reply == f"first line\n{short}"
