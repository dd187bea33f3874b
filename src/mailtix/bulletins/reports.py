"""The reports: which targets were kept, an agent's week, and the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from mailtix.bulletins.content import Content, compared, label, picture, told
from mailtix.figures import By, Chart, Column, Table, cut
from mailtix.figures.definitions import FIGURES
from mailtix.figures.periods import midnight, span_label
from mailtix.model import decision
from mailtix.model.decision import Row
from mailtix.model.desk import Agent, Company
from mailtix.recurring import Due
from mailtix.render.words import Words
from mailtix.store import digests, figures
from mailtix.store.engine import Session

# Of more missed targets the rest is only counted.
_MISSED = 20
# As many as a line of plain text holds.
_SLA = ("met", "missed", "sla_share", "median")
_WEEK = (
    "handled", "resolved", "reopen_rate", "one_touch_rate", "first_response_median", "resolution_median", "sla_share",
    "satisfaction",
)  # fmt: skip
_MONTH = (
    "new", "handled", "resolved", "resolution_rate", "reopen_rate", "one_touch_rate", "backlog",
    "first_response_median", "resolution_median",
)  # fmt: skip
_AGENTS = ("handled", "resolved", "sla_share", "satisfaction", "open")
Span = tuple[datetime, datetime]


class Reports:
    """The reports of one company. What several readers are told is counted once."""

    def __init__(self, session: Session, company_id: int, company: Company, now: datetime) -> None:
        self._session = session
        self._id = company_id
        self._company = company
        self._now = now
        self._counted: dict[tuple[str, Span, By, tzinfo], Table] = {}

    def sla(self, item: Due, words: Words) -> Content | None:
        """Met and missed targets by priority, and which were missed; None when nothing was promised or reached."""
        span = (item.begin, item.end)
        table = self._table("sla", span, By.PRIORITY, item.zone)
        if table.empty:
            return None
        tables = [told(table, "", _SLA, words)]
        if missed := digests.missed(self._session, self._id, *span, _MISSED):
            heads = (words.fields["ticket"], *map(words.label, ("subject", "target", "agent")), words.fields["due"])
            rows = tuple(self._row(target, item.zone, words) for target in missed)
            tables.append(decision.Table(words.label("missed_targets"), heads, rows))
        return Content(_about(item), tuple(tables), picture(table, label("sla_share", words), words))

    def _row(self, missed: digests.Missed, zone: tzinfo, words: Words) -> Row:
        agent = self._company.agent(missed.agent)
        due = f"{missed.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return Row(
            (missed.number, missed.subject, words.label(missed.target), agent.name if agent else missed.agent, due)
        )

    def week(self, agent: Agent, item: Due, words: Words) -> Content | None:
        """An agent's figures of the week beside those of the week before; None when both are empty."""
        before = (_days_before(item, 7), item.begin)
        this, last = (
            _only(self._table("agents", span, By.AGENT, item.zone), agent.key)
            for span in ((item.begin, item.end), before)
        )
        if this.empty and last.empty:
            return None
        table = decision.Table("", _beside(words), compared(this, last, _WEEK, words))
        return Content(_about(item), (table,), picture(self._days(agent, item), label("handled", words), words))

    def month(self, item: Due, words: Words) -> Content:
        """The month's figures beside those of the month before, by agent and by target."""
        span, zone = (item.begin, item.end), item.zone
        before = (midnight((item.begin.astimezone(zone).date() - timedelta(days=1)).replace(day=1), zone), item.begin)
        volume, earlier = (self._table("volume", s, By.DAY, zone) for s in (span, before))
        marks, marks_earlier = (self._table("satisfaction", s, By.MONTH, zone) for s in (span, before))
        figures_of_both = compared(volume, earlier, _MONTH, words)
        figures_of_both += compared(marks, marks_earlier, ("satisfaction", "answers"), words)
        agents = told(self._table("agents", span, By.AGENT, zone), words.label("agents"), _AGENTS, words)
        targets = told(self._table("sla", span, By.PRIORITY, zone), words.label("sla_share"), _SLA, words)
        categories = replace(self._table("volume", span, By.CATEGORY, zone), chart=Chart(("new", "resolved")))
        tables = (decision.Table(words.label("volume"), _beside(words), figures_of_both), agents, targets)
        pictures = picture(volume, words.label("volume"), words)
        if len(categories.rows) > 1:
            pictures += picture(categories, words.fields["category"], words)
        return Content(f"{item.begin.astimezone(zone):%Y-%m}", tables, pictures)

    def _table(self, name: str, span: Span, by: By, zone: tzinfo) -> Table:
        key = (name, span, by, zone)
        if key not in self._counted:
            agents = tuple(agent.key for agent in self._company.agents)
            frame = figures.Frame((self._id,), cut(*span, by, zone), by, agents)
            self._counted[key] = figures.report(self._session, name, frame, self._now)
        return self._counted[key]

    def _days(self, agent: Agent, item: Due) -> Table:
        """What an agent handled and resolved each day."""
        names = ("handled", "resolved")
        rows = []
        for day in cut(item.begin, item.end, By.DAY, item.zone):
            table = _only(self._table("agents", (day.begin, day.end), By.AGENT, item.zone), agent.key)
            places = [[column.name for column in table.columns].index(name) for name in names]
            rows.append((day.label, *(table.rows[0][place] if table.rows else 0 for place in places)))
        columns = (Column("day", "Day"), *(Column(name, FIGURES[name].title, FIGURES[name].unit) for name in names))
        return Table("week", "Week", columns, tuple(rows), (), Chart(names))


def _only(table: Table, key: str) -> Table:
    """One row of a table, as its total."""
    rows = tuple(row for row in table.rows if row[0] == key)
    return replace(table, rows=rows, totals=rows)


def _beside(words: Words) -> tuple[str, ...]:
    return tuple(words.label(name) for name in ("figure", "period", "before"))


def _about(item: Due) -> str:
    return span_label(item.begin, item.end, item.zone).replace(" to ", " – ")  # the same in every language


def _days_before(item: Due, days: int) -> datetime:
    return midnight(item.begin.astimezone(item.zone).date() - timedelta(days=days), item.zone)
