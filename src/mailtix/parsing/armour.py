"""PGP in the text itself (RFC 9580 section 7): a signed text is read without its armour, an encrypted one is named."""

from __future__ import annotations

import re

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_HASH_LINES = re.compile(r"\n(?:(?:Hash|Charset|Comment|Version): [^\n]{0,100}\n)*\n?")


def without_armour(text: str) -> str:
    """`text` with the armour of a signed passage taken off and its dash-escapes undone (section 7.2)."""
    begin = text.find(_SIGNED)
    if begin < 0:
        return text
    head = _HASH_LINES.match(text, begin + len(_SIGNED))
    start = head.end() if head else begin + len(_SIGNED)
    signature = text.find(_SIGNATURE, start)
    if signature < 0:
        return text
    end = text.find(_SIGNATURE_END, signature)
    rest = text[end + len(_SIGNATURE_END) :] if end >= 0 else ""
    signed = "\n".join(line.removeprefix("- ") for line in text[start:signature].split("\n"))
    return text[:begin] + signed + rest


def is_encrypted(text: str) -> bool:
    """Whether the text is an encrypted message and little else."""
    return _ENCRYPTED in text[:2_000]
