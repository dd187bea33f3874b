"""The scene is played once for each kind of database; each attack gets a copy of what is left of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import dkim  # type: ignore[import-untyped]
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from attacks.scene import CONFIG, Past, Scene, play, settings
from desk import Desk

Copy = Callable[[Path], AbstractContextManager[str]]


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
    @contextmanager
    def copy(folder: Path) -> Iterator[str]:
        shutil.copy(source, folder / "mailtix.db")
        yield f"sqlite:///{folder}/mailtix.db"

    return copy


def _copy_on_server(url: str) -> Copy:
    source, numbers = make_url(url), count(1)
    server = create_engine(source.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)

    @contextmanager
    def copy(folder: Path) -> Iterator[str]:
        name = f"{source.database}_{next(numbers)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source.database}"))
        yield source.set(database=name).render_as_string(hide_password=False)
        with server.connect() as connection:  # hundreds of copies would fill the disk
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    return copy


@pytest.fixture
def new_scene(
    played: tuple[Past, Copy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Scene]]:
    """Opens a copy of the scene; `security` are settings of that section."""
    past, copy = played
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=past.now.timestamp))  # it refuses seals of the future
    with ExitStack() as stack:

        def make(security: str = "") -> Scene:
            url = stack.enter_context(copy(tmp_path))
            desk = stack.enter_context(closing(Desk(tmp_path, url, settings(security))))
            return Scene(desk, past)

        yield make
