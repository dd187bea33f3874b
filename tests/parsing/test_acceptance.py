"""Which files are held back, and what a file is by its content."""

from __future__ import annotations

import pytest

from mailtix.model.mail import Attachment
from mailtix.parsing.acceptance import FileLimits, Held, held_files
from mailtix.parsing.content_type import type_by_content


def file(
    index: int = 0, name: str = "a.pdf", mime: str = "application/pdf", size: int = 10, inline: bool = False
) -> Attachment:
    return Attachment(index, name, mime, size, "", mime, inline)


def test_ordinary_files_are_not_held() -> None:
    assert held_files((file(), file(1, "b.png", "image/png"), file(2, "no extension")), FileLimits()) == ()


def test_a_file_that_is_too_large_is_held_with_the_reason() -> None:
    assert held_files((file(size=11),), FileLimits(size=10)) == (Held(0, "larger than 10 bytes"),)


def test_only_the_files_beyond_the_limit_are_held() -> None:
    files = tuple(file(i, f"{i}.pdf") for i in range(4))
    assert [held.index for held in held_files(files, FileLimits(files=3))] == [3]


def test_inline_images_do_not_count() -> None:
    logos = tuple(file(i, f"{i}.png", "image/png", inline=True) for i in range(20))
    assert held_files((*logos, file(20)), FileLimits(files=1)) == ()


@pytest.mark.parametrize(
    "name", ["run.exe", "RUN.EXE", "invoice.pdf.js", "macro.docm", "disk.iso", "link.lnk", "odd.exe. "]
)
def test_files_that_can_run_are_held_by_their_extension(name: str) -> None:
    [held] = held_files((file(name=name),), FileLimits())
    assert "run code" in held.because
    assert held_files((file(name=name),), FileLimits(hold_dangerous=False)) == ()


def test_a_program_under_an_innocent_name_is_held_by_its_content() -> None:
    mime = type_by_content(b"MZ\x90\x00\x03", "application/pdf")
    [held] = held_files((file(name="invoice.pdf", mime=mime),), FileLimits())
    assert "program" in held.because


@pytest.mark.parametrize(
    ("content", "declared", "mime"),
    [
        (b"%PDF-1.7", "application/octet-stream", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "application/octet-stream", "image/png"),
        (b"PK\x03\x04" + b"\0" * 40, "application/zip", "application/zip"),
        (b"PK\x03\x04" + b"\0" * 40, "image/png", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", "application/msword"),
        (b"hello", "text/csv", "text/csv"),
        (b"From: ann@example.org\n", "text/plain", "text/plain"),
        (b"#!/bin/sh\n", "text/plain", "text/x-shellscript"),
        (b"\x7fELF\x02", "image/png", "application/x-executable"),
        (b"", "image/png", "image/png"),
    ],
)
def test_the_first_bytes_tell_the_type_where_they_can(content: bytes, declared: str, mime: str) -> None:
    assert type_by_content(content, declared) == mime
