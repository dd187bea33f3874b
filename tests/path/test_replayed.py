"""Asked again by the rules of then, a whole archive says what it said: on the golden mails, and replies to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from desk import CONFIG, Desk
from mailtix.config import load
from mailtix.replay import asked, open_archive, sort, surroundings
from mailtix.store import journal, tickets
from mailtix.terms import policy_of, read_rules

MAILS = sorted((Path(__file__).parents[1] / "mails").glob("*/mail.eml"))
RULES = """
- {name: First, when: {customer: {first_ticket: true}}, then: {tag: first}}
- {name: Again, when: {customer: {first_ticket: false}}, then: {tag: again, priority: raise}}
- {name: Robots, when: {kind: [automatic, bulk]}, then: {priority: low}}
- {name: Files, when: {has_attachment: true}, then: {category: technical}}
- {name: Words, when: {any: [{subject: invoice}, {body: [the, und, '/\\d/']}]}, then: {team: billing}}
- {name: Given, when: {team: billing, not: {tags: first}}, then: {assign: bob@desk.example, untag: again}}
- {name: Trial, shadow: true, then: {priority: critical}}
- {name: Back, on: reply, when: {status: [reopened, assigned], priority: "<=high"}, then: {priority: raise}}
- {name: Late, on: reply, when: {assigned: true, tags: again}, then: {untag: again, tag: late}}
"""


def test_rules_say_of_each_mail_of_the_journal_what_they_said_then(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(CONFIG)
    (desk.folder / "10.yaml").write_text(RULES)
    desk.configure(f"rules: [10.yaml]\n{CONFIG}")
    for path in MAILS:
        desk.accept(path.read_bytes(), "ann@example.org")
        desk.now += timedelta(minutes=10)  # more in an hour, and one sender's mail would wait
    receipts = [mail for mail in desk.courier.sent if not mail.to.endswith("desk.example")]
    for number, receipt in enumerate(receipts):
        sender = receipt.to
        desk.receive(sender, "Still there?", reply_to=receipt)
        if number % 2:
            desk.receive("bob@desk.example", "#resolve\n#tag again", reply_to=desk.notice_to("bob"))
            desk.receive(sender, "It is not.", reply_to=receipt)
    replayed = checked(desk)

    assert len(replayed) > 100
    named = {"First", "Again", "Robots", "Files", "Words", "Given", "Trial", "Back", "Late"}
    assert {rule for rules in replayed for rule in rules} == named


def checked(desk: Desk) -> list[list[str]]:
    """The rules that held for each mail that met rules, which are those that stand in the ticket's history."""
    config = load(desk.folder / "mailtix.yaml", {})
    policy = policy_of(config, read_rules(config))
    found = []
    with desk.app.sessions() as session:
        archive = open_archive(session, config.companies_as_model())
        for number in journal.decided(session, None):
            entry = journal.entry(session, number)
            assert entry is not None
            again = asked(archive, entry, surroundings(session, [entry]))
            if isinstance(again, str):
                continue
            hits = [hit.rule for hit in sort(again, policy).outcome.hits]
            assert entry.ticket_id is not None
            lines = tickets.history_of(session, entry.ticket_id)
            then = [line.actor for line in lines if line.cause == f"J{number}" and line.field in ("rule", "shadow")]
            assert [f"rule {hit}" for hit in hits] == then, f"J{number}"
            found.append(hits)
    return found
