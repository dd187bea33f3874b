"""Signs mails as a sender's server would (RFC 6376), also as no honest one would."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

import dkim  # type: ignore[import-untyped]
import nacl.signing
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dkim.canonicalization import CanonicalizationPolicy  # type: ignore[import-untyped]
from dkim.crypto import parse_pem_private_key  # type: ignore[import-untyped]

EVERYTHING = ("from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "content-type",
              "content-transfer-encoding", "mime-version")  # fmt: skip


@cache
def rsa_key(bits: int = 2048) -> tuple[bytes, str]:
    """A private key (PEM) and its DNS record; one for all tests."""
    key = rsa.generate_private_key(65537, bits)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@cache
def ed25519_key() -> tuple[bytes, str]:
    """A private key (base64 of its seed) and its DNS record (RFC 8463 section 4)."""
    key = nacl.signing.SigningKey(hashlib.sha256(b"a test").digest())
    public = base64.b64encode(bytes(key.verify_key)).decode()
    return base64.b64encode(bytes(key)), f"v=DKIM1; k=ed25519; p={public}"


@dataclass(frozen=True)
class Signer:
    """A server that signs for a domain. `extra` are more tags (t, x, i …); `length` puts in l=."""

    domain: str
    selector: str = "s1"
    algorithm: str = "rsa-sha256"
    bits: int = 2048

    @property
    def name(self) -> str:
        """Where its key is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        return ed25519_key()[1] if self.algorithm.startswith("ed25519") else rsa_key(self.bits)[1]

    def sign(self, raw: bytes, fields: tuple[str, ...] | None = None, length: int | None = None, **extra: str) -> bytes:
        """The mail with a signature on top. `fields` are the signed ones, else all of EVERYTHING that it has."""
        mail = dkim.DKIM(raw)
        mail.signature_algorithm = self.algorithm.encode()
        mail.hasher = dkim.HASH_ALGORITHMS[mail.signature_algorithm]
        canon = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
        body = canon.canonicalize_body(mail.body)[:length]
        present = {name.lower().decode() for name, _ in mail.headers}
        signed = fields if fields is not None else tuple(name for name in EVERYTHING if name in present)
        tags = {"v": "1", "a": self.algorithm, "c": "relaxed/relaxed", "d": self.domain, "s": self.selector, **extra}
        if length is not None:
            tags["l"] = str(length)
        tags["h"] = " : ".join(signed)  # with blanks, where dkimpy may fold it
        tags["bh"] = base64.b64encode(mail.hasher(body).digest()).decode()
        tags["b"] = "0" * 60
        pairs = [(name.encode(), value.encode()) for name, value in tags.items()]
        names = [name.encode() for name in signed]
        header = mail.gen_header(pairs, names, canon, b"DKIM-Signature", self._private())
        return b"DKIM-Signature: " + header + raw

    def _private(self) -> object:
        if self.algorithm.startswith("ed25519"):
            return nacl.signing.SigningKey(ed25519_key()[0], encoder=nacl.encoding.Base64Encoder)
        return parse_pem_private_key(rsa_key(self.bits)[0])


def seal(raw: bytes, domain: str, said: str, moment: int, selector: str = "s1") -> bytes:
    """The mail with an ARC set on top (RFC 8617), sealed by `domain`, which says `said` (Authentication-Results)."""
    before = f"Authentication-Results: {said}\r\n".encode() + raw
    srv_id = said.partition(";")[0].encode()
    sets = dkim.arc_sign(
        before, selector.encode(), domain.encode(), rsa_key()[0], srv_id, timestamp=moment,
        include_headers=[name.encode() for name in EVERYTHING if name != "cc"],
    )  # fmt: skip
    assert sets
    return b"".join(sets) + before
