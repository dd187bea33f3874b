"""What is known of who wrote a mail, kept beside its bytes as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailtix.model.auth import Authentication, Check, Result, Signature
from mailtix.model.mail import Envelope
from mailtix.store.directory import upsert
from mailtix.store.evidence import WaitsFor, release
from mailtix.store.journal import Entry
from mailtix.store.prepared import Prepared
from mailtix.store.tables import evidence

# Together with what tells one envelope from another, for it is kept for each.
_KIND = "auth "


def auth_of(session: Session, entry: Entry) -> Authentication | None:
    """What was found out about that mail; None when nobody has looked. What holds for the same bytes from another
    machine does not hold for this mail: SPF rests on the envelope."""
    row = _KEPT.one(session, {"raw": entry.raw_id, "named": _kind(entry)})
    if row is None or row.value["envelope"] != _envelope(entry.envelope):
        return None
    return _from_json(row.value)


_KEPT = Prepared(
    select(evidence.c.value).where(evidence.c.raw_id == bindparam("raw"), evidence.c.kind == bindparam("named"))
)


def auths_of(session: Session, entries: Sequence[Entry]) -> dict[int, Authentication]:
    """The same for many mails, by their journal numbers; those of whom nothing is known are missing."""
    wanted = {entry.raw_id for entry in entries}
    of_auth = evidence.c.kind.startswith(_KIND)
    query = select(evidence.c.raw_id, evidence.c.kind, evidence.c.value).where(evidence.c.raw_id.in_(wanted), of_auth)
    values = {(row.raw_id, tuple(row.value["envelope"])): row.value for row in session.execute(query)}
    named = {entry.id: (entry.raw_id, tuple(_envelope(entry.envelope))) for entry in entries}
    return {id_: _from_json(values[name]) for id_, name in named.items() if name in values}


def keep_auth(session: Session, entry: Entry, auth: Authentication, now: datetime) -> None:
    """What was found out about that mail; it is processed now, and so is the same mail to other companies."""
    value = _as_json(auth) | {"envelope": _envelope(entry.envelope)}
    row = {"raw_id": entry.raw_id, "kind": _kind(entry), "value": value, "at": now}
    insert = upsert(session, evidence).values(row)
    key = ["raw_id", "kind"]
    session.execute(insert.on_conflict_do_update(index_elements=key, set_={"value": value, "at": now}))
    release(session, WaitsFor.AUTH, now, entry.raw_id)


def _kind(entry: Entry) -> str:
    told = repr(_envelope(entry.envelope)).encode("utf-8", "surrogatepass")
    return _KIND + hashlib.sha256(told).hexdigest()[:11]


def _envelope(envelope: Envelope) -> list[str]:
    return [envelope.peer, envelope.helo, envelope.mail_from]


def _as_json(auth: Authentication) -> dict[str, Any]:
    return {
        "author": auth.author,
        "unclear": auth.unclear,
        "spf": _check(auth.spf),
        "dkim": [_signature(signature) for signature in auth.dkim],
        "dmarc": _check(auth.dmarc),
        "arc": _check(auth.arc),
        "policy": auth.policy,
        "direct": auth.direct,
        "spf_aligned": auth.spf_aligned,
        "arc_vouches": auth.arc_vouches,
        "sealed": sorted(auth.sealed),
        "by": auth.by,
    }


def _check(check: Check) -> list[str]:
    return [check.result, check.domain, check.because]


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "result": signature.result,
        "domain": signature.domain,
        "selector": signature.selector,
        "because": signature.because,
        "signed": sorted(signature.signed),
        "signed_at": signature.signed_at.isoformat() if signature.signed_at else None,
        "aligned": signature.aligned,
    }


def _from_json(value: dict[str, Any]) -> Authentication:
    return Authentication(
        author=value["author"],
        unclear=value["unclear"],
        spf=_read_check(value["spf"]),
        dkim=tuple(_read_signature(item) for item in value["dkim"]),
        dmarc=_read_check(value["dmarc"]),
        arc=_read_check(value["arc"]),
        policy=value["policy"],
        direct=value["direct"],
        spf_aligned=value["spf_aligned"],
        arc_vouches=value["arc_vouches"],
        sealed=frozenset(value["sealed"]),
        by=value["by"],
    )


def _read_check(value: list[str]) -> Check:
    return Check(Result(value[0]), value[1], value[2])


def _read_signature(value: dict[str, Any]) -> Signature:
    at = value["signed_at"]
    return Signature(
        Result(value["result"]),
        value["domain"],
        value["selector"],
        value["because"],
        frozenset(value["signed"]),
        datetime.fromisoformat(at) if at else None,
        value["aligned"],
    )
