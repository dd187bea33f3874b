"""What the environment may say, and secrets that stand elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import MINIMAL, loaded, mistakes
from mailtix.config import Endpoint, ImapConfig

IMAP = (
    "companies: [{name: A, mailboxes: [{address: a@example.com, imap: {host: h.example, username: u, password: %s}}]}]"
)


def imap(folder: Path, password: str, **environ: str) -> ImapConfig:
    found = loaded(folder, IMAP % password, **environ).companies[0].mailboxes[0].imap
    assert found
    return found


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        MINIMAL + "listen: {smtp: 127.0.0.1:25, connections: 7}\nredis: redis://h.example",
        MAILTIX_LISTEN__SMTP="[::]:2525",
        MAILTIX_REDIS="null",
        MAILTIX_RULES="[a/*.yaml]",
        MAILTIX_WORKERS__THREADS="9",
        MAILTIX_SURVEY__ENABLED="false",
        MAILTIX_SLA__TARGETS__LOW__RESOLUTION="9d",
        MAILTIX_COMPANIES__0__NAME="Renamed",
    )
    assert config.listen.smtp == Endpoint("::", 2525)
    assert (config.listen.connections, config.workers.threads, config.redis) == (7, 9, None)
    assert (config.survey.enabled, config.companies[0].name) == (False, "Renamed")
    assert config.rules == (f"{tmp_path}/a/*.yaml",)
    assert str(config.sla.targets.low.resolution) == "9 days, 0:00:00"


def test_a_value_from_the_environment_is_text_even_if_it_looks_like_a_number_or_yaml(tmp_path: Path) -> None:
    environ = {"MAILTIX_COMPANIES__0__MAILBOXES__0__IMAP__PASSWORD": "0123"}
    assert imap(tmp_path, "x", **environ).password.get_secret_value() == "0123"
    assert loaded(tmp_path, MINIMAL, MAILTIX_COMPANIES__0__NAME="a: b #c").companies[0].name == "a: b #c"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL + "redis: redis://h.example", MAILTIX_REDIS="").redis == "redis://h.example"


def test_everything_can_stand_in_the_environment(tmp_path: Path) -> None:
    given = "[{name: A, mailboxes: [{address: a@example.com}]}]"
    assert loaded(tmp_path, "", MAILTIX_COMPANIES=given).companies[0].name == "A"


def test_an_unknown_variable_is_a_mistake_with_the_nearest_name(tmp_path: Path) -> None:
    [mistake] = mistakes(tmp_path, MINIMAL, MAILTIX_LISTEN__SMPT="127.0.0.1:25")
    assert str(mistake) == (
        "environment MAILTIX_LISTEN__SMPT: there is no such setting\n  hint: did you mean 'MAILTIX_LISTEN__SMTP'?"
    )


@pytest.mark.parametrize("name", ["MAILTIX_", "MAILTIX___", "MAILTIX_0", "MAILTIX_LISTEN__SMTP__HOST", "MAILTIX_²"])
def test_a_variable_that_leads_nowhere_is_a_mistake(tmp_path: Path, name: str) -> None:
    [mistake] = mistakes(tmp_path, MINIMAL, **{name: "x"})
    assert mistake.text == "there is no such setting"


def test_variables_that_are_meant_for_others_are_left_alone(tmp_path: Path) -> None:
    found = imap(tmp_path, "{env: MAILTIX_IMAP_PASSWORD}", MAILTIX_IMAP_PASSWORD="pw", MAILTIX_CONFIG="x", PATH="/bin")
    assert found.password.get_secret_value() == "pw"


def test_a_bad_value_is_told_with_the_name_of_its_variable(tmp_path: Path) -> None:
    found = mistakes(tmp_path, MINIMAL, MAILTIX_LISTEN__SMTP="25", MAILTIX_RULES="[a", MAILTIX_AGENTS__3__NAME="x")
    assert sorted((mistake.file, mistake.line) for mistake in found) == [
        ("environment MAILTIX_AGENTS__3__NAME", 0),
        ("environment MAILTIX_LISTEN__SMTP", 0),
        ("environment MAILTIX_RULES", 0),
    ]


def test_mistakes_of_the_environment_come_together_with_those_of_the_file(tmp_path: Path) -> None:
    found = mistakes(tmp_path, MINIMAL + "log: {level: loud}", MAILTIX_WORKERS__THREADS="none")
    assert [mistake.text for mistake in found] == [
        "'threads' must be a whole number, not text",
        "'level' cannot be 'loud'",
    ]


def test_a_secret_is_read_from_the_environment(tmp_path: Path) -> None:
    assert imap(tmp_path, "{env: IMAP_PW}", IMAP_PW="correct horse").password.get_secret_value() == "correct horse"


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pw").write_bytes(b" correct horse \r\n")
    assert imap(tmp_path, "{file: secrets/pw}").password.get_secret_value() == " correct horse "


def test_any_single_value_may_stand_elsewhere(tmp_path: Path) -> None:
    text = MINIMAL + "database: {env: DB}\nworkers: {threads: {env: THREADS}}\nrules: [{env: RULES}]"
    config = loaded(tmp_path, text, DB="sqlite:////srv/x.db", THREADS="3", RULES="x/*.yaml")
    assert (config.database, config.workers.threads) == ("sqlite:////srv/x.db", 3)
    assert config.rules == (f"{tmp_path}/x/*.yaml",)


def test_a_secret_that_is_missing_is_told_once_at_its_line(tmp_path: Path) -> None:
    text = MINIMAL + "workers:\n  threads: {env: THREADS}\n"
    [mistake] = mistakes(tmp_path, text, THREADS="")
    assert (mistake.line, mistake.column) == (3, 12)
    assert mistake.text == "the environment variable THREADS is not set"


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "is empty"), (b"\xff\xfe\xfd", "is not UTF-8"), (b"x" * 70_000, "is too large")],
)
def test_a_file_that_cannot_be_a_secret_is_a_mistake(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "pw").write_bytes(content)
    [mistake] = mistakes(tmp_path, IMAP % "{file: pw}")
    assert text in mistake.text


def test_a_variable_that_is_not_utf_8_is_a_mistake_that_can_be_printed(tmp_path: Path) -> None:
    found = mistakes(tmp_path, MINIMAL + "redis: {env: REDIS}", MAILTIX_LOG__LEVEL="a\udcff", REDIS="\udcff")
    assert [mistake.text for mistake in found] == [
        "this value cannot be read",
        "the environment variable REDIS is not UTF-8",
    ]
    assert "\n".join(map(str, found)).encode()


def test_the_way_out_can_be_changed_in_the_environment_alone(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        MINIMAL + "outbound: {maildir: var/sent}",
        MAILTIX_OUTBOUND__MAILDIR="null",
        MAILTIX_OUTBOUND__SMTP__HOST="smtp.example.com",
        MAILTIX_OUTBOUND__SMTP__TLS="none",
    )
    assert config.outbound.maildir is None
    assert config.outbound.smtp
    assert (config.outbound.smtp.host, config.outbound.smtp.port) == ("smtp.example.com", 25)
