"""The words of one language: statuses, priorities, and times as people say them.

Their data is templates/LANGUAGE/words.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil

from mailtix.model.decision import Phrase
from mailtix.model.ticket import Priority, Status

_MINUTE = timedelta(minutes=1)
UNITS = ("minute", "hour", "day")
PHRASES = (
    *("marker", "no_subject", "none", "moment", "now", "in", "ago", "within"),
    *("slip_number", "slip_issued", "slip_keep"),
)
FIELDS = (
    "ticket",
    "warning",
    "requester",
    "status",
    "priority",
    "category",
    "assignee",
    "team",
    "attachments",
    "due",
    "first_response",
    "resolution",
    "tags",
    "others",
    "snoozed",
    "promised",
    "escalation",
    "watchers",
    "account",
)
# What is written on links that write a mail: the command, in a word.
TAPS = (
    "stop",
    *("resolve", "take", "snooze_1d", "escalate", "note", "spam", "allow", "allow_once", "new", "unwatch", "yes", "no"),
    *("resume", "undo", "split", "send", "show", "list", "status", "close", "reopen"),
    *("help", "requester", "available", "busy", "away", "offline"),
)
# The heads and titles of the tables that agents ask for.
HEADS = (
    *("number", "subject", "from", "status", "priority", "age", "due"),
    *("agent", "open", "answered_today", "resolved_today", "answered_this_week", "resolved_this_week", "for"),
    *("category", "with", "ticket", "today", "this_week", "tickets", "which_are"),
    *("name", "query", "preference", "now", "which_means", "what", "write"),
    *("and", "by_agent", "your_filters", "your_preferences", "how_you_work", "open_tokens", "received", "why"),
)
# What stands in the tables of reports and digests.
REPORTS = (
    *("new", "handled", "resolution_rate", "reopen_rate", "one_touch_rate", "backlog", "open_now"),
    *("first_response_median", "resolution_median", "met", "missed", "sla_share", "reached"),
    *("median", "mean", "p90", "working_median", "working_mean", "working_p90"),
    *("asked", "answers", "answer_rate", "satisfaction", "good_share"),
    *("overdue", "due_today", "your_turn", "other_open", "unassigned", "happened"),
    *("new_tickets", "customer_mails", "resolved_by_you", "reopened_of_yours"),
    *("subject", "figure", "period", "before", "agent", "target", "next_response", "agents", "volume", "day"),
    *("missed_targets", "total"),
    # what is told of moments that came late
    *("what", "sla_warning", "sla_breach", "left", "pending", "awake", "reminder", "informed"),
)
LABELS = (*(str(s) for s in Status), *(str(p) for p in Priority), "first_response", "resolution", *REPORTS)


# What customers are told of their commands, with the places that are filled in.
TOLD: Mapping[str, tuple[str, ...]] = {
    "status": ("number", "subject", "status"),
    "opened": ("moment",),
    "changed": ("moment",),
    "expected": ("moment",),
    "closed": ("number",),
    "closed_already": ("number",),
    "reopened": ("number",),
    "open_already": ("number", "status"),
    "cannot": ("number", "status"),
    "rated": ("rating",),
    "rate_how": (),
    "rate_later": ("number",),
    "which": (),
    "tickets": ("count",),
    "no_tickets": (),
    "more": ("count", "total"),
    "stopped": ("email", "company"),
    "started": ("email", "company"),
    "mine": ("emails",),
    "me_how": (),
    "me_asked": ("email",),
    "me_already": ("email",),
    "me_joined": ("email", "other"),
    "me_parted": ("email",),
    "me_unknown": ("email",),
    "join": ("email", "other"),
    "unknown": ("line", "command"),
    "late": (),
    "answered": (),
    "help": (),
    **{f"help_{word}": () for word in ("status", "close", "reopen", "rate", "tickets", "me", "stop", "start", "help")},
    "head_write": (),
    "head_means": (),
    "head_number": (),
    "head_subject": (),
    "head_status": (),
    "head_opened": (),
    "word": ("status",),
}


@dataclass(frozen=True, slots=True)
class Words:
    """`units` as (one, many), `months` from January on, all else by key."""

    phrases: Mapping[str, str]
    fields: Mapping[str, str]
    labels: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]
    months: tuple[str, ...]
    taps: Mapping[str, str]
    heads: Mapping[str, str]
    told: Mapping[str, str]

    def tell(self, phrase: Phrase) -> str:
        """The sentence of a phrase."""
        return self.told[phrase.key].format(**{name: self._place(value) for name, value in phrase.places})

    def _place(self, value: str | datetime) -> str:
        if isinstance(value, datetime):
            return self.moment(value)
        return self.label(value) if isinstance(value, Status) else value

    @property
    def marker(self) -> str:
        """The line that asks to answer above it; what a reply quotes is cut there."""
        return self.phrases["marker"]

    def label(self, key: str) -> str:
        """The word for a status, priority or target; a key that has none is shown as it is, with spaces."""
        return self.labels.get(key, key.replace("_", " "))

    def tap(self, command: str) -> str:
        """The word for a command such as "#snooze 1d"; one that has none is shown as it is."""
        return self.taps.get(_key(command), command.strip())

    def head(self, text: str) -> str:
        """The head or title of a table that is called `text` in English; one that has no word is shown as it is."""
        return self.heads.get(text.lower().replace(" ", "_"), text)

    def moment(self, when: datetime) -> str:
        """A time on the clock, in UTC and saying so."""
        when = when.astimezone(UTC)
        return self.phrases["moment"].format(
            day=when.day, month=self.months[when.month - 1], year=when.year, time=f"{when.hour:02}:{when.minute:02}"
        )

    def relative(self, when: datetime, now: datetime) -> str:
        """ "in 4 hours", "25 minutes ago"; under half a minute is "now"."""
        minutes = round((when - now) / _MINUTE)
        if minutes == 0:
            return self.phrases["now"]
        phrase = self.phrases["in" if minutes > 0 else "ago"]
        return phrase.format(duration=self.duration(timedelta(minutes=abs(minutes))))

    def within(self, when: datetime, now: datetime) -> str:
        """ "within 4 hours": rounded up, for a promise is better kept early. What has passed is "now"."""
        minutes = ceil((when - now) / _MINUTE)
        if minutes <= 0:
            return self.phrases["now"]
        step = 1 if minutes <= 120 else 60
        span = timedelta(minutes=ceil(minutes / step) * step)
        return self.phrases["within"].format(duration=self.duration(span))

    def duration(self, span: timedelta) -> str:
        """A span in at most two units ("1 hour 30 minutes"), and in one when that says enough ("3 days")."""
        minutes = max(0, round(span / _MINUTE))
        if minutes >= 48 * 60:
            minutes = round(minutes / 60) * 60
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        counts = (("day", days), ("hour", hours), ("minute", minutes))
        said = [self._count(unit, count) for unit, count in counts if count]
        return " ".join(said[: 1 if days >= 3 else 2]) or self._count("minute", 0)

    def _count(self, unit: str, count: int) -> str:
        one, many = self.units[unit]
        return f"{count} {one if count == 1 else many}"


@lru_cache(maxsize=256)  # the taps of a notice are nearly always the same
def _key(command: str) -> str:
    return command.strip().lstrip("#").lower().replace(" ", "_").replace("-", "_")


def read(text: str) -> dict[str, object]:
    """The table of a words.toml; raises tomllib.TOMLDecodeError, whose text names line and column."""
    return tomllib.loads(text)


def merge(tables: list[dict[str, object]]) -> tuple[Words | None, list[str]]:
    """The words of tables, the first that has a key wins; and what is missing or wrong in all of them together."""
    wrong: list[str] = []
    phrases = _strings(tables, "phrases", PHRASES, wrong)
    fields = _strings(tables, "fields", FIELDS, wrong)
    labels = _strings(tables, "labels", LABELS, wrong)
    taps = _strings(tables, "taps", TAPS, wrong)
    heads = _strings(tables, "heads", HEADS, wrong)
    told = _strings(tables, "told", tuple(TOLD), wrong)
    units = {unit: _list(tables, "units", unit, 2, wrong) for unit in UNITS}
    months = _list(tables, "months", "names", 12, wrong)
    if not wrong:
        wrong += _broken("phrases", phrases, _PLACES) + _broken("told", told, TOLD)
    if wrong:
        return None, wrong
    named = {unit: (one, many) for unit, (one, many) in units.items()}
    return Words(phrases, fields, labels, named, months, taps, heads, told), []


def _find(tables: list[dict[str, object]], section: str, key: str) -> object:
    for table in tables:
        part = table.get(section)
        if isinstance(part, dict) and key in part:
            return part[key]
    return None


def _strings(tables: list[dict[str, object]], section: str, keys: tuple[str, ...], wrong: list[str]) -> dict[str, str]:
    found = {key: _find(tables, section, key) for key in keys}
    wrong += [f"[{section}] needs {key} = a text" for key, value in found.items() if not isinstance(value, str)]
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _list(tables: list[dict[str, object]], section: str, key: str, length: int, wrong: list[str]) -> tuple[str, ...]:
    value = _find(tables, section, key)
    if isinstance(value, list) and len(value) == length and all(isinstance(item, str) for item in value):
        return tuple(value)
    wrong.append(f"[{section}] needs {key} = a list of {length} texts")
    return ()


_PLACES = {
    "moment": ("day", "month", "year", "time"),
    "in": ("duration",),
    "ago": ("duration",),
    "slip_issued": ("moment",),
}


def _broken(section: str, texts: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Texts whose {places} are not those that will be filled in."""
    wrong = []
    for key, places in known.items():
        try:
            texts[key].format(**dict.fromkeys(places, ""))
        except (KeyError, IndexError, ValueError, AttributeError):
            may = f"may hold {', '.join(f'{{{place}}}' for place in places)} only" if places else "holds no {places}"
            wrong.append(f"[{section}] {key} {may}")
    return wrong
