"""What each figure means. docs/reports.md says the same in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a figure is measured in: a number of things, a share (0 to 1), whole seconds, or a mark from 1 to 5."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `name` is its key in CSV and JSON, `title` its heading, `meaning` the whole definition."""

    name: str
    title: str
    unit: Unit
    meaning: str


_ALL = (
    Figure(
        "new", "New", Unit.COUNT,
        "Tickets that were opened in the period.",
    ),
    Figure(
        "handled", "Handled", Unit.COUNT,
        "Tickets in which an agent wrote to the customer in the period; notes for colleagues do not count.",
    ),
    Figure(
        "resolved", "Resolved", Unit.COUNT,
        "Tickets that became resolved in the period, or closed without having been resolved; cancelled ones "
        "do not count.",
    ),
    Figure(
        "resolution_rate", "Resolution rate", Unit.SHARE,
        "Of the tickets that were opened in the period, the share that is resolved or closed today.",
    ),
    Figure(
        "reopened", "Reopened", Unit.COUNT,
        "Tickets that were resolved, closed or cancelled and became open again in the period.",
    ),
    Figure(
        "reopen_rate", "Reopen rate", Unit.SHARE,
        "Reopened divided by resolved, both of the same period.",
    ),
    Figure(
        "one_touch_rate", "One-touch rate", Unit.SHARE,
        "Of the tickets that were resolved in the period, the share in which an agent wrote to the customer "
        "exactly once, ever.",
    ),
    Figure(
        "backlog", "Backlog", Unit.COUNT,
        "Tickets that were neither resolved, closed nor cancelled when the period ended.",
    ),
    Figure(
        "open", "Open now", Unit.COUNT,
        "The workload: tickets that an agent has today and that are neither resolved, closed nor cancelled.",
    ),
    Figure(
        "first_response_median", "First response", Unit.SECONDS,
        "The median of the time from the opening to the first answer, of the first answers given in the "
        "period, on the wall clock.",
    ),
    Figure(
        "resolution_median", "Resolution", Unit.SECONDS,
        "The median of the time from the opening (or the last reopening) to the resolution, of the tickets "
        "resolved in the period, on the wall clock.",
    ),
    Figure(
        "met", "Met", Unit.COUNT,
        "Promised targets that were reached in time, counted when they were reached.",
    ),
    Figure(
        "missed", "Missed", Unit.COUNT,
        "Promised targets that were not reached in time, counted when they were due.",
    ),
    Figure(
        "sla_share", "SLA share", Unit.SHARE,
        "Met divided by met and missed.",
    ),
    Figure(
        "reached", "Reached", Unit.COUNT,
        "Targets that were reached in the period, in time or not, promised or not: what the times beside it "
        "are taken from.",
    ),
    Figure(
        "median", "Median", Unit.SECONDS,
        "Half of the times were at most so long, on the wall clock; of an even number, the mean of the two in "
        "the middle.",
    ),
    Figure(
        "mean", "Mean", Unit.SECONDS,
        "The sum of the times divided by their number, on the wall clock.",
    ),
    Figure(
        "p90", "90 %", Unit.SECONDS,
        "Nine of ten times were at most so long, on the wall clock: the smallest time of which that is true.",
    ),
    Figure(
        "working_median", "Median (working)", Unit.SECONDS,
        "The median of the same times in working hours, without pauses.",
    ),
    Figure(
        "working_mean", "Mean (working)", Unit.SECONDS,
        "The mean of the same times in working hours, without pauses.",
    ),
    Figure(
        "working_p90", "90 % (working)", Unit.SECONDS,
        "The time within which nine of ten were reached, in working hours, without pauses.",
    ),
    Figure(
        "asked", "Asked", Unit.COUNT,
        "Tickets whose customer was sent a survey in the period.",
    ),
    Figure(
        "answers", "Answers", Unit.COUNT,
        "Tickets that were rated in the period; a mark that was replaced later counts as its replacement.",
    ),
    Figure(
        "answer_rate", "Answered", Unit.SHARE,
        "Answers divided by asked, both of the same period.",
    ),
    Figure(
        "satisfaction", "Satisfaction", Unit.MARK,
        "The mean of the marks, from 1 (worst) to 5.",
    ),
    Figure(
        "good_share", "4 or 5", Unit.SHARE,
        "The share of answers whose mark is 4 or 5.",
    ),
    Figure(
        "marks_1", "1", Unit.COUNT,
        "Answers with the mark 1.",
    ),
    Figure(
        "marks_2", "2", Unit.COUNT,
        "Answers with the mark 2.",
    ),
    Figure(
        "marks_3", "3", Unit.COUNT,
        "Answers with the mark 3.",
    ),
    Figure(
        "marks_4", "4", Unit.COUNT,
        "Answers with the mark 4.",
    ),
    Figure(
        "marks_5", "5", Unit.COUNT,
        "Answers with the mark 5.",
    ),
    Figure(
        "tokens_issued", "Issued", Unit.COUNT,
        "Tokens for visits that were issued in the period.",
    ),
    Figure(
        "tokens_closed", "Closed", Unit.COUNT,
        "Tokens that were closed in the period: the visits that were over.",
    ),
    Figure(
        "tokens_open", "Open", Unit.COUNT,
        "Tokens that were open when the period ended.",
    ),
    Figure(
        "with_ticket", "With a ticket", Unit.SHARE,
        "Of the tokens that were issued in the period, the share that belongs to a ticket.",
    ),
    Figure(
        "tokens_printed", "Printed", Unit.COUNT,
        "Tokens that were issued in the period and whose slip has been printed, then or since.",
    ),
)  # fmt: skip
FIGURES: Mapping[str, Figure] = {figure.name: figure for figure in _ALL}
