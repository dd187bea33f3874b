"""Which promise a ticket has, why, and what a change of it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailtix.model.change import TargetMet, TargetsSet
from mailtix.model.decision import TimerPlan
from mailtix.model.desk import Account
from mailtix.model.ticket import Pause, Person, Priority, Status, Ticket
from mailtix.sla import Conditions, Policy, Targets, Terms, choose, older_clocks, settle, timers

H = timedelta(hours=1)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TICKET = Ticket(
    1, "Example", "TKT-1", "Help", Person(1, "Ann@VIP.example"), "support@desk.example", "email", AT,
    status=Status.OPEN, category="billing", team="support", tags=frozenset({"vip"}),
)  # fmt: skip
GENERAL = Policy("default", {priority: Targets(4 * H, 24 * H) for priority in Priority})
GOLD = Policy("gold", {priority: Targets(H, 4 * H, 2 * H) for priority in Priority}, when=Conditions(tag=("gold",)))
VIP = Policy("vip", {}, when=Conditions(requester=("*@vip.example",), team=("support", "sales")))
TERMS = Terms(GENERAL, (GOLD, VIP))


def planned(ticket: Ticket, terms: Terms = TERMS, now: datetime = AT) -> Ticket:
    """The ticket with its targets, as they are when it is opened."""
    [(change, _)] = settle(None, ticket, terms, now)
    assert isinstance(change, TargetsSet)
    return replace(
        ticket,
        first_response_due=change.first_response_due,
        next_response_due=change.next_response_due,
        resolution_due=change.resolution_due,
        resolution_from=change.resolution_from,
        sla_policy=change.policy,
    )


def test_the_first_policy_that_fits_is_in_force_and_those_before_say_why_not() -> None:
    choice = choose(TICKET, TERMS)

    assert choice.policy is VIP
    assert choice.because == "team support or sales, requester *@vip.example"
    assert choice.refused == (("gold", "it has no tag gold"),)


def test_without_one_that_fits_the_general_policy_holds() -> None:
    choice = choose(replace(TICKET, team="sales team", requester=Person(2, "bob@example.org")), TERMS)

    assert (choice.policy.name, choice.because) == ("default", "no other policy fits")
    assert choice.refused[1] == (
        "vip",
        "its team is sales team, not support or sales; its requester bob@example.org is not *@vip.example",
    )


def test_what_a_rule_asks_for_goes_before_what_fits() -> None:
    assert choose(replace(TICKET, sla_asked="default"), TERMS).policy is GENERAL
    assert choose(replace(TICKET, sla_asked="gold"), TERMS).because == "a rule has asked for it"


def test_a_policy_that_is_no_more_is_told_and_the_next_one_taken() -> None:
    choice = choose(replace(TICKET, sla_asked="platinum"), TERMS)

    assert choice.policy is VIP
    assert choice.refused[0] == ("platinum", "a rule has asked for it, but there is no such policy")


def test_a_change_of_what_policies_ask_for_plans_anew_and_says_why() -> None:
    before = planned(replace(TICKET, tags=frozenset(), team=""))
    [(change, why)] = settle(before, replace(before, tags=frozenset({"gold"})), TERMS, AT + H)

    assert change == TargetsSet(AT + H, AT + 4 * H, AT, None, "gold")
    assert why == "policy gold (tag gold), priority medium"


def test_what_was_answered_in_time_stays_so_when_the_priority_rises_later() -> None:
    terms = Terms(Policy("default", {Priority.MEDIUM: Targets(4 * H, 24 * H), Priority.HIGH: Targets(H, 8 * H)}))
    before = replace(planned(TICKET, terms), first_response_at=AT + 2 * H)
    [(change, why)] = settle(before, replace(before, priority=Priority.HIGH), terms, AT + 3 * H)

    assert change == TargetsSet(AT + 4 * H, AT + 8 * H, AT, None, "default")
    assert why == "priority high"


def test_nothing_follows_from_what_changes_nothing() -> None:
    ticket = planned(TICKET)
    assert settle(ticket, ticket, TERMS, AT + H) == ()


def test_a_target_that_nobody_promised_is_still_measured() -> None:
    ticket = planned(TICKET)  # the policy vip promises nothing
    steps = settle(ticket, replace(ticket, first_response_at=AT + 3 * H), TERMS, AT + 3 * H)

    assert [change for change, _ in steps] == [TargetMet("first_response", "vip", AT, None, AT + 3 * H, 3 * H)]


def test_an_answer_while_the_clock_stands_is_in_time() -> None:
    terms = Terms(GENERAL)
    asleep = replace(planned(TICKET, terms), snoozed_until=AT + 90 * H, pauses=(Pause(AT + H, None, "snoozed"),))
    steps = settle(asleep, replace(asleep, first_response_at=AT + 50 * H), terms, AT + 50 * H)

    met = next(change for change, _ in steps if isinstance(change, TargetMet))
    assert (met.working, met.due_at) == (H, AT + 53 * H)


def test_a_ticket_that_is_given_up_or_merged_reaches_no_target() -> None:
    terms = Terms(GENERAL)
    before = planned(TICKET, terms)
    for after in (
        replace(before, status=Status.CANCELLED),
        replace(before, status=Status.CLOSED, closed_at=AT, resolved_at=AT, merged_into=7),
    ):
        assert not any(isinstance(change, TargetMet) for change, _ in settle(before, after, terms, AT + H))


def test_a_ticket_that_takes_another_one_over_counts_from_the_older_word() -> None:
    terms = Terms(GENERAL)
    older = replace(TICKET, id=2, created_at=AT - 3 * H, waiting_since=AT - 3 * H, resolution_from=AT - 3 * H)
    merged = older_clocks(replace(planned(TICKET, terms), waiting_since=AT), older)
    [(change, _)] = settle(planned(TICKET, terms), merged, terms, AT)

    assert change == TargetsSet(AT + H, AT + 21 * H, AT - 3 * H, None, "default")


def test_a_solved_ticket_that_takes_an_open_one_over_counts_as_that_one() -> None:
    terms = Terms(GENERAL)
    solved = replace(planned(TICKET, terms), status=Status.RESOLVED, first_response_at=AT + H, resolved_at=AT + H)
    open_one = replace(TICKET, id=2, created_at=AT + 50 * H, waiting_since=AT + 50 * H)
    merged = replace(older_clocks(solved, open_one), status=Status.REOPENED, resolved_at=None)
    [(change, why)] = settle(solved, merged, terms, AT + 60 * H)

    assert change == TargetsSet(AT + 4 * H, AT + 74 * H, AT + 50 * H, None, "default")
    assert why == "open again"


def test_an_answer_that_came_with_a_merged_ticket_is_not_one_of_now() -> None:
    terms = Terms(GENERAL)
    before = planned(TICKET, terms)
    assert settle(before, replace(before, first_response_at=AT - H), terms, AT + H) == ()


def test_warnings_come_at_shares_of_the_time_and_so_long_before_its_end() -> None:
    terms = Terms(GENERAL, warn_at=(0.75, timedelta(minutes=30), 5 * H))
    assert timers(planned(TICKET, terms), terms) == {
        TimerPlan("first_response_warning", AT + 3 * H),
        TimerPlan("first_response_warning", AT + 3.5 * H),
        TimerPlan("first_response_breach", AT + 4 * H),  # five hours before that was nobody there to warn
        TimerPlan("resolution_warning", AT + 18 * H),
        TimerPlan("resolution_warning", AT + 19 * H),
        TimerPlan("resolution_warning", AT + 23.5 * H),
        TimerPlan("resolution_breach", AT + 24 * H),
    }


def test_nothing_is_planned_while_the_clock_stands_but_what_was_missed_before() -> None:
    terms = Terms(GENERAL)
    before = planned(TICKET, terms)
    after = replace(before, status=Status.WAITING_CUSTOMER, pauses=(Pause(AT + 5 * H, None, "waiting_customer"),))
    changes = [change for change, _ in settle(before, after, terms, AT + 5 * H)]
    [targets] = changes
    assert isinstance(targets, TargetsSet)

    assert (targets.first_response_due, targets.resolution_due) == (AT + 4 * H, None)


ACCOUNTS = (Account("B", ("b@*",), vip=True), Account("C", ("*@b.example",)))
some = st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple)


@given(
    some,
    some,
    some,
    some,
    st.lists(st.sampled_from(["*@a.example", "b@*"]), max_size=2).map(tuple),
    st.sampled_from([None, True, False]),
    st.lists(st.sampled_from(ACCOUNTS), max_size=2).map(tuple),
)
def test_conditions_give_reasons_exactly_when_they_do_not_fit(
    company: tuple[str, ...],
    team: tuple[str, ...],
    category: tuple[str, ...],
    tag: tuple[str, ...],
    who: tuple[str, ...],
    vip: bool | None,
    accounts: tuple[Account, ...],
) -> None:
    conditions = Conditions(company, team, category, ("medium",), tag, who, vip, {"a": accounts})
    ticket = replace(
        TICKET, company="a", team="b", category="", tags=frozenset("a"), requester=Person(1, "B@b.example")
    )
    assert conditions.fit(ticket) == (conditions.refusal(ticket) == "")
