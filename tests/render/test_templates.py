"""Every mail in every language, whatever it is filled with."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from mailtix.render import (
    AGENT,
    CUSTOMER,
    NAMES,
    RECURRING,
    Context,
    Grid,
    GridLine,
    Link,
    Mistake,
    Rendered,
    Templates,
    load,
)
from mailtix.render.context import RICH, SPARSE

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALLOWED_ELEMENTS = frozenset(
    "html head meta title style body table tr td div p h1 hr a br strong em span ul li blockquote img".split()  # noqa: SIM905
)
HOSTILE = "Eve\r\nBcc: all@example.net\x00\u2028\ud800 <script>alert(1)</script> {{ 7 * 7 }} {% for %} \u202egpj"


@pytest.fixture(scope="module")
def templates() -> Templates:
    loaded = load()
    assert isinstance(loaded, Templates), "\n".join(map(str, loaded))
    return loaded


class Elements(HTMLParser):
    """Remembers each element with its attributes, and that each one that was opened is closed again."""

    VOID = ("meta", "br", "hr", "img", "link", "input")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


every_mail = pytest.mark.parametrize("name", NAMES)
every_language = pytest.mark.parametrize("language", ["en", "de"])
much_and_little = pytest.mark.parametrize("context", [RICH, SPARSE, Context()], ids=["rich", "sparse", "nothing"])


@every_mail
@every_language
@much_and_little
def test_each_mail_can_be_made_of_much_and_of_little(
    templates: Templates, name: str, language: str, context: Context
) -> None:
    mail = templates.render(name, language, context, NOW)
    assert mail.subject
    assert "\n\n\n" not in mail.text.replace("-- \n\n", "")
    assert "None" not in mail.text + mail.html
    assert Elements(mail.html).open == []


@every_mail
@every_language
def test_no_value_can_break_out_of_its_place(templates: Templates, name: str, language: str) -> None:
    everything: dict[str, Any] = {
        field: HOSTILE for field in Context.__dataclass_fields__ if isinstance(getattr(RICH, field), str)
    }
    hostile = replace(
        RICH,
        **everything,
        mistakes=(HOSTILE,),
        attachments=(HOSTILE,),
        done=(HOSTILE,),
        tables=(Grid(HOSTILE, (HOSTILE,), (GridLine((HOSTILE,), (Link(HOSTILE, 'mailto:a"b'),)),)),),
        actions=(Link(HOSTILE, 'mailto:a@example.org"onclick="x'),),
    )
    mail = templates.render(name, language, hostile, NOW)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]", mail.subject)
    assert "49" not in mail.subject + mail.text + mail.html
    mail.text.encode()
    elements = Elements(mail.html)
    assert elements.open == []
    assert {tag for tag, _ in elements.all} <= ALLOWED_ELEMENTS
    assert not any(key.startswith("on") for _, attributes in elements.all for key in attributes)


@every_mail
@every_language
def test_nothing_is_fetched_from_afar(templates: Templates, name: str, language: str) -> None:
    mail = templates.render(name, language, RICH, NOW)
    assert not re.search(r"\bsrc=(?!\"cid:)|url\(|@import|<link", mail.html)


@every_mail
@every_language
def test_no_line_of_ours_reads_as_a_command_when_it_is_quoted_back(
    templates: Templates, name: str, language: str
) -> None:
    commanding = replace(RICH, subject="a b " * 12 + "#close", message="", quoted="", reason="x " * 30 + "#resolve")
    mail = templates.render(name, language, commanding, NOW)
    assert [line for line in mail.text.splitlines() if line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("name", AGENT)
@every_language
def test_a_notice_begins_with_the_marker_so_that_nothing_of_it_stays_in_an_answer(
    templates: Templates, name: str, language: str
) -> None:
    mail = templates.render(name, language, replace(RICH, attachments=()), NOW)
    [marker] = [m for m in templates.markers if m in mail.text]
    above, _, below = mail.text.partition(marker)
    assert above.strip() == ""
    assert below.endswith(f"_\n\n{RICH.message}\n")
    visible = mail.html.partition("<body")[2]
    assert visible.index('class="mailtix-reply-above') < visible.index("<h1")


@pytest.mark.parametrize("name", RECURRING)
@every_language
def test_a_report_begins_with_the_marker_and_shows_its_pictures_and_tables(
    templates: Templates, name: str, language: str
) -> None:
    mail = templates.render(name, language, replace(RICH, reason="2026-11-20"), NOW)
    assert "2026-11-20" in mail.subject
    assert "TKT-2026" not in mail.subject
    assert mail.text.lstrip().startswith(tuple(templates.markers))
    assert "The printer burns" in mail.text
    assert 'src="cid:chart1.abc@example.com"' in mail.html
    assert "The printer burns" in mail.html


@every_language
def test_an_answer_begins_with_its_own_words_and_quotes_below_the_marker(templates: Templates, language: str) -> None:
    mail = templates.render("reply", language, RICH, NOW)
    assert mail.text.startswith(RICH.message)
    [marker] = [m for m in templates.markers if m in mail.text]
    assert mail.text.partition(marker)[2].endswith("> Please switch it off and on again.\n>\n>> It burns.\n")


@every_language
def test_an_answer_without_a_quotation_has_no_marker(templates: Templates, language: str) -> None:
    mail = templates.render("reply", language, replace(RICH, quoted=""), NOW)
    assert not any(marker in mail.text for marker in templates.markers)


@pytest.mark.parametrize("name", CUSTOMER)
@every_language
def test_a_customer_is_told_nothing_of_the_inside(templates: Templates, name: str, language: str) -> None:
    inside = replace(RICH, assignee="INSIDE", team="INSIDE", reason="INSIDE", mistakes=("INSIDE",), actions=())
    mail = templates.render(name, language, inside, NOW)
    assert "INSIDE" not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("name", CUSTOMER + AGENT)
def test_subjects_of_one_ticket_differ_only_in_what_clients_skip_or_agents_must_see(
    templates: Templates, name: str
) -> None:
    subject = templates.render(name, "en", RICH, NOW).subject
    assert subject.endswith(f"[TKT-2026-000123] {RICH.subject}")


def test_customers_mails_share_the_subject_of_an_answer(templates: Templates) -> None:
    subjects = {templates.render(name, "en", RICH, NOW).subject for name in CUSTOMER}
    assert subjects == {f"Re: [TKT-2026-000123] {RICH.subject}"}


def test_a_subject_of_a_megabyte_becomes_a_short_line(templates: Templates) -> None:
    mail = templates.render("created", "en", replace(RICH, subject="burns " * 200_000), NOW)
    assert len(mail.subject) <= 250
    assert len(mail.html) < 10_000


def test_a_promise_that_has_passed_is_not_made(templates: Templates) -> None:
    late = replace(RICH, answer_by=NOW - timedelta(minutes=5))
    assert "will answer" not in templates.render("created", "en", late, NOW).text
    assert "will answer within 4 hours" in templates.render("created", "en", RICH, NOW).text.replace("\n", " ")


@pytest.mark.parametrize(
    ("asked", "got"),
    [("de-AT", "Hallo"), ("de_CH", "Hallo"), ("DE", "Hallo"), ("fr", "Hello"), ("", "Hello"), ("en-GB", "Hello")],
)
def test_the_nearest_language_is_used(templates: Templates, asked: str, got: str) -> None:
    greeting = {"Hallo": "Guten Tag", "Hello": "Hello"}[got]
    assert templates.render("created", asked, RICH, NOW).text.startswith(greeting)


@every_language
def test_ratings_can_be_tapped_in_the_html(templates: Templates, language: str) -> None:
    mail = templates.render("survey", language, RICH, NOW)
    tapped = [attributes["href"] for tag, attributes in Elements(mail.html).all if tag == "a"]
    assert tapped == [link.url for link in (*RICH.ratings, *RICH.actions)]


def test_a_name_that_no_template_has_is_a_programming_error(templates: Templates) -> None:
    with pytest.raises(KeyError):
        templates.render("greeting", "en", RICH, NOW)


def test_the_same_values_give_the_same_mail(templates: Templates) -> None:
    first, second = (templates.render("assigned", "de", RICH, NOW) for _ in range(2))
    assert isinstance(first, Rendered)
    assert first == second


def test_mistakes_print_as_compilers_do() -> None:
    assert str(Mistake("en/created.txt", 3, "is odd")) == "en/created.txt:3: is odd"
