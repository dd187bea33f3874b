"""What a person should beware of before he believes who a mail is from. Pure; one function asks one question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses

from mailtix.hygiene.lookalike import mixes_scripts, skeleton
from mailtix.model.auth import Authentication
from mailtix.model.desk import Company, domain_of
from mailtix.model.mail import InboundMail
from mailtix.model.making import quickly_made

# Greedy parts that cannot meet each other's characters: a name of a megabyte is looked through once.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# What nobody sees, and what turns the writing around (UAX 9): "gro.elpmaxe" can be shown as "example.org".
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LONGEST = 1000  # characters of a name that are looked at
_SHOWN = 80
_LATE, _EARLY = timedelta(days=7), timedelta(days=1)  # mail waits in queues for five days; clocks are wrong by hours


@quickly_made
@dataclass(frozen=True, slots=True)
class _Look:
    """A mail, and what is asked of it more than once: its sender (an address in lower case) with his domain and name,
    and its fields From. `is_plain`: nothing there is written in other letters than those of ASCII, or encoded."""

    mail: InboundMail
    auth: Authentication | None
    company: Company
    domains: frozenset[str]
    sender: str
    domain: str
    name: str
    fields: tuple[str, ...]
    is_plain: bool


def suspicions(
    mail: InboundMail, auth: Authentication | None, company: Company, known: Iterable[str] = ()
) -> tuple[str, ...]:
    """Sentences on what is suspicious about the sender, () when nothing is. `known` are the addresses that belong to
    the ticket; their domains are those that others may pretend to be, as are the company's own."""
    domains = company.domains.union(filter(None, map(domain_of, known)))
    sender, name, fields = mail.from_.addr.lower(), mail.from_.name[:_LONGEST], mail.header_all("From")
    domain = domain_of(sender)
    written = "".join(fields)
    is_plain = f"{name}{sender}{written}".isascii() and "xn--" not in domain and "=?" not in written
    look = _Look(mail, auth, company, domains, sender, domain, name, fields, is_plain)
    found = [sentence for ask in _QUESTIONS if (sentence := ask(look))]
    return tuple(dict.fromkeys(found)) if found else ()


def _forged(look: _Look) -> str:
    """Is From shown to be forged?"""
    if look.auth is not None and (forged := look.auth.refutes(look.sender)):
        return f"From names {look.sender}, but {forged}"
    return ""


def _several_authors(look: _Look) -> str:
    """Does From name more than one address? It may, with a Sender (RFC 5322 section 3.6.2); clients show only one."""
    values = [value[:_LONGEST] for value in look.fields]
    if sum([value.count("@") for value in values]) < 2:  # each address has one of its own
        return ""
    try:
        named = getaddresses(values)
    except RecursionError:  # it reads comments in comments by calling itself
        named = [("", address) for value in values for address in _ADDRESS.findall(value)]
    found = list(dict.fromkeys(address.lower() for _, address in named if "@" in address))
    return f"From names more than one address: {_short(', '.join(found))}" if len(found) > 1 else ""


def _name_is_an_address(look: _Look) -> str:
    """Does the name show another address than the mail comes from?"""
    if look.is_plain and "@" not in look.name:
        return ""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", look.name))
    for match in _ADDRESS.finditer(plain):
        shown = match[0].strip(".").lower()
        if shown == look.sender:
            continue
        raw = (look.fields[0] if look.fields else "").lower()
        hidden = ", hidden in encoded words" if shown not in raw and "=?" in raw else ""
        return f"the name shows {_short(shown)}{hidden}, but the mail is from {_short(look.sender)}"
    return ""


def _name_of_an_agent(look: _Look) -> str:
    """Does somebody outside bear the name of an agent, or one that looks like it?"""
    if not look.name.strip() or look.company.agent(look.sender) is not None:
        return ""
    seen = skeleton(look.name if look.is_plain else _UNSEEN.sub("", look.name))
    for agent in look.company.agents:
        if agent.name and skeleton(agent.name) == seen:
            return f"{agent.name} is the name of an agent, but the mail is from {_short(look.sender or 'nobody')}"
    return ""


def _domain_looks_like_another(look: _Look) -> str:
    """Does the domain look like one that we know?"""
    domain = look.domain if look.is_plain else _shown_domain(look.domain)
    if not domain:
        return ""
    seen = skeleton(domain)
    alike = [known for known in look.domains if known != domain and skeleton(known) == seen]
    return f"the domain {_short(domain)} looks like {min(alike)}, and is another one" if alike else ""


def _mixes_scripts(look: _Look) -> str:
    """Does a word mix letters that look alike from different scripts?"""
    if look.is_plain:
        return ""
    local, _, domain = look.sender.rpartition("@")
    words = (*_shown_domain(domain).split("."), local, *look.name.split())
    mixed = next(filter(mixes_scripts, words), None)
    return "" if mixed is None else f"{_short(mixed)!r} mixes letters of different scripts that look alike"


def _unseen_letters(look: _Look) -> str:
    """Does From hold what nobody sees? The name has it no more: parsing has taken it out."""
    if not look.is_plain and look.fields and _UNSEEN.search(_decoded(look.fields[0][:_LONGEST])):
        return "the name holds characters that nobody sees or that turn the writing around"
    return ""


def _answers_go_elsewhere(look: _Look) -> str:
    """Are answers wanted at another domain?"""
    for address in look.mail.reply_to:
        if "@" in address.addr and look.sender and not _related(domain_of(address.addr), look.domain):
            return f"it wants answers to go to {_short(address.addr.lower())}, and is from {_short(look.sender)}"
    return ""


def _sent_by_another(look: _Look) -> str:
    """Does Sender name another domain than From?"""
    sender = look.mail.sender
    if sender and "@" in sender.addr and look.sender and not _related(domain_of(sender.addr), look.domain):
        return f"{_short(sender.addr.lower())} has sent it for {_short(look.sender)}"
    return ""


def _date_is_off(look: _Look) -> str:
    """Is it much older or newer than the moment it came?"""
    if look.mail.date is None:
        return ""
    age = look.mail.envelope.received_at - look.mail.date
    if age > _LATE:
        return f"its Date is {age.days} days before it came"
    return f"its Date is {(-age).days} days after it came" if -age > _EARLY else ""


_QUESTIONS: tuple[Callable[[_Look], str], ...] = (
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
