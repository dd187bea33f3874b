"""The structured report: message/delivery-status. RFC 3464, RFC 6522."""

from __future__ import annotations

import re

from mailtix.classify.bounce.status import code_of_words, enhanced_code, is_dead, is_vague, status_field
from mailtix.classify.fields import Group, fields_of
from mailtix.model.kind import FailedRecipient

# RFC 3464 section 2.3.3; the others say that the mail went well.
_FAILED, _DELAYED = "failed", "delayed"
_WENT_WELL = ("delivered", "relayed", "expanded")
_ADDRESS_FIELDS = (
    "original-recipient",
    "final-recipient",
    "x-actual-recipient",
    "x-original-recipient",
    "x-failed-recipient",
    "recipient",
)
_HEX = re.compile(r"\+([0-9A-Fa-f]{2})")
_EMBEDDED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_REASON = 500


def recipients_of(text: str) -> tuple[list[FailedRecipient], bool]:
    """The failed and delayed recipients in the order of the report, and whether any recipient's delivery went well."""
    found: dict[str, FailedRecipient] = {}
    went_well = False
    for group in fields_of(text):
        if action_of(group) in _WENT_WELL:
            went_well = True
        elif recipient := _recipient(group):
            found.setdefault(recipient.addr.lower(), recipient)
    return list(found.values()), went_well


def action_of(group: Group) -> str:
    """The Action in lower case, made from Status when it is missing; "" when the group is of another kind."""
    action = re.split(r"[\s(;]", group.get("action", "").lower().strip())[0]
    if action in (_FAILED, _DELAYED, *_WENT_WELL):
        return action
    if "status" in group and any(name in group for name in _ADDRESS_FIELDS):
        return {"2": "delivered", "4": _DELAYED}.get(status_field(group["status"])[:1], _FAILED)
    return _FAILED if action.startswith("fail") else _DELAYED if action.startswith("delay") else ""


def _recipient(group: Group) -> FailedRecipient | None:
    action = action_of(group)
    address, final = _addresses(group)
    if not action or not address:
        return None
    diagnostic = _words(group.get("diagnostic-code", ""))
    status = _status(status_field(group.get("status", "")), diagnostic, action)
    return FailedRecipient(
        addr=address,
        status=status,
        action=action,
        permanent=action == _FAILED and not status.startswith("4"),
        reason=diagnostic[:_REASON],
        final=final if final.lower() != address.lower() else "",
        dead=action == _FAILED and is_dead(status, diagnostic),
    )


def _status(told: str, diagnostic: str, action: str) -> str:
    """The receiving server's own code in the diagnostic, for many MTAs translate it badly (sendmail makes every refusal
    5.1.1); else the report's; where that is missing, what the words mean."""
    inside = enhanced_code(diagnostic)
    if inside and not is_vague(inside) and (not told or inside[0] == told[0]):
        return inside
    return told or code_of_words(diagnostic, delayed=action == _DELAYED)


def _addresses(group: Group) -> tuple[str, str]:
    """Whom we wrote to, and where it went in the end: the receiver may have aliases (RFC 3464 section 2.3.1)."""
    given = [_address(group[name]) for name in _ADDRESS_FIELDS if name in group]
    whole = [address for address in given if "@" in address] or [address for address in given if address]
    final = _address(group.get("final-recipient", ""))
    return (whole[0], final) if whole else ("", "")


def _address(value: str) -> str:
    """The address of "rfc822; <ann@example.org>", its xtext (RFC 3461 section 4) and RFC 6533 escapes undone."""
    kind, semicolon, rest = value.partition(";")
    address = (rest if semicolon else kind).strip().strip("<>").strip()
    address = re.split(r"[\s,]", address)[0] if "@" in address else address
    if kind.strip().lower() == "utf-8":
        address = _EMBEDDED.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) <= 0x10FFFF else "", address)
    return (
        _HEX.sub(lambda m: chr(int(m[1], 16)), address).strip("<>\"' ") if "+" in address else address.strip("<>\"' ")
    )


def _words(diagnostic: str) -> str:
    """The diagnostic without its type: "smtp; 550 no such user" → "550 no such user"."""
    kind, semicolon, rest = diagnostic.partition(";")
    return rest.strip() if semicolon and len(kind) < 20 else diagnostic.strip()
