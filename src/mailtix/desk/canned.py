"""#template: a canned response joins the answer, with its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mailtix.commands.grammar import Command
from mailtix.commands.terms import Canned, Terms
from mailtix.commands.wrong import Wrong, one_of
from mailtix.desk.errand import Errand, Handlers
from mailtix.model.change import CannedUsed

_VARIABLE = re.compile(r"\{([A-Za-z][\w-]*)\}")
# What every ticket knows of itself.
_KNOWN = ("requester", "number", "subject", "category", "agent", "company", "mailbox")
_KEY = re.compile(r"([A-Za-z][\w-]*)=(.*)", re.DOTALL)


def template(errand: Errand, command: Command) -> str | Wrong:
    """The response that is named, in the requester's language, before the agent's own words."""
    known, words = errand.policy.commands.canned, command.words
    if not known:
        return Wrong("there are no canned responses; they stand under `canned` in the settings")
    name = one_of(words[0] if words else "", [canned.name for canned in known], "template")
    if isinstance(name, Wrong):
        return name
    canned = next(canned for canned in known if canned.name == name)
    given = dict(_given(words[1:]))
    if stray := next((word for word in words[1:] if not _KEY.fullmatch(word)), ""):
        return Wrong(f'{stray!r} is no value; write key=value, or key="some words"')
    text = _in_language(canned, errand)
    mistake = _misfit(canned, text, given, _own(errand))
    if mistake:
        return mistake
    body = _VARIABLE.sub(lambda match: (_own(errand) | given)[match[1]], text).strip()
    errand.words.insert(len(errand.words) - 1, body)
    errand.draft.change(CannedUsed(name), errand.agent.key, errand.because(command))
    return f"the text {name} stands in the answer"


def _given(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for word in words:
        if match := _KEY.fullmatch(word):
            yield match[1], match[2]


def variables(text: str) -> tuple[str, ...]:
    """The names of a text that are to be filled in, each once."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def to_give(canned: Canned, terms: Terms) -> list[str]:
    """What a response always takes from the command: what no ticket can know."""
    anywhere = dict.fromkeys(name for text in canned.text.values() for name in variables(text))
    return [name for name in anywhere if name not in (*_KNOWN, *(field.name for field in terms.fields))]


def _own(errand: Errand) -> dict[str, str]:
    """What is known without being given. Custom fields go by their names."""
    ticket, company = errand.ticket, errand.facts.company
    box = company.mailbox(ticket.mailbox)
    known = {
        "requester": ticket.requester.name or ticket.requester.email,
        "number": ticket.number,
        "subject": ticket.subject,
        "category": ticket.category,
        "agent": errand.agent.name,
        "company": company.name,
        "mailbox": box.address if box else ticket.mailbox,
    }
    return {**ticket.fields, **known}


def _in_language(canned: Canned, errand: Errand) -> str:
    """The requester's language, else the company's, else the first that there is."""
    theirs = errand.ticket.requester.language.lower()
    for language in (theirs, theirs.partition("-")[0], errand.facts.company.language.lower(), ""):
        if language in canned.text:
            return canned.text[language]
    return next(iter(canned.text.values()))


def _misfit(canned: Canned, text: str, given: Mapping[str, str], own: Mapping[str, str]) -> Wrong | None:
    """What is missing, or given for nothing."""
    wanted = [name for name in variables(text) if name not in own]
    anywhere = {name for one in canned.text.values() for name in variables(one)}
    if missing := [name for name in wanted if not given.get(name)]:
        return Wrong(f"{canned.name} needs {', '.join(f'{name}=…' for name in missing)}")
    if unknown := [name for name in given if name not in anywhere]:
        takes = ", ".join(sorted(anywhere)) or "nothing"
        return Wrong(f"{canned.name} knows no {', '.join(unknown)}; it takes: {takes}")
    return None


HANDLERS: Handlers = {"template": template}
