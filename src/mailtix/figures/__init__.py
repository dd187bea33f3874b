"""Figures about a desk's work: what each means, the tables they stand in, and the forms those are written in.

Counting is the store's (`store.figures`); what is counted comes in as `Counts`.
"""

from mailtix.figures.counts import Counts, Created, Kept, Marks, Moves, Spread, backlog
from mailtix.figures.definitions import FIGURES, Figure, Unit
from mailtix.figures.periods import By, Period, cut, read_moment
from mailtix.figures.tables import REPORTS, Chart, Column, Table, agents, satisfaction, sla, volume

__all__ = [
    "FIGURES",
    "REPORTS",
    "By",
    "Chart",
    "Column",
    "Counts",
    "Created",
    "Figure",
    "Kept",
    "Marks",
    "Moves",
    "Period",
    "Spread",
    "Table",
    "Unit",
    "agents",
    "backlog",
    "cut",
    "read_moment",
    "satisfaction",
    "sla",
    "volume",
]
