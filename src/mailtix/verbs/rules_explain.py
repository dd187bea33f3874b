"""rules explain: every rule, every condition with what it saw, and whose word was the last."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from mailtix.clock import clock
from mailtix.config import Config
from mailtix.ingest.headers import recipients_in_headers
from mailtix.model.change import Change
from mailtix.model.mail import Envelope
from mailtix.model.ticket import Person
from mailtix.parsing import parse
from mailtix.replay import Archive, Asked, Sorted, asked, facts_of, followed, open_archive, sort, surroundings
from mailtix.rules import RuleSet, load
from mailtix.rules.explain import Seen, Tried, explain, winners
from mailtix.ruling import rule_view
from mailtix.store import journal, rulesets, tickets
from mailtix.store.engine import Session
from mailtix.terms import known_to_rules, policy_of, read_config, read_rules
from mailtix.tickets.describe import describe
from mailtix.verbs.archive import rule_files
from mailtix.verbs.looking import looking
from mailtix.verbs.wrong_use import WrongUse

_NUMBER = re.compile(r"[Jj](\d{1,18})")


@dataclass(frozen=True, slots=True)
class Explained:
    """One mail and what the rules made of it; or, in `why_not`, why they were not asked."""

    name: str
    rules: str
    asked: Asked | None = None
    tried: tuple[Tried, ...] = ()
    sorted: Sorted | None = None
    why_not: str = ""


def explain_mail(arguments: argparse.Namespace) -> int:
    """Explains a mail in a file, a mail of the journal, or every mail of a ticket."""
    if arguments.then and arguments.rules:
        raise WrongUse("--then takes the rules of that time; leave --rules out")
    config = read_config(Path(arguments.config), os.environ)
    explained = list(_explained(config, arguments))
    if arguments.json:
        print(json.dumps([_as_json(each) for each in explained], ensure_ascii=False))
    else:
        console = Console(highlight=False)
        for each in explained:
            console.print(_tree(each))
    return 0 if any(each.asked for each in explained) else 1


def _explained(config: Config, arguments: argparse.Namespace) -> Iterator[Explained]:
    what, path = arguments.what, Path(arguments.what)
    number = _NUMBER.fullmatch(what)
    if not number and path.is_file():
        if arguments.then:
            raise WrongUse("a file has no rules of its time; --then is for mail of the journal")
        rules = read_rules(config, rule_files(config, arguments.rules))
        yield _one(_of_file(config, path), rules, config)
        return
    with looking(config) as session:
        archive = open_archive(session, config.companies_as_model())
        numbers = [int(number[1])] if number else _of_ticket(session, what, arguments.company)
        now = None if arguments.then else read_rules(config, rule_files(config, arguments.rules))
        for id_ in numbers:
            entry = journal.entry(session, id_)
            if entry is None:
                raise WrongUse(f"there is no J{id_} in the journal")
            rules = now or _of_then(session, entry, config)
            around = surroundings(session, [entry])
            found, further = asked(archive, entry, around), followed(archive, entry, around, rules.follows)
            if not isinstance(found, str):
                yield _one(found, rules, config)
            elif not further:
                yield Explained(f"J{id_}", rules.version, why_not=found)
            yield from (_one(each, rules, config) for each in further)


def _one(found: Asked, rules: RuleSet, config: Config) -> Explained:
    tried = explain(rules, rule_view(found.facts, found.before), found.event)
    return Explained(found.name, rules.version, found, tuple(tried), sort(found, policy_of(config, rules)))


def _of_file(config: Config, path: Path) -> Asked:
    """The mail in that file, as if it came in now and opened a ticket."""
    companies = config.companies_as_model()
    raw = path.read_bytes()
    ours = recipients_in_headers(raw, lambda address: any(company.mailbox(address) for company in companies))
    to = ours or (companies[0].mailboxes[0].address,)
    company = next(company for company in companies if company.mailbox(to[0]))
    mail = parse(raw, Envelope("", to, clock()))
    sender = Person(0, mail.from_.addr.lower(), mail.from_.name)
    facts = facts_of(mail, company, Archive(dict(enumerate(companies)), ""), sender)
    return Asked(str(path), facts, "new", None, mail.envelope.received_at)


def _of_ticket(session: Session, number: str, company: str | None) -> list[int]:
    """The journal numbers of a ticket's mails."""
    found = tickets.with_number(session, number, company)
    if not found:
        raise WrongUse(f"{number} is no file, no ticket, and no journal number such as J12")
    if len(found) > 1:
        names = ", ".join(ticket.company for ticket in found)
        raise WrongUse(f"{number} exists in more than one company; add --company with one of: {names}")
    rows = tickets.messages_of(session, found[0].id)
    return list(dict.fromkeys(row.journal_id for row in rows if row.journal_id))


def _of_then(session: Session, entry: journal.Entry, config: Config) -> RuleSet:
    files = rulesets.files_of(session, entry.rules)
    if files is None:
        raise WrongUse(f"J{entry.id} is not decided yet, or by rules that were not kept")
    return load(files, known_to_rules(config))


# ---------------------------------------------------------------- for programs


def _as_json(each: Explained) -> dict[str, object]:
    if each.asked is None or each.sorted is None:
        return {"mail": each.name, "rules_version": each.rules, "asked": False, "because": each.why_not}
    found, result = each.asked, each.sorted
    return {
        "mail": each.name,
        "rules_version": each.rules,
        "asked": True,
        "event": found.event,
        "ticket": found.number or None,
        "company": found.facts.company.name,
        "from": found.facts.mail.from_.addr,
        "subject": found.facts.mail.subject,
        "rules": [_rule_as_json(tried) for tried in each.tried],
        "result": [
            {"change": _words(result, change), "rule": rule, "over": list(lost)}
            for change, rule, lost in winners(result.outcome)
        ],
    }


def _rule_as_json(tried: Tried) -> dict[str, object]:
    rule = tried.rule
    return {
        "rule": rule.rule.name,
        "file": rule.file,
        "line": rule.line,
        "fired": tried.hit is not None and not tried.hit.shadow,
        "shadow": rule.rule.shadow,
        "holds": tried.holds,
        "skipped": tried.skipped or None,
        "because": tried.because,
        "conditions": [_seen_as_json(seen) for seen in tried.conditions],
        "wants": list(tried.wants),
    }


def _seen_as_json(seen: Seen) -> dict[str, object]:
    parts = {"parts": [_seen_as_json(part) for part in seen.parts]} if seen.parts else {}
    return {"key": seen.key, "holds": seen.holds, "because": seen.because, "saw": seen.saw, **parts}


# ---------------------------------------------------------------- for people


def _tree(each: Explained) -> Tree:
    if each.asked is None or each.sorted is None:
        return Tree(escape(f"{each.name}: {each.why_not}"))
    found, result = each.asked, each.sorted
    about = f"{found.event}{f' {found.number}' if found.number else ''}, from {found.facts.mail.from_.addr}"
    tree = Tree(escape(f"{each.name} ({about}): {found.facts.mail.subject}"))
    tree.add(f"rules {each.rules[:12]}")
    for tried in each.tried:
        _add_rule(tree, tried)
    last = tree.add("what came of it")
    for change, rule, lost in winners(result.outcome):
        over = f", over {', '.join(lost)}" if lost else ""
        last.add(escape(f"{_words(result, change)}, by {rule}{over}"))
    if not result.outcome.changes:
        last.add("nothing of the ticket was changed")
    return tree


def _add_rule(tree: Tree, tried: Tried) -> None:
    name = escape(f"{tried.rule.rule.name} ({tried.rule.file}:{tried.rule.line})")
    if tried.hit is not None:
        word = "shadow" if tried.hit.shadow else "fired"
        branch = tree.add(f"[bold green]{word}[/bold green] {name}")
    elif tried.skipped:
        branch = tree.add(f"[dim]not asked[/dim] {name}: {escape(tried.skipped)}")
    else:
        branch = tree.add(f"[red]no[/red] {name}")
    for seen in tried.conditions:
        _add_seen(branch, seen)
    for want in tried.wants if tried.hit else ():
        branch.add(f"[bold]→[/bold] {escape(want)}")


def _add_seen(tree: Tree, seen: Seen) -> None:
    mark = "[green]✓[/green]" if seen.holds else "[red]✗[/red]"
    if not seen.key and len(seen.parts) == 1:  # one condition needs no heading
        _add_seen(tree, seen.parts[0])
        return
    if seen.parts:
        branch = tree.add(f"{mark} {escape(seen.key) or 'all of these'}")
        for part in seen.parts:
            _add_seen(branch, part)
        return
    saw = f"  [dim]saw: {escape(seen.saw)}[/dim]" if seen.saw else ""
    tree.add(f"{mark} {escape(seen.because)}{saw}")


def _words(result: Sorted, change: Change) -> str:
    return describe(result.before, change).text
