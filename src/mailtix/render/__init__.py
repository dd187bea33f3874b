"""Jinja2 templates as a plain callable: `load(folders)` gives `Templates`, and `Templates.render` a finished text."""

from mailtix.render.check import Mistake
from mailtix.render.context import Context, Grid, GridLine, Link
from mailtix.render.load import load
from mailtix.render.templates import AGENT, CUSTOMER, NAMES, RECURRING, Rendered, Templates

__all__ = [
    "AGENT",
    "CUSTOMER",
    "NAMES",
    "RECURRING",
    "Context",
    "Grid",
    "GridLine",
    "Link",
    "Mistake",
    "Rendered",
    "Templates",
    "load",
]
