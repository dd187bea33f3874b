"""Tables → pictures. Matplotlib is loaded when the first is drawn: it takes longer to load than mailtix itself."""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailtix.figures import Table, Unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_COLOURS = ("#2f6fb5", "#58a55c", "#c9862b")
_LINE = "#444b57"
_WIDTH, _DPI = 7.0, 100
# More bars could not be told apart: of a longer table the first names are drawn, or the newest days.
_MOST_BARS, _MOST_DAYS = 25, 400
_MOST_LABELS = 12
# Matplotlib promises nothing to threads that draw at the same time.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one colour, one for each label; nan where there is none."""

    title: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn. `over` is a line across the bars, with a scale of its own at the right."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    over: Series | None
    unit: Unit | None
    is_time: bool


def draw(table: Table, titles: Mapping[str, str] | None = None) -> bytes:
    """The table's chart as a PNG, b"" when there is nothing to draw. The same table gives the same bytes. `titles` are
    the words for figures and targets, where they are not to be the table's own."""
    picture = _picture(table, titles or {})
    if not any(value for series in picture.series for value in series.values if not math.isnan(value)):
        return b""
    with _one_at_a_time, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # what its font lacks is drawn as boxes
        return _png(picture)


def _picture(table: Table, titles: Mapping[str, str]) -> Picture:
    names = [column.name for column in table.columns]
    is_time = names[0] in ("day", "week", "month")
    labels = tuple(dict.fromkeys(str(row[0]) for row in table.rows))
    labels = labels[-_MOST_DAYS:] if is_time else labels[:_MOST_BARS]
    units = {column.name: column.unit for column in table.columns}
    own = {column.name: column.title for column in table.columns}

    def series(figure: str, target: str = "") -> Series:
        title = target.replace("_", " ") if target else own[figure]
        found = {str(r[0]): r[names.index(figure)] for r in table.rows if not target or r[1] == target}
        values = (found.get(label) for label in labels)
        numbers = tuple(float("nan" if v is None else v) for v in values)
        return Series(_plain([titles.get(target or figure, title)])[0], numbers)

    shown = [(figure, target) for figure in table.chart.columns for target in _targets(table)]
    over = series(table.chart.over) if is_time and table.chart.over else None
    unit = units[table.chart.columns[0]] if table.chart.columns else None
    return Picture(labels, tuple(series(*which) for which in shown), over, unit, is_time)


def _targets(table: Table) -> Sequence[str]:
    """What a key has several rows for; one "" when it has one."""
    if table.columns[1].name != "target":
        return ("",)
    return tuple(dict.fromkeys(str(row[1]) for row in table.rows))


def _png(picture: Picture) -> bytes:
    # Not pyplot, which keeps every figure and wants a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = len(picture.labels)
    height = 2.8 if picture.is_time else 1.0 + 0.16 * rows * (1 + len(picture.series))
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    (_upright if picture.is_time else _lying)(axes, picture)
    if picture.over is not None:
        _line(axes, picture.over)
    if len(picture.series) > 1:
        axes.legend(frameon=False, fontsize="small", ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
    axes.spines[["top", "right"]].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})  # else a new version would be another picture
    return out.getvalue()


def _upright(axes: Axes, picture: Picture) -> None:
    """Time runs to the right."""
    rows, width = len(picture.labels), 0.8 / len(picture.series)
    for places, colour, series in _placed(picture, width):
        axes.bar(places, series.values, width, color=colour, label=series.title)
    step = max(1, -(-rows // _MOST_LABELS))
    axes.set_xticks(range(0, rows, step), _plain(picture.labels[::step]), fontsize="small", rotation=30, ha="right")
    _scale(axes.yaxis, picture.unit)


def _lying(axes: Axes, picture: Picture) -> None:
    """Names stand at the left, the first at the top."""
    height = 0.8 / len(picture.series)
    for places, colour, series in _placed(picture, height):
        axes.barh(places, series.values, height, color=colour, label=series.title)
    axes.set_yticks(range(len(picture.labels)), _plain(picture.labels), fontsize="small")
    axes.invert_yaxis()
    _scale(axes.xaxis, picture.unit)


def _line(axes: Axes, series: Series) -> None:
    """A line over the bars: a backlog is often a hundred times what a day brings, and would flatten the bars."""
    right = axes.twinx()
    right.plot(range(len(series.values)), series.values, color=_LINE, linewidth=1.6, label=f"{series.title} →")
    right.set_ylim(bottom=0)
    right.spines[["top", "left"]].set_visible(False)
    right.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1, 1))
    _scale(right.yaxis, Unit.COUNT)


def _placed(picture: Picture, width: float) -> list[tuple[list[float], str, Series]]:
    """Where the bars of each series stand, side by side around their label."""
    middle = (len(picture.series) - 1) / 2
    rows = range(len(picture.labels))
    return [
        ([row + (index - middle) * width for row in rows], _COLOURS[index % len(_COLOURS)], series)
        for index, series in enumerate(picture.series)
    ]


def _plain(labels: Sequence[str]) -> list[str]:
    """Labels as they are: "$" would begin a formula."""
    return [label[:40].replace("$", r"\$") for label in labels]


def _scale(axis: Axis, unit: Unit | None) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    if unit is Unit.SHARE:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axis.set_view_interval(0, 1, ignore=True)
    elif unit is Unit.MARK:
        axis.set_view_interval(0, 5, ignore=True)
    else:
        axis.set_major_locator(MaxNLocator(integer=True))
