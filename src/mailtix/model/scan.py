"""What a virus scanner said of the files of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scan:
    """The scanner's answers by the SHA-256 (hex) of each file: "" is clean, else the reason to hold the file.

    `failed` says why nothing could be asked, `scanner` which program answered.
    """

    answers: Mapping[str, str]
    failed: str = ""
    scanner: str = ""

    def why_held(self, sha256: str) -> str:
        """Why that file must not be passed on; "" when it is clean. What the scanner has not seen is not clean."""
        unseen = f"not scanned for viruses: {self.failed}" if self.failed else "not scanned for viruses"
        return self.answers.get(sha256, unseen)
