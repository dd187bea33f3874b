"""What can be wrong with a template, found before the first mail is made of it."""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, Template, TemplateNotFound, TemplateSyntaxError, meta, nodes

from mailtix.render.context import FIELDS, SAMPLE_NOW, SAMPLES, Context, variables
from mailtix.render.templates import NAMES, SURROUNDINGS, Page, surroundings

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # RFC 5646 section 2.1, the usual part of it
_LINE_OF_TOML = re.compile(r" ?\(at line (\d+), column \d+\)")
_BEGINNING = re.compile(r"Subject:.*\S.*\n\s*\n")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a template, and where. `line` counts from 1."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def first_of_each_line(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    """Sorted, one for each line: what is found again by trying it out is no second mistake."""
    found: dict[tuple[str, int], Mistake] = {}
    for mistake in mistakes:
        found.setdefault((mistake.file, mistake.line), mistake)
    return tuple(sorted(found.values(), key=lambda m: (m.file, m.line)))


def from_error(path: Path, error: Exception) -> Mistake:
    """The mistake that an error speaks of; its line if it names one."""
    if isinstance(error, TemplateSyntaxError):
        return Mistake(str(path), error.lineno, error.message or "syntax error")
    if isinstance(error, UnicodeDecodeError):
        return Mistake(str(path), error.object[: error.start].count(b"\n") + 1, "is not UTF-8")
    line = _LINE_OF_TOML.search(str(error))
    return Mistake(str(path), int(line[1]) if line else 1, _LINE_OF_TOML.sub("", str(error)))


def source_mistakes(environment: Environment, name: str, path: Path) -> Iterator[Mistake]:
    """What the file's source shows: its name, its syntax, variables that do not exist."""
    language, _, file = name.partition("/")
    if LANGUAGE.fullmatch(language) and not file.startswith("_") and path.stem not in NAMES:
        yield Mistake(str(path), 1, f'there is no mail called "{path.stem}"{_did_you_mean(path.stem, NAMES)}')
    try:
        source = path.read_text("utf-8")
        tree = environment.parse(source, name, str(path))
        environment.get_template(name)  # kept by the environment: pages are made of it
    except (TemplateSyntaxError, UnicodeDecodeError) as error:
        yield from_error(path, error)
        return
    known = {*FIELDS, *SURROUNDINGS, *environment.globals, *_bound_at_the_top(tree)}
    for unknown in meta.find_undeclared_variables(tree) - known:
        for line in sorted({n.lineno for n in tree.find_all(nodes.Name) if n.name == unknown}):
            yield Mistake(str(path), line, f'unknown variable "{unknown}"{_did_you_mean(unknown, known)}')


def _bound_at_the_top(tree: nodes.Template) -> Iterator[str]:
    """What imports, macros and assignments outside of blocks bring in: blocks see it, `meta` does not know that."""
    for node in tree.body:
        if isinstance(node, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in node.names)
        elif isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.Macro):
            yield node.name
        elif isinstance(node, nodes.Assign):
            yield from (name.name for name in node.target.find_all(nodes.Name))
            yield from ([node.target.name] if isinstance(node.target, nodes.Name) else [])


def trial_mistakes(page: Page) -> Iterator[Mistake]:
    """What shows when the page is rendered with much, with little, and with one of the times missing."""
    for sample in SAMPLES:
        text, html = _tried(page.text, page, sample), _tried(page.html, page, sample)
        yield from (outcome for outcome in (text, html) if isinstance(outcome, Mistake))
        if isinstance(text, str) and not _BEGINNING.match(text):
            yield Mistake(_file(page.text), 1, 'must begin with a line "Subject: …" and an empty line')


def _tried(template: Template, page: Page, sample: Context) -> str | Mistake:
    scope = variables(sample) | surroundings(page.words, page.language, sample, SAMPLE_NOW)
    try:
        return template.render(scope)
    except Exception as error:  # whatever a template raises is that template's mistake
        return _blamed(template, error)


def _blamed(template: Template, error: Exception) -> Mistake:
    """The innermost place in a template that the error passed through; Jinja2 rewrites tracebacks to name them."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return from_error(Path(error.filename), error)
    places = [
        (frame.filename, frame.lineno or 1)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith((".txt", ".html"))
    ]
    file, line = places[-1] if places else (_file(template), 1)
    if isinstance(error, TemplateNotFound):
        return Mistake(file, line, f'there is no file "{error.message}"')
    return Mistake(file, line, f"{error}" or type(error).__name__)


def _file(template: Template) -> str:
    return template.filename or template.name or ""


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""
