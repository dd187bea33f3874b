"""What the settings come to when they are good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pydantic
import pytest

from config.settings import MINIMAL, loaded
from mailtix.config import Config, Endpoint, effective
from mailtix.config.scalars import duration_text, hidden_password, parse_duration
from mailtix.model.ticket import Priority
from mailtix.sla import Targets


def test_paths_begin_at_the_folder_of_the_file(tmp_path: Path) -> None:
    config = loaded(tmp_path, MINIMAL)
    assert config.database == f"sqlite:///{tmp_path}/var/mailtix.db"
    assert config.outbound.maildir == tmp_path / "var/sent"
    assert config.templates == (tmp_path / "templates",)


def test_absolute_paths_and_databases_in_memory_stay_as_they_are(tmp_path: Path) -> None:
    given = "outbound: {maildir: /srv/sent}\ndatabase: "
    assert loaded(tmp_path, f"{MINIMAL}{given}sqlite:////srv/x.db").database == "sqlite:////srv/x.db"
    assert loaded(tmp_path, f"{MINIMAL}{given}'sqlite:///:memory:'").database == "sqlite:///:memory:"
    assert loaded(tmp_path, f"{MINIMAL}{given}'sqlite://'").outbound.maildir == Path("/srv/sent")


def test_a_postgresql_url_gets_the_driver_we_bring(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{MINIMAL}database: postgresql://u@h/d").database == "postgresql+psycopg://u@h/d"


def test_ports_follow_from_the_encryption(tmp_path: Path) -> None:
    def port(smtp: str) -> int:
        config = loaded(tmp_path, f"{MINIMAL}outbound: {{smtp: {{host: h.example, {smtp}}}}}")
        assert config.outbound.smtp
        return config.outbound.smtp.port

    assert [port("tls: starttls"), port("tls: ssl"), port("tls: none"), port("tls: none, port: 2526")] == [
        587, 465, 25, 2526,
    ]  # fmt: skip


def test_endpoints_are_hosts_and_ports(tmp_path: Path) -> None:
    config = loaded(tmp_path, MINIMAL + 'listen: {smtp: "[::1]:25", lmtp: mail.example.com:24}')
    assert config.listen.smtp == Endpoint("::1", 25)
    assert config.listen.lmtp == Endpoint("mail.example.com", 24)
    assert str(config.listen.smtp) == "[::1]:25"


def test_the_smtp_door_can_be_closed(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL + "listen: {smtp: null}").listen.smtp is None


def test_an_agent_serves_the_companies_he_names_or_all(tmp_path: Path) -> None:
    text = """
companies:
  - {name: First, mailboxes: [{address: a@example.com, name: Desk}], categories: [billing], language: de}
  - {name: Second, mailboxes: [{address: b@example.com}]}
agents:
  - {name: Bob, email: Bob@example.org, teams: [x, y], company: First}
  - {name: Eve, email: eve@example.org}
  - {name: Ann, email: ann@example.org, company: [Second]}
"""
    first, second = loaded(tmp_path, text).companies_as_model()
    assert [agent.key for agent in first.agents] == ["bob@example.org", "eve@example.org"]
    assert [agent.key for agent in second.agents] == ["eve@example.org", "ann@example.org"]
    assert (first.categories, first.language, first.teams) == (("billing",), "de", ("x", "y"))
    assert first.mailboxes[0].name == "Desk"


def test_the_sla_is_the_preset_with_what_is_written_over_it(tmp_path: Path) -> None:
    text = "sla: {preset: strict, targets: {low: {resolution: 3d}, high: {first_response: 10m, resolution: 1h}}}"
    sla = loaded(tmp_path, MINIMAL + text).sla
    assert sla.target(Priority.LOW) == Targets(timedelta(hours=2), timedelta(days=3))
    assert sla.target(Priority.HIGH) == Targets(timedelta(minutes=10), timedelta(hours=1))
    assert sla.target(Priority.CRITICAL) == Targets(timedelta(minutes=15), timedelta(hours=2))


def test_rule_files_come_in_the_order_of_the_patterns_and_each_once(tmp_path: Path) -> None:
    for name in ("rules/20-b.yaml", "rules/10-a.yaml", "last/x.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    config = loaded(tmp_path, MINIMAL + "rules: [rules/20-b.yaml, 'rules/*.yaml', 'last/*.yaml', 'none/*.yaml']")
    assert [file.name for file in config.rule_files()] == ["20-b.yaml", "10-a.yaml", "x.yaml"]


def test_a_folder_whose_name_looks_like_a_pattern_is_still_found(tmp_path: Path) -> None:
    folder = tmp_path / "desk[1]"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "a.yaml").touch()
    assert [file.name for file in loaded(folder, MINIMAL).rule_files()] == ["a.yaml"]


def test_a_config_cannot_be_changed(tmp_path: Path) -> None:
    config = loaded(tmp_path, MINIMAL)
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        config.ticket_number = "x"
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        config.listen.connections = 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("4h", 14400), ("2d", 172800), ("1h30m", 5400), ("1d 12h", 129600)],
)
def test_a_duration_is_read_and_written_back(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(duration_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_durations_are_shown_as_people_write_them() -> None:
    shown = [duration_text(timedelta(hours=hours)) for hours in (0.25, 24, 36, 48, 49)]
    assert shown == ["15m", "24h", "36h", "2d", "2d1h"]


def test_a_scanner_is_at_a_host_and_port_or_at_a_socket(tmp_path: Path) -> None:
    def scanner(text: str) -> object:
        return loaded(tmp_path, f"{MINIMAL}attachments: {{clamd: {text}}}").attachments.clamd

    assert scanner("null") is None
    assert scanner("clamav.example.com:3310") == Endpoint("clamav.example.com", 3310)
    assert scanner("/run/clamav/clamd.ctl") == Path("/run/clamav/clamd.ctl")
    assert scanner("~/clamd.ctl") == Path.home() / "clamd.ctl"


def test_kinds_of_files_are_read_as_people_write_them(tmp_path: Path) -> None:
    text = "attachments: {held: [EXE, .js, '*.Scr', Application/X-MSDownload]}"
    config = loaded(tmp_path, MINIMAL + text)
    assert config.attachments.held == ("exe", "js", "scr", "application/x-msdownload")
    assert loaded(tmp_path, f"{MINIMAL}attachments: {{held: []}}").attachments.held == ()
    assert {"exe", "js", "docm"} < set(loaded(tmp_path, MINIMAL).attachments.held)


@pytest.mark.parametrize(("text", "size"), [("50MB", 50_000_000), ("1MiB", 1_048_576), ("10 kb", 10_000), ("7", 7)])
def test_sizes_have_decimal_and_binary_units(tmp_path: Path, text: str, size: int) -> None:
    assert loaded(tmp_path, MINIMAL + f"listen: {{size_limit: {text}}}").listen.size_limit == size


def test_the_effective_settings_load_to_the_same_settings(tmp_path: Path) -> None:
    text = MINIMAL + "listen: {size_limit: 20MiB, lmtp: '[::1]:24'}\nsurvey: {after: 1h30m}\nsla: {preset: relaxed}\n"
    config = loaded(tmp_path, text)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert loaded(elsewhere, effective(config)) == config


def test_the_effective_settings_hide_every_secret(tmp_path: Path) -> None:
    text = """
companies:
  - name: Example
    mailboxes: [{address: a@example.com, imap: {host: h.example, username: u, password: s3cr3t-imap}}]
outbound: {smtp: {host: h.example, username: u, password: s3cr3t-smtp}}
security: {secrets: [s3cr3t-signing-0123456789]}
database: postgresql+psycopg://u:s3cr3t-db@h.example/d?sslpassword=s3cr3t-key
redis: redis://:s3cr3t-redis@h.example/0
"""
    config = loaded(tmp_path, text)
    shown = effective(config)
    assert "s3cr3t" not in shown
    assert "s3cr3t" not in repr(config)
    assert shown.count("***") == 6
    assert "postgresql+psycopg://u:***@h.example/d?sslpassword=***" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p/w@rd@h/d", "postgresql://u:***@h/d"),
        ("redis://:pw@h", "redis://:***@h"),
        ("postgresql://u@h/d?password=pw&x=1", "postgresql://u@h/d?password=***&x=1"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
    ],
)
def test_a_password_in_a_url_is_hidden_and_nothing_else(url: str, shown: str) -> None:
    assert hidden_password(url) == shown


def test_a_config_made_without_a_file_keeps_its_defaults() -> None:
    config = Config.model_validate({"companies": [{"name": "A", "mailboxes": [{"address": "a@example.com"}]}]})
    assert config.outbound.maildir == Path("var/sent")
