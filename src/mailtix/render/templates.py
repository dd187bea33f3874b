"""Templates as they are used: found by name and language, rendered from a Context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from jinja2 import Template

from mailtix.render.context import FIELDS, Context, one_line, variables
from mailtix.render.flat import Flat, flat
from mailtix.render.words import Words

CUSTOMER = (
    *("created", "reply", "answered", "told", "verify", "join", "token"),
    *("status", "resolved", "closed", "merged", "survey", "thanks", "no_survey", "closing", "late"),
)
AGENT = (
    "assigned",
    "customer_replied",
    "unassigned",
    "held",
    "done",
    "refused",
    "overtaken",
    "joined",
    "undelivered",
    "confirm",
    "limited",
    "absent",
    "note",
    "watched",
    "served",
    "escalated",
    "notified",
    "whose",
    "sla_warning",
    "sla_breach",
    "left",
    "pending",
    "awake",
    "reminder",
    "low_mark",
    "informed",
    "token_given",
)
# What comes again and again, or tells of much at once, and is about no single ticket.
RECURRING = ("digest", "sla_report", "weekly", "monthly", "caught_up", "parked")
NAMES = CUSTOMER + AGENT + RECURRING
LAST_RESORT = "en"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished text. `subject` is one line; `text` and `html` have `\\n` line ends."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Page:
    """One template in one language, compiled: its text (the subject is the first line), its HTML and its words."""

    language: str
    text: Template
    html: Template
    words: Words

    @cached_property
    def flat(self) -> tuple[Flat, Flat]:
        """Text and HTML, each as one template. Made for the first mail of its kind: most pages are seldom asked for."""
        fixed = of_language(self.words, self.language)
        return flat(self.text, fixed), flat(self.html, fixed)

    @cached_property
    def asks(self) -> tuple[str, ...]:
        """The variables of the context that these two may ask for."""
        text, html = (part.asks for part in self.flat)
        return FIELDS if text is None or html is None else tuple(name for name in FIELDS if name in text | html)

    def render(self, context: Context, now: datetime) -> Rendered:
        """The page filled in; raises what Jinja2 raises for a template that no check has seen."""
        text, html = (part.template for part in self.flat)
        scope = variables(context, self.asks) | surroundings(self.words, self.language, context, now)
        subject, _, body = text.render(scope).partition("\n")
        return Rendered(
            subject=one_line(subject.removeprefix("Subject:")),
            text=body.strip("\n") + "\n",
            html=html.render(scope).strip() + "\n",
        )


@dataclass(frozen=True, slots=True)
class Templates:
    """All pages by language (lower case) and name; made by `mailtix.render.load`, which has checked them."""

    pages: Mapping[str, Mapping[str, Page]]

    def render(self, name: str, language: str, context: Context, now: datetime) -> Rendered:
        """The mail called `name` in `language` or the nearest that there is: de-AT, then de, then en.

        `now` (aware) is what "in 4 hours" counts from. Raises KeyError for a name that is not in NAMES.
        """
        return self.page(name, language).render(context, now)

    def page(self, name: str, language: str) -> Page:
        """The page that `render` would use."""
        kinds = (language,) if language in self.pages else chain(language)
        return next(self.pages[known][name] for known in kinds if known in self.pages)

    @property
    def markers(self) -> frozenset[str]:
        """The line "please reply above this line" of every language, as it stands in the mails."""
        return frozenset(page.words.marker for pages in self.pages.values() for page in pages.values())


def surroundings(words: Words, language: str, context: Context, now: datetime) -> dict[str, object]:
    """What templates know beside the context: the words of their language and what follows from them."""
    title = one_line(context.subject) or words.phrases["no_subject"]
    number = one_line(context.number)
    return {
        **of_language(words, language),
        "now": now,
        "title": title,
        "tagged": f"[{number}] {title}" if number else title,
    }


def of_language(words: Words, language: str) -> dict[str, object]:
    """What is the same in all mails of a language."""
    return {"words": words, "lang": language, "marker": words.marker}


SURROUNDINGS = ("words", "lang", "now", "marker", "title", "tagged")


def family(language: str) -> Iterator[str]:
    """The language and those it is a kind of (RFC 4647 section 3.4, lookup): de-ch-1996, de-ch, de."""
    parts = language.strip().lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def chain(language: str) -> Sequence[str]:
    """The languages to try, the last of them always there."""
    return (*family(language), LAST_RESORT)
