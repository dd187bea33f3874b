"""Postfix beside mailtix: a private instance on loopback that keeps what it takes in its hold queue."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving import HOST, server

_MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/lib
daemon_directory = {daemons}
mail_owner = {owner}
setgid_group = {group}
default_privs = nobody
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
relay_domains = helpdesk.example
smtpd_recipient_restrictions = check_client_access static:HOLD, permit_mynetworks, reject
myhostname = mail.helpdesk.example
message_size_limit = 50000000
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LD_LIBRARY_PATH
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
"""
# smtpd → cleanup → the hold queue; nothing here delivers.
_MASTER_CF = """\
{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
"""
_QUEUES = ("incoming", "active", "deferred", "hold", "bounce", "defer", "corrupt", "flush", "trace", "saved", "private")
_DAEMONS = (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix"), Path("/usr/lib/postfix"))


def daemons(unpacked: Path | None) -> Path | str:
    """Where Postfix's daemons are (`unpacked` is looked at first), or why they cannot be run."""
    if os.geteuid() != 0:
        return "Postfix is skipped: its master must be started by root"
    places = (unpacked.resolve(),) if unpacked else _DAEMONS  # master has another working folder
    found = (path for path in places if (path / "master").exists())
    return next(found, None) or "Postfix is skipped: it is not installed (Debian: apt install postfix)"


@contextmanager
def running(folder: Path, daemons: Path, port: int) -> Iterator[int]:
    """A private Postfix that takes mail durably into its hold queue and delivers nothing; gives its master's id."""
    folder.mkdir()
    for above in (folder, folder.parent):
        above.chmod(0o755)  # its daemons give up root, and must still get at their queue
    owner, group = _users()
    for queue in _QUEUES:
        _owned(folder / "spool" / queue, owner, 0o700)
    _owned(folder / "lib", owner, 0o700)
    for shared in ("maildrop", "public"):
        _owned(folder / "spool" / shared, owner, 0o730, group)
    (folder / "spool" / "pid").mkdir()
    etc = folder / "etc"
    etc.mkdir()
    names = {"folder": folder, "daemons": daemons, "owner": owner, "group": group}
    (etc / "main.cf").write_text(_MAIN_CF.format(**names))
    (etc / "master.cf").write_text(_MASTER_CF.format(port=f"{HOST}:{port}"))
    environment = os.environ | {"MAIL_CONFIG": str(etc), "LD_LIBRARY_PATH": str(daemons.parent)}
    command = [str(daemons / "master"), "-d", "-c", str(etc)]
    with server(command, folder / "master.log", port, environment) as pid:
        yield pid


def _users() -> tuple[str, str]:
    """Postfix's own user and group; where it is only unpacked, two that every Debian has and that run nothing."""
    try:
        return pwd.getpwnam("postfix").pw_name, grp.getgrnam("postdrop").gr_name
    except KeyError:
        return "uucp", "games"


def _owned(folder: Path, owner: str, mode: int, group: str | None = None) -> None:
    folder.mkdir(parents=True)
    os.chown(folder, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid if group else -1)
    folder.chmod(mode)


def held(folder: Path) -> int:
    """How many mails are in the hold queue."""
    return sum(path.is_file() for path in (folder / "spool" / "hold").rglob("*"))
