"""What rules cost a mail: looked up (as the line does it), and each asked in turn.

python -m bench.rules [RULES] [MAILS]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from mailtix.model.auth import Authentication, Check, Result
from mailtix.model.desk import Account
from mailtix.model.mail import Address, Envelope, InboundMail
from mailtix.rules import CustomField, Known, MailView, Outcome, RuleSet, load, run
from mailtix.rules.engine import run_over
from mailtix.rules.match import Reading

SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "is", "or")]


def word(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4)))


def rule(number: int, chance: random.Random, phrases: list[str]) -> str:
    """One rule: mostly words in subject or body, some regexes, senders, header fields, nested ones, and some of which
    nothing can be looked up."""
    a, b, c = (chance.choice(phrases) for _ in range(3))
    conditions = {
        "words": (40, f"{{any: [{{subject: [{a}, {b}]}}, {{body: [{a}, {c}]}}]}}"),
        "subject": (15, f"{{subject: [{a}, {b}, {c}]}}"),
        "regex": (15, f"{{subject: '/\\b{a.split()[0]}-?\\d{{2,5}}\\b/i', not: {{body: {b}}}}}"),
        "sender": (13, f"{{from: ['*@{a.split()[0]}.example', {b.split()[0]}@example.org], body: {c}}}"),
        "header": (5, f"{{header: {{X-{a.split()[0]}: {b}}}}}"),
        "state": (4, f"{{priority: '>=high', body: {a}}}"),
        "list": (1, "{words: urgent, kind: human}"),
        "proof": (2, f"{{from: '*@{a.split()[0]}.example', not: {{auth: {{dmarc: pass}}}}}}"),
        "customer": (2, f"{{customer: {{vip: true, reseller: '*@{b.split()[0]}.example'}}, subject: {a}}}"),
        "hours": (1, f"{{not: {{business_hours: office}}, body: {a}}}"),
        "spam": (1, "{spam_score: '>5'}"),
        "field": (1, f"{{field: {{plan: {a.split()[0]}}}}}"),
    }
    names = list(conditions)
    chosen = chance.choices(names, [conditions[name][0] for name in names])[0]
    return f"- {{name: Rule {number}, when: {conditions[chosen][1]}, then: {{tag: t{number}}}}}"


def rule_set(count: int, chance: random.Random, phrases: list[str]) -> RuleSet:
    text = "\n".join(rule(number, chance, phrases) for number in range(count))
    known = Known(
        fields=(CustomField("plan"),), calendars={"office": lambda at: at.weekday() < 5 and 9 <= at.hour < 17}
    )
    return load([("bench.yaml", text)], known)


def view(chance: random.Random, words: list[str], phrases: list[str]) -> MailView:
    """A mail of about 2 KB that holds some of the phrases that rules look for."""
    body = " ".join([*(chance.choice(words) for _ in range(290)), *chance.sample(phrases, 4)])
    at = datetime(2026, 1, 2, tzinfo=UTC)
    headers = (("X-Spam-Score", f"{chance.uniform(-5, 8):.1f}"),) * (chance.random() < 0.5)
    headers += tuple((f"X-{chance.choice(words)}" if n > 15 else f"Received-{n}", "from a by b") for n in range(20))
    mail = InboundMail(
        "1@x", (), (), Address(f"{chance.choice(words)}@{chance.choice(words)}.example"), None, (), (), (),
        " ".join(chance.choice(words) for _ in range(8)), "", None, body, "", body, "", (), headers,
        Envelope("a@x.example", ("s@x.example",), at), 3000,
    )  # fmt: skip
    found = Authentication(dmarc=Check(chance.choice((Result.PASS, Result.FAIL, Result.NONE))))
    account = Account("Big", (), vip=chance.random() < 0.1, reseller=f"joe@{chance.choice(words)}.example")
    return MailView(mail, "Example", "s@x.example", account=account, auth=found)


def timed(views: list[MailView], decide: Callable[[MailView], Outcome]) -> tuple[list[Outcome], float, float]:
    """What comes out, and the median and the 99th percentile of the milliseconds of CPU time that a mail takes."""
    outcomes, times = [], []
    for each in views:
        fresh = replace(each)
        begin = time.process_time()
        outcomes.append(decide(fresh))
        times.append((time.process_time() - begin) * 1000)
    return outcomes, statistics.median(times), statistics.quantiles(times, n=100)[98]


def main(count: int = 1000, mails: int = 300) -> None:
    """Prints both, and fails if they do not come to the same."""
    chance = random.Random(5)
    words = [word(chance) for _ in range(3000)]
    phrases = [f"{chance.choice(words)} {chance.choice(words)}" for _ in range(2000)]
    begin = time.perf_counter()
    rules = rule_set(count, chance, phrases)
    print(f"{count} rules, loaded in {time.perf_counter() - begin:.2f} s")
    begin = time.perf_counter()
    run(rules, view(chance, words, phrases), "new")
    print(f"index made in {(time.perf_counter() - begin) * 1000:.0f} ms")
    views = [view(chance, words, phrases) for _ in range(mails)]
    fast = timed(views, lambda each: run(rules, each, "new"))
    plain = timed(views, lambda each: run_over(rules.rules, Reading(each), "new"))
    hits = sum(len(outcome.hits) for outcome in fast[0])
    for name, (_, median, slow) in (("looked up", fast), ("each asked", plain)):
        print(f"{name:<12} median {median:7.3f} ms   p99 {slow:7.3f} ms of CPU a mail")
    print(f"{hits / mails:.1f} rules hold for a mail; both ways the same: {fast[0] == plain[0]}")
    if fast[0] != plain[0]:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description="What rules cost a mail.")
    parser.add_argument("rules", type=int, nargs="?", default=1000, help="how many rules there are")
    parser.add_argument("mails", type=int, nargs="?", default=300, help="mails that they are asked for")
    given = parser.parse_args()
    main(given.rules, given.mails)
