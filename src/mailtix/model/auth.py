"""Who really wrote a mail, as far as SPF, DKIM, DMARC and ARC can tell (RFC 7208, 6376, 7489, 8617)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache


class Result(StrEnum):
    """What one method says (RFC 8601 section 2.7)."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    POLICY = "policy"


class AgentProof(StrEnum):
    """What an agent's mail needs before it is obeyed: a signed reply address of his own, or that his domain vouches
    for it."""

    TOKEN_OR_DMARC = "token_or_dmarc"
    TOKEN = "token"
    DMARC = "dmarc"
    TOKEN_AND_DMARC = "token_and_dmarc"


class Verify(StrEnum):
    """Which mails are authenticated: those whose decision rests on it, all, or none."""

    NEEDED = "needed"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Check:
    """What one method says of one domain. `because` is for people."""

    result: Result = Result.NONE
    domain: str = ""
    because: str = ""

    def __str__(self) -> str:
        told = ", ".join(filter(None, (self.domain, self.because)))
        return f"{self.result} ({told})" if told else str(self.result)


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM signature. `signed` names the fields (lower case) of which every instance in the mail is covered;
    `aligned` says that it speaks for the domain of From, as strictly as that domain wishes (RFC 7489 section 3.1.1)."""

    result: Result
    domain: str = ""
    selector: str = ""
    because: str = ""
    signed: frozenset[str] = frozenset()
    signed_at: datetime | None = None
    aligned: bool = False

    @property
    def speaks(self) -> bool:
        """Whether it proves that the domain of From has sent the mail."""
        return self.aligned and self.result is Result.PASS

    def __str__(self) -> str:
        selector = f"selector {self.selector}" if self.selector else ""
        told = ", ".join(filter(None, (self.domain, selector, self.because)))
        return f"{self.result} ({told})" if told else str(self.result)


@dataclass(frozen=True, slots=True)
class Authentication:
    """What is known of who wrote a mail. `author` is the one address in From (lower case), "" when From does not name
    exactly one; then `unclear` says why.

    `policy` is what the author's domain asks for when DMARC fails (none, quarantine, reject; "" without a record).
    `direct`: SPF passes for the author's own address as the envelope's sender, so the mail came from his domain's
    server itself. `spf_aligned`: SPF speaks of the domain of From. `arc_vouches`: a trusted sealer saw DMARC pass, and
    `sealed` are the fields that it covered. `by` is the authserv-id that was believed (RFC 8601 section 2.5), "" when
    we have looked ourselves.
    """

    author: str = ""
    unclear: str = ""
    spf: Check = Check()
    dkim: tuple[Signature, ...] = ()
    dmarc: Check = Check()
    arc: Check = Check()
    policy: str = ""
    direct: bool = False
    spf_aligned: bool = False
    arc_vouches: bool = False
    sealed: frozenset[str] = frozenset()
    by: str = ""

    @property
    def signature(self) -> Signature | None:
        """The signature that speaks for From and covers most, if any does."""
        return max((s for s in self.dkim if s.speaks), key=lambda s: len(s.signed), default=None)

    @property
    def covered(self) -> frozenset[str]:
        """The fields that nobody can have changed since the author's domain, or the sealer who is trusted, signed."""
        if self.signature is not None:
            return self.signature.signed
        return self.sealed if self.arc_vouches else frozenset()

    def proves(self, address: str) -> str:
        """Why that address is proven to be the writer's, "" when it is not. It is the domain that vouches: whether it
        lets one of its people write in the name of another is its own affair."""
        if not self.author or address.lower() != self.author:
            return ""
        said = f", as {self.by} says" if self.by else ""
        if self.dmarc.result is Result.PASS and self.direct:
            return f"DMARC passes: its own server sent it (SPF of {self.spf.domain}){said}"
        if self.signature is not None:
            passes = "DMARC passes: " if self.dmarc.result is Result.PASS else ""
            return f"{passes}DKIM signature of {self.signature.domain}{said}"
        if self.arc_vouches:
            return f"ARC: {self.arc.domain}, which is trusted, saw DMARC pass"
        if self.dmarc.result is Result.PASS and self.by and not self.spf_aligned:
            return f"DMARC passes{said}"
        return ""

    def refutes(self, address: str) -> str:
        """Why that address is shown not to be the writer's, "" when it is not shown."""
        if self.unclear:
            return self.unclear
        if address.lower() != self.author or self.proves(address):
            return ""
        if self.dmarc.result is Result.FAIL and self.policy in ("quarantine", "reject"):
            return f"DMARC fails, and {self.dmarc.domain} wants such mail refused (p={self.policy})"
        if self.spf.result is Result.FAIL and self.spf_aligned and self.dmarc.result is not Result.PASS:
            told = ", ".join(filter(None, (self.spf.domain, self.spf.because)))
            return f"SPF fails ({told}), and no DKIM signature speaks for From"
        return ""

    @property
    def line(self) -> str:
        """All of it in one line, in the words of Authentication-Results."""
        parts = [f"dkim={s}" for s in self.dkim] or ["dkim=none"]
        parts += [f"spf={self.spf}", f"dmarc={self.dmarc}"]
        parts += [f"arc={self.arc}"] if self.arc.result is not Result.NONE or self.arc.because else []
        told = ", ".join(parts)
        told = f"{told}; {self.unclear}" if self.unclear else told
        return f"{told}; by {self.by}" if self.by else told


@lru_cache(maxsize=16)  # each mail says it where nobody is to look
def not_asked(because: str) -> Authentication:
    """What is known when nobody looked: nothing, and why."""
    none = Check(because=f"not asked: {because}")
    return Authentication(spf=none, dkim=(Signature(Result.NONE, because=none.because),), dmarc=none)
