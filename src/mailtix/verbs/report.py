"""report: figures of the past, as a table, CSV, JSON, a page, or a picture."""

from __future__ import annotations

import argparse
import os
import sys
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from mailtix import charts
from mailtix.clock import clock
from mailtix.config import Config
from mailtix.figures import By, Period, Table, cut, read_moment
from mailtix.figures.formats import as_csv, as_html, as_json, as_text
from mailtix.figures.periods import span_label
from mailtix.figures.visits import ROWS as TOKEN_ROWS
from mailtix.model.desk import Company
from mailtix.store import directory, figures, token_figures
from mailtix.store.figures import Frame
from mailtix.terms import read_config
from mailtix.verbs.looking import looking
from mailtix.verbs.wrong_use import WrongUse

# What each report's rows are, unless --by says otherwise.
_ROWS = {"volume": By.DAY, "agents": By.AGENT, "sla": By.PRIORITY, "satisfaction": By.WEEK, "tokens": By.DAY}
# Ten years of days; more is a slip of the finger.
_MOST_ROWS = 3700


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of which companies, from when to when, by what, on which clock."""

    companies: tuple[Company, ...]
    begin: datetime
    end: datetime
    by: By
    zone: tzinfo

    @property
    def words(self) -> str:
        """The question in words: Example, 2026-11-01 to 2026-11-20 (Europe/Berlin)."""
        names = ", ".join(company.name for company in self.companies)
        return f"{names}, {span_label(self.begin, self.end, self.zone)} ({self.zone})"


def report(arguments: argparse.Namespace) -> int:
    """report volume, agents, sla, satisfaction or tokens. 0 also when there is nothing to tell yet."""
    config, now = read_config(Path(arguments.config), os.environ), clock()
    chart = _chart_file(arguments.chart)
    question = _question(config, arguments, now)
    periods = cut(question.begin, question.end, question.by, question.zone)
    if len(periods) > _MOST_ROWS:
        raise WrongUse(f"these are {len(periods):,} rows; ask --by month, or for a shorter time")
    table = _counted(config, arguments.what, question, periods, now)
    print(_written(table, "json" if arguments.json else arguments.format, question), end="")
    if chart is not None:
        _draw(table, chart)
    return 0


def _question(config: Config, arguments: argparse.Namespace, now: datetime) -> Question:
    companies = config.companies_as_model()
    if arguments.company is not None:
        known = ", ".join(company.name for company in companies)
        companies = tuple(company for company in companies if company.name == arguments.company)
        if not companies:
            raise WrongUse(f"there is no company {arguments.company!r}; there are: {known}")
    zones = {company.zone for company in companies}
    zone = zones.pop() if len(zones) == 1 else UTC  # days of different clocks cannot be put into one row
    try:
        begin = read_moment(arguments.since, zone, now)
        end = read_moment(arguments.until, zone, now, through=True) if arguments.until else now
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if begin >= end:
        raise WrongUse(f"--since {arguments.since} is not before --until {arguments.until or 'now'}")
    by = By(arguments.by or _ROWS[arguments.what])
    if arguments.what == "tokens" and by not in TOKEN_ROWS:
        raise WrongUse(f"tokens have no {by}; --by is one of {', '.join(TOKEN_ROWS)}")
    return Question(companies, begin, end, by, zone)


def _counted(config: Config, what: str, question: Question, periods: tuple[Period, ...], now: datetime) -> Table:
    agents = tuple(sorted({agent.key for company in question.companies for agent in company.agents}))
    with looking(config) as session:
        ids = directory.known_ids(session, [company.name for company in question.companies])
        frame = Frame(tuple(ids.values()), periods, question.by, agents)
        if what == "tokens":
            return token_figures.report(session, frame, now)
        return figures.report(session, what, frame, now)


def _written(table: Table, form: str, question: Question) -> str:
    match form:
        case "csv":
            return as_csv(table)
        case "json":
            about = {
                "companies": [company.name for company in question.companies],
                "since": question.begin.isoformat(),
                "until": question.end.isoformat(),
                "zone": str(question.zone),
                "by": question.by,
            }
            return as_json(table, about) + "\n"
        case "html":
            picture = charts.draw(table)
            url = f"data:image/png;base64,{b64encode(picture).decode()}" if picture else ""
            return as_html(table, question.words, url)
        case _:
            if table.empty:
                return f"Nothing to tell yet: {question.words}.\n"
            return f"{table.title}: {question.words}\n\n{as_text(table)}"


def _chart_file(name: str | None) -> Path | None:
    if name is None:
        return None
    path = Path(name)
    if path.suffix.lower() != ".png":
        raise WrongUse(f"--chart draws a PNG; name the file so: {path.with_suffix('.png')}")
    return path


def _draw(table: Table, path: Path) -> None:
    picture = charts.draw(table)
    if not picture:
        print(f"there is nothing to draw; {path} was not written", file=sys.stderr)
        return
    path.write_bytes(picture)
