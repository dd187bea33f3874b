"""rules test: the examples in rule files, run like tests."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from mailtix.config import Config
from mailtix.facts import Policy
from mailtix.model.desk import Company
from mailtix.replay import sort
from mailtix.rules import Known
from mailtix.rules.examples import Case, Difference, cases, differences, unreached
from mailtix.rules.load import LoadedRule
from mailtix.terms import policy_of, read_config, read_rules
from mailtix.verbs.rules_scene import scene
from mailtix.verbs.wrong_use import WrongUse


@dataclass(frozen=True, slots=True)
class Tested:
    """One example, what it came to, and the names of all rules that held."""

    case: Case
    wrong: tuple[Difference, ...]
    hits: tuple[str, ...]


def test(arguments: argparse.Namespace) -> int:
    """Runs the examples. Exit 0 when all come out as they should, 1 when one does not."""
    config = read_config(Path(arguments.config), os.environ)
    files = tuple(Path(name) for name in arguments.files) or config.rule_files()
    policy = policy_of(config, read_rules(config, files))
    tested = [_tested(case, config, policy) for case in cases(policy.rules)]
    hits = [name for each in tested for name in each.hits]
    silent = unreached(policy.rules, hits)
    if arguments.json:
        print(json.dumps(_as_json(tested, silent), ensure_ascii=False))
    else:
        _show(tested, silent, len(policy.rules.rules))
    return 1 if any(each.wrong for each in tested) else 0


def _tested(case: Case, config: Config, policy: Policy) -> Tested:
    companies = config.companies_as_model()
    company = _company(case, companies)
    raw = _file(case) if case.sample.eml else b""
    found = scene(case, company, Known.of(companies), raw)
    sorted_ = sort(found, policy)
    wrong = differences(case, sorted_.outcome, sorted_.after, Known.of(companies))
    return Tested(case, tuple(wrong), tuple(hit.rule for hit in sorted_.outcome.hits))


def _company(case: Case, companies: Sequence[Company]) -> Company:
    """The company that the example names, or whose mailbox it names, or the first."""
    sample = case.sample
    found = [company for company in companies if sample.company in ("", company.name)]
    if not found:
        raise WrongUse(f"{_place(case)}: there is no company '{sample.company}'")
    found = [company for company in found if not sample.mailbox or company.mailbox(sample.mailbox)]
    if not found:
        raise WrongUse(f"{_place(case)}: {sample.mailbox} is no mailbox of {sample.company or 'ours'}")
    return found[0]


def _file(case: Case) -> bytes:
    path = Path(case.rule.file).parent / case.sample.eml
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{_place(case)}: {path}: {error.strerror or error}") from error


def _place(case: Case) -> str:
    return f"{case.rule.file}:{case.rule.line}: example {case.number} of '{case.rule.rule.name}'"


def _as_json(tested: Sequence[Tested], silent: Sequence[LoadedRule]) -> dict[str, object]:
    """What programs get: each example with its differences, and the rules that none reaches."""
    rows = [
        {
            "rule": each.case.rule.rule.name,
            "file": each.case.rule.file,
            "line": each.case.rule.line,
            "example": each.case.name,
            "number": each.case.number,
            "passed": not each.wrong,
            "differences": [asdict(difference) for difference in each.wrong],
            "hits": list(each.hits),
        }
        for each in tested
    ]
    rest = [{"rule": loaded.rule.name, "file": loaded.file, "line": loaded.line} for loaded in silent]
    return {"examples": rows, "failed": sum(bool(each.wrong) for each in tested), "not_reached": rest}


def _show(tested: Sequence[Tested], silent: Sequence[LoadedRule], rules: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for each in tested:
        mark = "[red]FAILED[/red]" if each.wrong else "[green]passed[/green]"
        console.print(f"{mark} {escape(each.case.rule.rule.name)}: {escape(each.case.name)}")
        if each.wrong:
            console.print(f"  {escape(_place(each.case))}")
        for difference in each.wrong:
            console.print(f"  {difference.field}: want [green]{escape(difference.want)}[/green]", end="")
            console.print(f", got [red]{escape(difference.got)}[/red]")
        if each.wrong:
            console.print(f"  rules that held: {escape(', '.join(each.hits) or 'none')}")
    if silent:
        console.print("No example reaches:")
        for loaded in silent:
            console.print(f"  {escape(loaded.rule.name)} ({escape(loaded.file)}:{loaded.line})")
    failed = sum(bool(each.wrong) for each in tested)
    console.print(f"{len(tested) - failed} passed, {failed} failed; {rules - len(silent)} of {rules} rules reached")
