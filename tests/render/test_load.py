"""Overrides, and the mistakes that are found before the first mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailtix.render import Mistake, Templates, load
from mailtix.render.context import RICH

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def write(folder: Path, **files: str) -> Path:
    """Files named like en__created_txt for en/created.txt."""
    for name, text in files.items():
        path = folder / ("/".join(name.rsplit("_", 1)[0].split("__")).replace("--", "-") + "." + name.rsplit("_", 1)[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def loaded(*folders: Path) -> Templates:
    templates = load(folders)
    assert isinstance(templates, Templates), "\n".join(map(str, templates))
    return templates


def mistakes(*folders: Path) -> tuple[Mistake, ...]:
    found = load(folders)
    assert not isinstance(found, Templates)
    return found


def test_an_override_replaces_one_file_and_leaves_the_rest(tmp_path: Path) -> None:
    write(tmp_path, en__created_txt="Subject: Got it\n\nWe got {{ number }}.\n")
    mail = loaded(tmp_path).render("created", "en", RICH, NOW)
    assert (mail.subject, mail.text) == ("Got it", "We got TKT-2026-000123.\n")
    assert "We have opened ticket" in mail.html
    assert "given to you" in loaded(tmp_path).render("assigned", "en", RICH, NOW).text


def test_the_first_folder_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "first", en__created_txt="Subject: first\n\nA\n")
    second = write(tmp_path / "second", en__created_txt="Subject: second\n\nB\n", en__status_txt="Subject: s\n\nB\n")
    templates = loaded(first, second)
    assert templates.render("created", "en", RICH, NOW).subject == "first"
    assert templates.render("status", "en", RICH, NOW).subject == "s"


def test_an_override_may_build_on_what_it_replaces(tmp_path: Path) -> None:
    write(
        tmp_path,
        en__assigned_html='{% extends "builtin/en/assigned.html" %}{% block headline %}Yours!{% endblock %}',
    )
    mail = loaded(tmp_path).render("assigned", "en", RICH, NOW)
    assert "Yours!</h1>" in mail.html
    assert "#note" in mail.html


def test_a_dialect_needs_only_what_differs(tmp_path: Path) -> None:
    folder = tmp_path / "de-AT"
    folder.mkdir()
    (folder / "created.txt").write_text("Subject: Servus\n\nServus!\n")
    (folder / "words.toml").write_text('[labels]\nlow = "wurscht"\n')
    templates = loaded(tmp_path)
    assert templates.render("created", "de-at", RICH, NOW).subject == "Servus"
    assert "Guten Tag" in templates.render("status", "de-AT", RICH, NOW).text
    assert "Priorität: wurscht" in templates.render("assigned", "de-AT", replace(RICH, priority="low"), NOW).text
    assert "Guten Tag" in templates.render("created", "de", RICH, NOW).text


def test_one_word_can_be_replaced_by_itself(tmp_path: Path) -> None:
    write(tmp_path, en__words_toml='[labels]\nurgent = "burning"\n')
    assert "Priority: burning" in loaded(tmp_path).render("assigned", "en", RICH, NOW).text


def test_a_folder_that_does_not_exist_holds_no_overrides(tmp_path: Path) -> None:
    assert loaded(tmp_path / "none").render("created", "en", RICH, NOW).subject.startswith("Re: ")


@pytest.mark.parametrize(
    ("file", "source", "line", "text"),
    [
        ("en/created.txt", "Subject: x\n\n{% if number %}\n", 3, "end of template"),
        ("en/created.txt", "Subject: x\n\n\n{{ numbr }}\n", 4, 'unknown variable "numbr" (did you mean "number"?)'),
        ("en/created.txt", "Subject: x\n\n{% if not number %}{{ nummer }}{% endif %}\n", 3, '"nummer"'),
        ("en/created.html", "<p>\n{{ number | shout }}\n", 2, "shout"),
        ("en/created.html", '<p>\n\n{% include "en/_none.html" %}\n', 3, 'there is no file "en/_none.html"'),
        ("en/created.html", '{% extends "layout/none.html" %}\n', 1, 'there is no file "layout/none.html"'),
        ("en/created.txt", "Hello\n\nx\n", 1, "Subject: …"),
        ("en/created.txt", "Subject: x\nno empty line\n", 1, "empty line"),
        ("en/created.txt", "Subject: x\n\n\n{{ due | moment }}\n", 4, "NoneType"),
        ("en/created.txt", "Subject: x\n\n\n\n{% if target %}{{ due | moment }}{% endif %}\n", 5, "NoneType"),
        ("en/created.txt", "Subject: x\n\n{{ ratings[0].link }}\n", 3, "link"),
        ("en/created.txt", "Subject: x\n\n{{ ''.__class__.__mro__ }}\n", 3, "__class__"),
        ("en/craeted.txt", "Subject: x\n\nx\n", 1, 'no mail called "craeted" (did you mean "created"?)'),
        ("en/words.toml", "[labels]\nlow = \n", 2, "Invalid value"),
        ("en/words.toml", '[phrases]\nin = "in {time}"\n', 1, "[phrases] in may hold {duration} only"),
        ("fr/created.txt", "Subject: Bonjour\n\nx\n", 1, "has no created.html beside it"),
    ],
)
def test_a_mistake_is_found_where_it_stands(tmp_path: Path, file: str, source: str, line: int, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(source, "utf-8")
    if file.startswith("fr/"):
        path.with_name("words.toml").write_bytes((Path(__file__).parents[2] / "templates/en/words.toml").read_bytes())
    [mistake] = [m for m in mistakes(tmp_path) if m.file.endswith(file)]
    assert mistake.line == line
    assert text in mistake.text


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        en__created_txt="Subject: {{ a }}\n\n{{ b }}\n",
        de__closed_html="{% endif %}",
        de__note_txt="Subject: x\n\n{{ c }}\n",
    )
    told = [(Path(m.file).relative_to(tmp_path).as_posix(), m.line) for m in mistakes(tmp_path)]
    assert told == [("de/closed.html", 1), ("de/note.txt", 3), ("en/created.txt", 1), ("en/created.txt", 3)]


def test_bytes_that_are_not_utf_8_are_a_mistake_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/created.txt").write_bytes(b"Subject: x\n\n\xff\n")
    (tmp_path / "en/words.toml").write_bytes(b"\xff")
    assert [(Path(m.file).name, m.line, m.text) for m in mistakes(tmp_path)] == [
        ("created.txt", 3, "is not UTF-8"),
        ("words.toml", 1, "is not UTF-8"),
    ]


def test_a_new_language_is_told_which_words_it_lacks(tmp_path: Path) -> None:
    write(tmp_path, fr__words_toml='[labels]\nlow = "bas"\n')
    [mistake] = mistakes(tmp_path)
    assert (mistake.file, mistake.text) == ("fr/words.toml", "[phrases] needs marker = a text")
