"""Sets the timers that rules wait for and that no ticket plans by itself, as time goes by and rules change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailtix.house import House
from mailtix.moments.ruled import silent_since
from mailtix.rules.events import Idle
from mailtix.store import rule_times
from mailtix.store.engine import Session

_BATCH = 1000


def set_timers(session: Session, house: House, now: datetime) -> None:
    """Sets what is due until now for rules at a time, and what tickets wait for that were there before a rule was."""
    rules = house.policy.rules
    known = rule_times.remembered(session) if rules.times or rules.idles else {}
    wanted: dict[str, str] = {idle.timer: "planned" for idle in rules.idles}
    _plan_silence(session, [idle for idle in rules.idles if idle.timer not in known], now)
    for company_id, company in house.companies.items():
        for every in rules.times:
            newest, key = every.cron.newest(now, company.zone), f"{every.timer} {company_id}"
            if newest is None:
                continue
            wanted[key] = newest.isoformat()
            # What came before the rule is not made up for, and of several that were missed only the newest is.
            if key in known and datetime.fromisoformat(known[key]) < newest:
                among = rules.among(every, company.name)
                rule_times.for_tickets(session, company_id, every.timer, newest, among)
    for key, value in wanted.items():
        if known.get(key) != value:
            rule_times.remember(session, key, value)
    if gone := known.keys() - wanted.keys():  # a rule that comes back begins anew
        rule_times.forget(session, gone)


def _plan_silence(session: Session, idles: Iterable[Idle], now: datetime) -> None:
    """Tickets that were there before these rules wait for them too, from the last word on."""
    waits, last = tuple(idles), 0
    while waits and (batch := rule_times.silent(session, last, _BATCH)):
        rule_times.add(
            session,
            {
                ticket.id: tuple(
                    (idle.timer, silent_since(ticket.spoken_at, ticket.snoozed_until) + idle.span) for idle in waits
                )
                for ticket in batch
            },
        )
        last = batch[-1].id
