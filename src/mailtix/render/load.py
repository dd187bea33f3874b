"""Finds the templates and checks every one before it is used."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError

import mailtix
from mailtix.render import words as wording
from mailtix.render.check import LANGUAGE, Mistake, first_of_each_line, from_error, source_mistakes, trial_mistakes
from mailtix.render.filters import FILTERS
from mailtix.render.sandbox import Sandbox
from mailtix.render.templates import LAST_RESORT, NAMES, Page, Templates, family
from mailtix.render.words import Words


def load(folders: Sequence[Path] = ()) -> Templates | tuple[Mistake, ...]:
    """The templates of the folders over the built-in ones, file by file; or everything that is wrong with them.

    A folder that does not exist holds no overrides.
    """
    shelf = Shelf([*(folder for folder in folders if folder.is_dir()), builtin_folder()])
    pages = {language: shelf.pages(language) for language in shelf.languages}
    mistakes = shelf.mistakes
    for page in (page for by_name in pages.values() for page in by_name.values()):
        mistakes += trial_mistakes(page)
    return first_of_each_line(mistakes) if mistakes else Templates(pages)


def builtin_folder() -> Path:
    """Where the templates are that come with mailtix: in the installed package, or at the top of a checkout."""
    installed = Path(mailtix.__file__).parent / "templates"
    return installed if installed.is_dir() else Path(mailtix.__file__).parents[2] / "templates"


class Shelf:
    """The folders, the first of them the strongest, and what is wrong with the files in them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.environment = _environment(folders)
        self.mistakes: list[Mistake] = []
        self._files: dict[str, Path] = {}
        self._tables: dict[str, list[dict[str, object]]] = {}
        for folder in folders:
            self._take_in(folder)

    @property
    def languages(self) -> frozenset[str]:
        """Every language that has a folder, in lower case."""
        folders = {name.partition("/")[0].lower() for name in self._files}
        return frozenset(folder for folder in folders | set(self._tables) if LANGUAGE.fullmatch(folder))

    def pages(self, language: str) -> dict[str, Page]:
        """Every page as a reader of that language gets it; notes what keeps one from being made."""
        made = {}
        for name in NAMES:
            page = self._page(name, language) or self._page(name, LAST_RESORT)
            if page:
                made[name] = page
        return made

    def _take_in(self, folder: Path) -> None:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            if path.name == "words.toml":
                self._take_in_words(name.partition("/")[0].lower(), path)
            elif path.suffix in (".txt", ".html") and name not in self._files:
                self._files[name] = path
                self.mistakes += source_mistakes(self.environment, name, path)

    def _take_in_words(self, language: str, path: Path) -> None:
        try:
            self._tables.setdefault(language, []).append(wording.read(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.mistakes.append(from_error(path, error))

    def _page(self, name: str, language: str) -> Page | None:
        text, html = (self._nearest(f"{name}{suffix}", language) for suffix in (".txt", ".html"))
        words = self._words(language)
        if words is None or (text is None and html is None):
            return None
        if text is None or html is None:
            there, missing = (text or html or ""), ".txt" if text is None else ".html"
            self.mistakes.append(Mistake(str(self._files[there]), 1, f"has no {name}{missing} beside it"))
            return None
        try:
            get = self.environment.get_template
            return Page(language, get(text), get(html), words)
        except (TemplateError, UnicodeDecodeError):
            return None  # its mistake was noted when the file was taken in

    def _nearest(self, file: str, language: str) -> str | None:
        """The file's name in the folder of the language, or of the language that it is a kind of."""
        by_lower_case = {name.lower(): name for name in self._files}
        return next((by_lower_case[n] for kind in family(language) if (n := f"{kind}/{file}") in by_lower_case), None)

    def _words(self, language: str) -> Words | None:
        tables = [table for kind in family(language) for table in self._tables.get(kind, [])]
        words, wrong = wording.merge(tables)
        self.mistakes += [Mistake(f"{language}/words.toml", 1, text) for text in wrong]
        return words


class _Once(BaseLoader):
    """Reads each file once: mails are written with what was checked, whatever has happened to the file since."""

    def __init__(self, loader: BaseLoader) -> None:
        self._read = cache(loader.get_source)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        return self._read(environment, template)


def _environment(folders: Sequence[Path]) -> Sandbox:
    shelves = [FileSystemLoader(folder) for folder in folders]
    environment = Sandbox(
        # An override may say {% extends "builtin/en/created.html" %}.
        loader=_Once(ChoiceLoader([*shelves, PrefixLoader({"builtin": shelves[-1]})])),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters.update(FILTERS)
    return environment
