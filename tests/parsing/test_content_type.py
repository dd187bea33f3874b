"""What a file is by its bytes."""

import pytest

from mailtix.parsing.content_type import type_by_content

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00", "application/pdf", "application/vnd.microsoft.portable-executable"),
        (b"MZ-1204;lamp;3\r\nMZ-1205;cable;1\r\n", "text/csv", "text/csv"),
        (b"\x7fELF\x02\x01\x01", "text/plain", "application/x-executable"),
        (PNG, "application/octet-stream", "image/png"),
        (b"PK\x03\x04rest", "application/pdf", "application/zip"),
        (b"PK\x03\x04rest", "application/epub+zip", "application/epub+zip"),
        (b"nothing in particular", "application/x-thing", "application/x-thing"),
        (b"", "text/plain", "text/plain"),
    ],
)
def test_the_bytes_say_what_a_file_is_and_the_name_where_they_say_nothing(
    content: bytes, declared: str, found: str
) -> None:
    assert type_by_content(content, declared) == found
