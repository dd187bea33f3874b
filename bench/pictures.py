"""The figures as pictures (SVG)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.growth import Curve
from bench.targets import Row


def draw(folder: Path, rows: Sequence[Row], curves: Mapping[str, Curve]) -> list[Path]:
    """One picture of the rates beside Postfix, and one of each curve; those files that there was something for."""
    import matplotlib as mpl  # it takes half a second to load

    mpl.use("svg")
    drawn = [_curve(folder, curve) for curve in curves.values()]
    beside = [row for row in rows if row.ratio is not None]
    return [*drawn, *([_ratios(folder, beside)] if beside else [])]


def _curve(folder: Path, curve: Curve) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    counts, costs = zip(*curve.points, strict=True)
    axes.plot(counts, costs, marker="o")
    axes.set_xscale("log")
    axes.set_ylim(bottom=0, top=max(costs) * 1.3)
    axes.set_xlabel(curve.what)
    axes.set_ylabel("CPU ms a mail")
    axes.grid(visible=True, alpha=0.3)
    return _saved(figure, folder / f"cost-by-{curve.what.replace(' ', '-')}.svg")


def _ratios(folder: Path, rows: Sequence[Row]) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 0.5 * len(rows) + 1), layout="constrained")
    axes = figure.subplots()
    axes.barh([row.what for row in rows], [row.ratio or 0 for row in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel("times Postfix, which puts its mail on hold, in the same run")
    return _saved(figure, folder / "beside-postfix.svg")


def _saved(figure: object, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})  # type: ignore[attr-defined]
    return path
