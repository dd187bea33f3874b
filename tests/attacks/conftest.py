"""The scene is played once for each kind of database; each attack gets a copy of what is left of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import dkim  # type: ignore[import-untyped]
import pytest
from sqlalchemy import create_engine, make_url, text

from attacks.scene import CONFIG, Past, Scene, play, settings
from desk import Desk

Copy = Callable[[Path], str]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Past, Copy]:
    """What has happened, and how to get a database in which it has."""
    folder = tmp_path_factory.mktemp("scene")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/mailtix.db"
        copy = _copy_of_file(folder / "mailtix.db")
    else:
        url = request.getfixturevalue("postgres")()
        copy = _copy_on_server(url)
    desk = Desk(folder, url, CONFIG)
    try:
        return play(desk), copy
    finally:
        desk.close()


def _copy_of_file(source: Path) -> Copy:
    def copy(folder: Path) -> str:
        shutil.copy(source, folder / "mailtix.db")
        return f"sqlite:///{folder}/mailtix.db"

    return copy


def _copy_on_server(url: str) -> Copy:
    source, numbers = make_url(url), count(1)

    def copy(folder: Path) -> str:
        name = f"{source.database}_{next(numbers)}"
        engine = create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source.database}"))
        engine.dispose()
        return source.set(database=name).render_as_string(hide_password=False)

    return copy


@pytest.fixture
def new_scene(
    played: tuple[Past, Copy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Scene]]:
    """Opens a copy of the scene; `security` are settings of that section."""
    past, copy = played
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=past.now.timestamp))  # it refuses seals of the future
    desks: list[Desk] = []

    def make(security: str = "") -> Scene:
        desks.append(Desk(tmp_path, copy(tmp_path), settings(security)))
        return Scene(desks[-1], past)

    yield make
    for desk in desks:
        desk.close()
