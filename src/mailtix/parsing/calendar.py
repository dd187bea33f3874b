"""A calendar invitation as a few lines of text (RFC 5545, RFC 5546)."""

from __future__ import annotations

import re

_FOLD = re.compile(r"\r?\n[ \t]")  # RFC 5545 section 3.1
# Name, parameters (a quoted one may hold anything), value: RFC 5545 section 3.1. Possessive: no backtracking.
_LINE = re.compile(r"^([A-Za-z-]{1,40}+)((?:;[^;:\n\"]*+(?:\"[^\"\n]*+\"[^;:\n\"]*+)*+)*+):(.{0,2000})", re.MULTILINE)
_ESCAPE = re.compile(r"\\([\\;,nN])")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_TZID = re.compile(r";TZID=\"?([^;:\"]+)", re.IGNORECASE)
_CN = re.compile(r";CN=(?:\"([^\"]*)\"|([^;:]*))", re.IGNORECASE)
_TITLES = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Other time proposed",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
MAX_CALENDAR = 200_000
"""Characters read; an invitation has a few KB, a whole exported calendar is a file."""


def describe_calendar(text: str) -> str:
    """Method, summary, time, place and organiser of the first event in `text`; "" if there is none."""
    text = _FOLD.sub("", text[:MAX_CALENDAR])
    method = re.search(r"^METHOD:\s*(\w+)", text, re.MULTILINE | re.IGNORECASE)
    begin = text.upper().find("BEGIN:VEVENT")
    if begin < 0:
        return ""
    end = text.upper().find("END:VEVENT", begin)
    fields: dict[str, tuple[str, str]] = {}
    for name, parameters, value in _LINE.findall(text[begin : end if end > 0 else None]):
        if name.upper() == "BEGIN" and value.strip().upper() == "VALARM":
            break
        fields.setdefault(name.upper(), (parameters, _ESCAPE.sub(_unescape, value).strip()))
    return "\n".join(_lines(fields, method[1].upper() if method else "PUBLISH"))


def _lines(fields: dict[str, tuple[str, str]], method: str) -> list[str]:
    lines = [f"{_TITLES.get(method, 'Event')}: {fields.get('SUMMARY', ('', ''))[1] or '(no title)'}"]
    start, end = _moment(fields.get("DTSTART")), _moment(fields.get("DTEND"))
    if start:
        lines.append(f"When: {start}{f' – {end}' if end else ''}")
    if place := fields.get("LOCATION", ("", ""))[1]:
        lines.append(f"Where: {place}")
    if organiser := _person(fields.get("ORGANIZER")):
        lines.append(f"Organiser: {organiser}")
    if method == "REPLY" and (attendee := fields.get("ATTENDEE")):
        answer = next((word for code, word in _ANSWERS.items() if code in attendee[0].upper()), "answered")
        lines.append(f"{_person(attendee)}: {answer}")
    return lines


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] in "nN" else match[1]


def _moment(field: tuple[str, str] | None) -> str:
    """2026-11-20 10:00 with the zone as it is written there; zones are not resolved."""
    match = _DATE.match(field[1]) if field else None
    if field is None or match is None:
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if not match[4]:
        return day
    zone = _TZID.search(field[0])
    return f"{day} {match[4]}:{match[5]}{' UTC' if match[7] else f' {zone[1]}' if zone else ''}"


def _person(field: tuple[str, str] | None) -> str:
    if field is None:
        return ""
    name = _CN.search(field[0])
    address = field[1].removeprefix("mailto:").removeprefix("MAILTO:").strip()
    shown = (name[1] or name[2] or "").strip() if name else ""
    return f"{shown} <{address}>" if shown and shown != address else address
