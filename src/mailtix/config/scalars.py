"""The single values of the settings: durations, sizes, addresses, places to listen, paths, URLs."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from glob import escape, has_magic
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr, ValidationInfo

from mailtix.yamltext import did_you_mean, wrong

# ---------------------------------------------------------------- durations and sizes

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_LONGEST = timedelta(days=3660)  # ten years; what is longer is a slip of the finger, and far from timedelta's end

# KB is 1000 and KiB 1024 (IEC 80000-13).
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d{1,12})\s*([a-z]{0,3})", re.ASCII | re.IGNORECASE)


def parse_duration(value: Any) -> timedelta:
    """The duration of a text such as 15m, 1h30m or 2d."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.replace(" ", "")) if isinstance(value, str) and len(value) < 40 else None
    if found is None or not any(found.groups()):
        raise wrong("this is not a duration", "write it with its units: 90s, 15m, 4h, 2d or 1h30m")
    numbers = (int(part or 0) for part in found.groups())
    seconds = sum(number * size for number, size in zip(numbers, _SECONDS.values(), strict=True))
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise wrong("a duration is longer than 0s and at most ten years")
    return timedelta(seconds=seconds)


def duration_text(value: timedelta) -> str:
    """The duration as people write it: 1h30m, and 24h rather than 1d."""
    rest, parts = int(value.total_seconds()), []
    for unit, size in _SECONDS.items():
        if unit == "d" and rest < 2 * size:
            continue
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _parse_size(value: Any) -> int:
    found = _SIZE.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None or isinstance(value, bool) or int(found[1]) == 0:
        raise wrong("this is not a size", "write it as 50MB (a million bytes each) or 50MiB (1024 × 1024 bytes each)")
    return int(found[1]) * unit


def _size_text(value: int) -> str:
    units = [(name, size) for name, size in _UNITS.items() if name.endswith("b") and value % size == 0]
    name, size = max(units, key=lambda unit: unit[1])
    return f"{value // size}{name.upper().replace('I', 'i')}" if size > 1 else str(value)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(duration_text, str)]
Size = Annotated[int, BeforeValidator(_parse_size), PlainSerializer(_size_text, str)]

# ---------------------------------------------------------------- addresses

# The dot-string and domain of RFC 5321 section 4.1.2 (UTF-8 by RFC 6531), without quoted strings, which nobody
# chooses for a mailbox.
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:[^\W_](?:[\w-]*[^\W_])?)(?:\.[^\W_](?:[\w-]*[^\W_])?)*"
)
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3: a path of 256 octets holds the angle brackets


def _address(value: str) -> str:
    """The address with its domain in lower case."""
    address = value.strip()
    if len(address.encode(errors="replace")) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise wrong(f"'{value[:80]}' is not a mail address", "write it as name@example.com, without a display name")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _mailbox_address(value: str) -> str:
    if "+" in value.partition("@")[0]:
        raise wrong("a mailbox address cannot hold a '+'", "what follows a '+' is our own mark in reply addresses")
    return value


MailAddress = Annotated[str, AfterValidator(_address)]
MailboxAddress = Annotated[str, AfterValidator(_address), AfterValidator(_mailbox_address)]

# ---------------------------------------------------------------- hosts and ports


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen. Port 0 lets the system choose a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_ENDPOINT = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([\w.-]+)):(\d{1,5})", re.ASCII)


def _endpoint(value: Any) -> Endpoint:
    if isinstance(value, Endpoint):
        return value
    found = _ENDPOINT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found[3]) > 65535:
        raise wrong("this is not a host and a port", "write it as 127.0.0.1:2525, or [::1]:2525 for IPv6")
    return Endpoint(found[1] or found[2], int(found[3]))


def _name_server(value: Any) -> Endpoint:
    """A DNS server is named by its address: its name could only be asked of itself."""
    text = value.strip() if isinstance(value, str) else str(value)
    bare = text.count(":") > 1 and "]" not in text  # IPv6 without a port
    try:
        server = _endpoint(f"[{text}]:53" if bare else text if ":" in text else f"{text}:53")
        ipaddress.ip_address(server.host)
    except ValueError:
        raise wrong("this is not the address of a DNS server", "write it as 127.0.0.1:53, or [::1]:53") from None
    return server


def _domain(value: str) -> str:
    domain = value.strip().lower().rstrip(".")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", domain) or len(domain) > 253:
        raise wrong(f"'{value[:80]}' is not a domain", "write it as mx.example.com")
    return domain


def _host(value: str) -> str:
    if not value or not re.fullmatch(r"[\w.:-]+", value):
        raise wrong(f"'{value[:80]}' is not a host name", "the port has a key of its own: `port`")
    return value


def _scanner(value: Any) -> Endpoint | Path:
    """A socket's path is absolute: nothing else could tell it from a host."""
    if isinstance(value, Path) or (isinstance(value, str) and value.strip().startswith(("/", "~"))):
        return expanded(str(value).strip())
    try:
        return _endpoint(value)
    except ValueError:
        hint = "write it as 127.0.0.1:3310, or as the path of a socket: /run/clamav/clamd.ctl"
        raise wrong("this is not where a clamd can be asked", hint) from None


_KIND = re.compile(r"[a-z0-9_-]{1,30}|[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


def _file_kind(value: str) -> str:
    """An extension without its dot, or a media type (RFC 6838 section 4.2); both in lower case."""
    kind = value.strip().lower().removeprefix("*").removeprefix(".")
    if not _KIND.fullmatch(kind):
        hint = "write an extension (exe) or a type (application/x-msdownload)"
        raise wrong(f"'{value[:80]}' is no kind of file", hint)
    return kind


Listening = Annotated[Endpoint, BeforeValidator(_endpoint), PlainSerializer(str, str)]
NameServer = Annotated[Endpoint, BeforeValidator(_name_server), PlainSerializer(str, str)]
Domain = Annotated[str, AfterValidator(_domain)]
Host = Annotated[str, AfterValidator(_host)]
ScannerAddress = Annotated[Endpoint | Path, BeforeValidator(_scanner), PlainSerializer(str, str)]
FileKind = Annotated[str, AfterValidator(_file_kind)]

# ---------------------------------------------------------------- paths and URLs


def _folder(info: ValidationInfo) -> Path:
    """The folder that relative paths begin at: the one of the settings file."""
    return Path((info.context or {}).get("folder", "."))


def expanded(value: str | Path) -> Path:
    """The path with ~ filled in. Raises pydantic's error with a sentence."""
    if "\0" in str(value):
        raise wrong("a path cannot hold the character U+0000")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise wrong(f"there is no home folder for {Path(value).parts[0]}") from None


def _anchored(value: Path, info: ValidationInfo) -> Path:
    return _folder(info) / expanded(value)


def _pattern(value: str, info: ValidationInfo) -> str:
    """The absolute pattern. A name without wildcards must be there; a pattern may find nothing yet."""
    path = expanded(value)
    return str(Path(escape(str(_folder(info)))) / path if has_magic(value) else _existing(_folder(info) / path))


def _existing(value: Path) -> Path:
    if not os.path.isfile(value):  # not Path.is_file(): that one raises on names that are too long
        raise wrong(f"there is no file {value}", "relative paths begin at the folder of the settings file")
    return value


AnyPath = Annotated[Path, AfterValidator(_anchored)]
ExistingFile = Annotated[Path, AfterValidator(_anchored), AfterValidator(_existing)]
FilePattern = Annotated[str, AfterValidator(_pattern)]

_POSTGRESQL = "postgresql+psycopg://"
_SQLITE_FILE = re.compile(r"sqlite:///(?!/|:memory:)([^?]+)(.*)", re.DOTALL)


def _database(value: str, info: ValidationInfo) -> str:
    """The URL with the driver that we bring, and a relative SQLite file made absolute."""
    scheme = value.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        value, scheme = f"{_POSTGRESQL}{value.partition('://')[2]}", "postgresql+psycopg"
    if scheme not in ("sqlite", "postgresql+psycopg") or "://" not in value:
        hint = "write sqlite:///var/mailtix.db or postgresql+psycopg://user@host/db"
        raise wrong("this is not a database we know", hint)
    if found := _SQLITE_FILE.fullmatch(value):
        return f"sqlite:///{(_folder(info) / found[1]).absolute()}{found[2]}"
    return value


def _redis(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise wrong("this is not the URL of a Redis", "write it as redis://host:6379/0, or null to do without")
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database)]
RedisUrl = Annotated[str, AfterValidator(_redis)]

# ---------------------------------------------------------------- the rest

_NUMBER_FIELDS = ["year", "month", "date", "epoch", "seq"]


def _ticket_number(value: str) -> str:
    """A pattern that holds {seq}: without it two tickets would have one number."""
    try:
        fields = [(name, spec) for _, name, spec, _ in Formatter().parse(value) if name is not None]
    except ValueError:
        raise wrong("a brace is not closed", "write it as TKT-{year}-{seq:06}") from None
    for name, spec in fields:
        if name not in _NUMBER_FIELDS:
            raise wrong(f"there is no {{{name}}} in a ticket number", did_you_mean(name, _NUMBER_FIELDS))
        if spec and not (name == "seq" and re.fullmatch(r"0?[1-9]", spec)):
            raise wrong(f"{{{name}:{spec}}} cannot be used", "only {seq} has a width: {seq:06} is six digits")
    if "seq" not in dict(fields):
        raise wrong("a ticket number needs {seq}", "write it as TKT-{year}-{seq:06}")
    if not re.fullmatch(r"(?:\w|[-./{}:])+", value, re.ASCII):  # it stands in [brackets] in subjects
        raise wrong("a ticket number holds letters, digits and - . / only")
    return value


def one_or_many(value: Any) -> Any:
    """A single text is a list of one."""
    return [value] if isinstance(value, str) else value


def _strong(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 16:  # RFC 2104 section 3 discourages short keys; 16 random letters are ~80 bits
        raise wrong("a secret has at least 16 characters", "make one with: openssl rand -hex 32")
    return value


def hidden_password(url: str) -> str:
    """The URL with *** for its password, in the user part or the query."""
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    if at and ":" in user:
        rest = f"{user.partition(':')[0]}:***@{host}"
    return re.sub(r"([?&](?:password|sslpassword)=)[^&]*", r"\1***", f"{scheme}{separator}{rest}", flags=re.IGNORECASE)


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):  # RFC 5646 section 2.1
        raise wrong(f"'{value[:40]}' is not a language", "write its code: en, de, pt-BR")
    return value


def _hide(_: object) -> str:
    return "***"


_hide_text: Callable[[object], str] = _hide
TicketNumber = Annotated[str, AfterValidator(_ticket_number)]
Language = Annotated[str, AfterValidator(_language)]
Names = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Password = Annotated[SecretStr, PlainSerializer(_hide_text, str)]
SigningSecret = Annotated[SecretStr, AfterValidator(_strong), PlainSerializer(_hide_text, str)]
