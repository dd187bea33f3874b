"""Each file in bad/ is told exactly what the .expect file beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailtix.config import BadConfig, load

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_is_told_all_its_mistakes_at_their_places(file: Path) -> None:
    with pytest.raises(BadConfig) as caught:
        load(file, {})
    assert str(caught.value).replace(f"{file.parent}/", "") + "\n" == file.with_suffix(".expect").read_text()


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_file_is_told_nothing(file: Path) -> None:
    assert load(file, {}).companies


def test_there_are_enough_bad_files_to_trust_the_messages() -> None:
    assert len(BAD) >= 20
    assert {file.stem for file in BAD} == {file.stem for file in (HERE / "bad").glob("*.expect")}


def test_a_file_that_is_not_there_is_one_mistake_that_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="No such file") as caught:
        load(tmp_path / "mailtix.yaml", {})
    assert "mailtix init" in caught.value.mistakes[0].hint


def test_a_folder_in_place_of_the_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        load(tmp_path, {})


def test_a_file_that_is_not_utf_8_is_told_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mailtix.yaml"
    file.write_bytes("companies:\n  - name: Söhne\n".encode("latin-1"))
    with pytest.raises(BadConfig, match=r"mailtix\.yaml:2:1: this is not UTF-8"):
        load(file, {})


@pytest.mark.parametrize(
    "text",
    [
        "outbound: {smtp: {host: h.example, username: u, password: s3cr3t-w0rd, port: x}}\n",
        "security:\n  secrets:\n    - s3cr3t-w0rd\n",
        "security: {secrets: [aaaaaaaaaaaaaaaaaaaa, s3cr3t-w0rd]}\n",
        "database: postgres:s3cr3t-w0rd@db.example\ndatabase: mysql://u:s3cr3t-w0rd@db.example/x\n",
        "redis: http://:s3cr3t-w0rd@redis.example\n",
        'outbound: {smtp: {host: h.example, password: "s3cr3t-w0rd\n',
        "password: s3cr3t-w0rd: and more\n",
    ],
)
def test_no_mistake_shows_a_secret(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mailtix.yaml"
    file.write_text(text)
    with pytest.raises(BadConfig) as caught:
        load(file, {})
    told = str(caught.value)
    assert "s3cr3t" not in told or told.count("s3cr3t") == told.count("postgres:s3cr3t")
