"""The Maildir courier: a mail is there whole, once, or it is deferred with what to do."""

from __future__ import annotations

import email
import errno
import mailbox
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mailtix.model.outgoing import Deferred, Delivered, OutgoingMail
from mailtix.outbound.maildir import MaildirCourier

MAIL = OutgoingMail(
    "1@example.com", "support@example.com", "ann@example.org", b"Subject: It burns\r\n\r\n.\r\n\xc3\xa4\r\n"
)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_mail_is_put_into_new_with_its_envelope_in_front(tmp_path: Path) -> None:
    outcome = MaildirCourier(tmp_path / "var" / "sent").deliver(MAIL)
    assert isinstance(outcome, Delivered)
    [path] = files(tmp_path)
    assert path.parent == tmp_path / "var" / "sent" / "new"
    assert path.read_bytes() == (
        b"Return-Path: <support@example.com>\nDelivered-To: ann@example.org\nSubject: It burns\n\n.\n\xc3\xa4\n"
    )
    assert str(path) in outcome.reply


def test_a_mail_client_can_read_it(tmp_path: Path) -> None:
    MaildirCourier(tmp_path / "sent").deliver(MAIL)
    [message] = mailbox.Maildir(tmp_path / "sent", create=False)
    assert message["Subject"] == "It burns"


def test_a_repeated_delivery_makes_no_second_mail(tmp_path: Path) -> None:
    for _ in range(3):
        assert isinstance(MaildirCourier(tmp_path).deliver(MAIL), Delivered)
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize("flags", ["", "S", "RS", "DFPRST"])
def test_a_mail_that_was_read_meanwhile_is_not_delivered_again(tmp_path: Path, flags: str) -> None:
    MaildirCourier(tmp_path).deliver(MAIL)
    [path] = files(tmp_path)
    path.rename(tmp_path / "cur" / f"{path.name}:2,{flags}")
    assert isinstance(MaildirCourier(tmp_path).deliver(MAIL), Delivered)
    assert len(files(tmp_path)) == 1


def test_two_recipients_of_one_mail_are_two_files(tmp_path: Path) -> None:
    courier = MaildirCourier(tmp_path)
    courier.deliver(MAIL)
    courier.deliver(replace(MAIL, rcpt_to="carl@example.org"))
    assert len(files(tmp_path)) == 2


def test_threads_with_the_same_mail_leave_one_file_and_no_draft(tmp_path: Path) -> None:
    courier = MaildirCourier(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(courier.deliver, [MAIL] * 40))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert [path.parent.name for path in files(tmp_path)] == ["new"]


def test_an_envelope_cannot_add_header_lines(tmp_path: Path) -> None:
    MaildirCourier(tmp_path).deliver(replace(MAIL, mail_from="a@example.org>\r\nBcc: eve@example.net", rcpt_to="x\ny"))
    [path] = files(tmp_path)
    assert email.message_from_bytes(path.read_bytes()).keys() == ["Return-Path", "Delivered-To", "Subject"]


def test_a_message_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    outcome = MaildirCourier(tmp_path / "sent").deliver(replace(MAIL, message_id="../../../x\0/\ud800"))
    assert isinstance(outcome, Delivered)
    assert {path.parent for path in files(tmp_path)} == {tmp_path / "sent" / "new"}


def test_a_file_in_the_way_defers_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sent").write_text("not a folder")
    outcome = MaildirCourier(tmp_path / "sent").deliver(MAIL)
    assert isinstance(outcome, Deferred)
    assert "move it away" in outcome.reply


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EACCES, "no permission: give the folder to the user that runs mailtix"),
        (errno.EROFS, "the file system is read-only: mount it for writing"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_in_trouble_defers_says_what_to_do_and_keeps_no_half_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    courier = MaildirCourier(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        assert courier.deliver(MAIL) == Deferred(f"cannot write to {tmp_path}: {advice}")
    assert files(tmp_path) == []
    assert isinstance(courier.deliver(MAIL), Delivered)


def test_a_file_system_without_hard_links_is_served_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: object, target: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert isinstance(MaildirCourier(tmp_path).deliver(MAIL), Delivered)
    assert [path.parent.name for path in files(tmp_path)] == ["new"]
