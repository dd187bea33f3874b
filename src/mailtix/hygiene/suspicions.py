"""What a person should beware of before he believes who a mail is from. Pure; one function asks one question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses

from mailtix.hygiene.lookalike import mixes_scripts, skeleton
from mailtix.model.auth import Authentication
from mailtix.model.desk import Company
from mailtix.model.mail import InboundMail

# Greedy parts that cannot meet each other's characters: a name of a megabyte is looked through once.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# What nobody sees, and what turns the writing around (UAX 9): "gro.elpmaxe" can be shown as "example.org".
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LONGEST = 1000  # characters of a name that are looked at
_SHOWN = 80
_LATE, _EARLY = timedelta(days=7), timedelta(days=1)  # mail waits in queues for five days; clocks are wrong by hours


@dataclass(frozen=True, slots=True)
class _Look:
    mail: InboundMail
    auth: Authentication | None
    company: Company
    domains: frozenset[str]

    @property
    def sender(self) -> str:
        return self.mail.from_.addr.lower()

    @property
    def name(self) -> str:
        return self.mail.from_.name[:_LONGEST]


def suspicions(
    mail: InboundMail, auth: Authentication | None, company: Company, known: Iterable[str] = ()
) -> tuple[str, ...]:
    """Sentences on what is suspicious about the sender, () when nothing is. `known` are the addresses that belong to
    the ticket; their domains are those that others may pretend to be, as are the company's own."""
    ours = (*(box.address for box in company.mailboxes), *(agent.email for agent in company.agents))
    domains = frozenset(filter(None, (_domain(address) for address in (*ours, *known))))
    look = _Look(mail, auth, company, domains)
    return tuple(dict.fromkeys(sentence for ask in _QUESTIONS for sentence in ask(look)))


def _forged(look: _Look) -> Iterator[str]:
    """Is From shown to be forged?"""
    if look.auth is not None and (forged := look.auth.refutes(look.sender)):
        yield f"From names {look.sender}, but {forged}"


def _several_authors(look: _Look) -> Iterator[str]:
    """Does From name more than one address? It may, with a Sender (RFC 5322 section 3.6.2); clients show only one."""
    values = [value[:_LONGEST] for value in look.mail.header_all("From")]
    if sum(value.count("@") for value in values) < 2:  # each address has one of its own
        return
    try:
        named = getaddresses(values)
    except RecursionError:  # it reads comments in comments by calling itself
        named = [("", address) for value in values for address in _ADDRESS.findall(value)]
    found = list(dict.fromkeys(address.lower() for _, address in named if "@" in address))
    if len(found) > 1:
        yield f"From names more than one address: {_short(', '.join(found))}"


def _name_is_an_address(look: _Look) -> Iterator[str]:
    """Does the name show another address than the mail comes from?"""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", look.name))
    for match in _ADDRESS.finditer(plain):
        shown = match[0].strip(".").lower()
        if shown == look.sender:
            continue
        raw = look.mail.header("From").lower()
        hidden = ", hidden in encoded words" if shown not in raw and "=?" in raw else ""
        yield f"the name shows {_short(shown)}{hidden}, but the mail is from {_short(look.sender)}"
        return


def _name_of_an_agent(look: _Look) -> Iterator[str]:
    """Does somebody outside bear the name of an agent, or one that looks like it?"""
    if not look.name.strip() or look.company.agent(look.sender) is not None:
        return
    seen = skeleton(_UNSEEN.sub("", look.name))
    for agent in look.company.agents:
        if agent.name and skeleton(agent.name) == seen:
            yield f"{agent.name} is the name of an agent, but the mail is from {_short(look.sender or 'nobody')}"
            return


def _domain_looks_like_another(look: _Look) -> Iterator[str]:
    """Does the domain look like one that we know?"""
    domain = _shown_domain(_domain(look.sender))
    for known in sorted(look.domains):
        if domain and domain != known and skeleton(domain) == skeleton(known):
            yield f"the domain {_short(domain)} looks like {known}, and is another one"
            return


def _mixes_scripts(look: _Look) -> Iterator[str]:
    """Does a word mix letters that look alike from different scripts?"""
    local, _, domain = look.sender.rpartition("@")
    words = (*_shown_domain(domain).split("."), local, *look.name.split())
    for word in words:
        if mixes_scripts(word):
            yield f"{_short(word)!r} mixes letters of different scripts that look alike"
            return


def _unseen_letters(look: _Look) -> Iterator[str]:
    """Does From hold what nobody sees? The name has it no more: parsing has taken it out."""
    if _UNSEEN.search(_decoded(look.mail.header("From")[:_LONGEST])):
        yield "the name holds characters that nobody sees or that turn the writing around"


def _answers_go_elsewhere(look: _Look) -> Iterator[str]:
    """Are answers wanted at another domain?"""
    for address in look.mail.reply_to:
        if "@" in address.addr and look.sender and not _related(_domain(address.addr), _domain(look.sender)):
            yield f"it wants answers to go to {_short(address.addr.lower())}, and is from {_short(look.sender)}"
            return


def _sent_by_another(look: _Look) -> Iterator[str]:
    """Does Sender name another domain than From?"""
    sender = look.mail.sender
    if sender and "@" in sender.addr and look.sender and not _related(_domain(sender.addr), _domain(look.sender)):
        yield f"{_short(sender.addr.lower())} has sent it for {_short(look.sender)}"


def _date_is_off(look: _Look) -> Iterator[str]:
    """Is it much older or newer than the moment it came?"""
    if look.mail.date is None:
        return
    age = look.mail.envelope.received_at - look.mail.date
    if age > _LATE:
        yield f"its Date is {age.days} days before it came"
    elif -age > _EARLY:
        yield f"its Date is {(-age).days} days after it came"


_QUESTIONS: tuple[Callable[[_Look], Iterator[str]], ...] = (
    _forged,
    _several_authors,
    _name_is_an_address,
    _name_of_an_agent,
    _domain_looks_like_another,
    _mixes_scripts,
    _unseen_letters,
    _answers_go_elsewhere,
    _sent_by_another,
    _date_is_off,
)


def _decoded(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) as text."""
    try:
        parts = decode_header(value)
    except (ValueError, LookupError, HeaderParseError):  # a program has written nonsense
        return value
    return "".join(part if isinstance(part, str) else part.decode("utf-8", "replace") for part, _ in parts)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower().rstrip(".")


def _shown_domain(domain: str) -> str:
    """The domain as a client may show it: labels that begin with xn-- in their own script (RFC 3492)."""
    return ".".join(_shown_label(label) for label in domain.split("."))


def _shown_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _related(one: str, other: str) -> bool:
    """Whether one domain is the other, or lies below it."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _short(text: str) -> str:
    plain = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"
