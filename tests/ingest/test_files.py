from __future__ import annotations

import io
import mailbox
import os
import tracemalloc

import pytest

from mailtix.ingest import files
from mailtix.ingest.files import UnreadableError, read_mails

MAIL = b"Subject: one\n\ntext\n"
NO_STDIN = io.BytesIO()
FROM_ = b"From ann@example.org Mon Mar  2 12:00:00 2026\n"


def read(*paths: object, stdin: bytes = b"") -> list[tuple[str, bytes]]:
    return list(read_mails([str(path) for path in paths], io.BytesIO(stdin)))


def test_a_file_is_a_mail_whatever_its_name(tmp_path):
    path = tmp_path / "mail.txt"
    path.write_bytes(b"\0\xff\r\n")
    assert read(path) == [(str(path), b"\0\xff\r\n")]


def test_several_paths_come_in_their_order(tmp_path):
    for name in ("b.eml", "a.eml"):
        (tmp_path / name).write_bytes(name.encode())
    assert [raw for _, raw in read(tmp_path / "b.eml", "-", tmp_path / "a.eml", stdin=b"stdin")] == [
        b"b.eml",
        b"stdin",
        b"a.eml",
    ]


def test_standard_input_may_be_a_mail_or_an_mbox():
    assert read("-", stdin=MAIL) == [("-", MAIL)]
    assert read("-", stdin=FROM_ + MAIL + b"\n" + FROM_ + b"two\n\n") == [("-#1", MAIL), ("-#2", b"two\n")]


def test_an_mbox_gives_its_mails_unquoted(tmp_path):
    path = tmp_path / "box"
    path.write_bytes(
        FROM_ + b"Subject: 1\n\n>From the start\n>>From deeper\n> From not\n\n" + FROM_ + b"Subject: 2\n\nend\n\n"
    )
    assert read(path) == [
        (f"{path}#1", b"Subject: 1\n\nFrom the start\n>From deeper\n> From not\n"),
        (f"{path}#2", b"Subject: 2\n\nend\n"),
    ]


def test_an_mbox_with_crlf_is_read_too(tmp_path):
    path = tmp_path / "box"
    path.write_bytes((FROM_ + MAIL + b"\n" + FROM_ + MAIL + b"\n").replace(b"\n", b"\r\n"))
    assert [raw for _, raw in read(path)] == [MAIL.replace(b"\n", b"\r\n")] * 2


def test_text_that_only_begins_like_a_separator_splits_nothing(tmp_path):
    path = tmp_path / "box"
    body = b"Subject: 1\n\nA\n\nFrom here on it burns\nB\nFrom x Mon Mar  2 12:00:00 2026\n"
    path.write_bytes(FROM_ + body)
    assert read(path) == [(f"{path}#1", body)]


def test_an_mbox_of_the_standard_library_comes_back_as_it_went_in(tmp_path):
    mails = [b"Subject: %d\n\nFrom me\n\nbye\n" % number for number in range(20)]
    box = mailbox.mbox(tmp_path / "box")
    for mail in mails:
        box.add(mail)
    box.close()
    assert [raw for _, raw in read(tmp_path / "box")] == mails


def test_a_maildir_gives_what_is_new_and_what_was_seen_but_nothing_half_written(tmp_path):
    for name in ("new/1", "cur/2:2,S", "tmp/3", ".Sub/cur/4:2,", ".Sub/new/5", ".Sub/tmp/6", "cur/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    assert {raw for _, raw in read(tmp_path)} == {b"new/1", b"cur/2:2,S", b".Sub/cur/4:2,", b".Sub/new/5"}


def test_a_folder_is_searched_for_mail_and_leaves_the_rest(tmp_path):
    kept = {"a.eml": MAIL, "deep/er/B.EML": MAIL, "mh/12": MAIL, "Inbox": FROM_ + MAIL, "tmp/c.eml": MAIL}
    for name, raw in (kept | {"why.md": b"From here", "expect.yml": b"a: b", "Inbox.msf": b"x", "notes": b"x"}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    assert {os.path.relpath(name, tmp_path) for name, _ in read(tmp_path)} == {
        "a.eml",
        "deep/er/B.EML",
        "mh/12",
        "Inbox#1",
        "tmp/c.eml",
    }


def test_a_missing_path_says_so_after_the_mails_before_it(tmp_path):
    (tmp_path / "a.eml").write_bytes(MAIL)
    mails = read_mails([str(tmp_path / "a.eml"), str(tmp_path / "b.eml")], NO_STDIN)
    assert next(mails)[1] == MAIL
    with pytest.raises(UnreadableError, match=r"b\.eml: no such file or folder; check the path"):
        next(mails)


def test_a_file_that_may_not_be_read_says_what_to_do(tmp_path, monkeypatch):
    def refuse(self, mode):
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "a.eml").write_bytes(MAIL)
    monkeypatch.setattr(files.Path, "open", refuse)  # root may read anything
    with pytest.raises(UnreadableError, match=r"a\.eml: may not be read; run as a user who may"):
        read(tmp_path / "a.eml")


def test_something_far_too_large_is_no_mail(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAIL_BYTES", 1000)
    for raw in (b"x" * 1001, b"x\n" * 600, FROM_ + b"x\n" * 600, FROM_ + b"x" * 1001):
        (tmp_path / "big").write_bytes(raw)
        with pytest.raises(UnreadableError, match="is it a mail at all"):
            read(tmp_path / "big")


def test_a_large_mbox_is_never_held_as_a_whole(tmp_path):
    path = tmp_path / "box"
    with path.open("wb") as file:
        for _ in range(2000):
            file.write(FROM_ + b"Subject: x\n\n" + b"y" * 15_000 + b"\n\n")
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_mails([str(path)], NO_STDIN)) == 2000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
