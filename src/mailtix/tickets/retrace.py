"""history line → change: what `describe` wrote, read again. Only of what clocks and policies look at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mailtix.model.change import (
    Assigned,
    CategoryChanged,
    Change,
    Merged,
    PolicyAsked,
    PriorityChanged,
    RequesterChanged,
    Responded,
    Snoozed,
    StatusChanged,
    Tagged,
    TeamChanged,
    Unanswered,
    Untagged,
)
from mailtix.model.ticket import Priority, Status

FIELDS = (
    "status", "priority", "category", "team", "assignee", "tags", "requester", "snoozed_until", "sla_policy",
    "first_response_at", "merged_into", "restored",
)  # fmt: skip
# What was taken back stands in one line, as `name: before → after` with semicolons between.
_TAKEN_BACK = re.compile(r"(status|priority|category|team|assignee): .*? → ([^;]*)")


def retraced(field: str, old: str, new: str, text: str) -> tuple[Change, ...]:
    """The changes that a history line tells of, () when it tells of none that matters to a clock."""
    if field == "restored":
        return tuple(_taken_back(text))
    change = _change(field, old, new)
    return () if change is None else (change,)


def _change(field: str, old: str, new: str) -> Change | None:
    match field:
        case "status":
            return StatusChanged(Status(new))
        case "priority":
            return PriorityChanged(Priority(new))
        case "category":
            return CategoryChanged(new)
        case "team":
            return TeamChanged(new)
        case "assignee":
            return Assigned(new)
        case "tags":
            return Tagged(new) if new else Untagged(old)
        case "requester":
            return RequesterChanged(new, "")
        case "snoozed_until":
            return Snoozed(datetime.fromisoformat(new) if new else None)
        case "sla_policy":
            return PolicyAsked(new)
        case "first_response_at":
            return Responded(datetime.fromisoformat(new)) if new else Unanswered()
        case "merged_into":
            return Merged(-1, new)
        case _:
            return None


def _taken_back(text: str) -> Iterator[Change]:
    for field, value in _TAKEN_BACK.findall(text):
        change = _change(field, "", "" if value == "none" else value.strip())
        if change is not None:
            yield change
