"""Postfix and Exim of a test's own: on loopback, in a folder, with the lines that our documents tell people to write.

Both are only unpacked (scripts/install-peers), and need root. Who connects from 127.0.0.1 may send anywhere; 127.0.0.2
is a stranger, from whom they take mail for their own domains only. All mail that is not for mailtix goes to `sink`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
from pathlib import Path

from running import until

ROOT = Path(__file__).parents[2]
_PEERS = ROOT / ".venv" / "peers"
_STRANGER = "127.0.0.2"

_MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/lib
daemon_directory = {program}/sbin
command_directory = {program}/../../sbin
mail_owner = uucp
setgid_group = games
default_privs = nobody
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
mydestination = {local}
alias_maps =
myhostname = mx.mta.test
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LD_LIBRARY_PATH
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
"""
_MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
"""
_QUEUES = ("incoming", "active", "deferred", "hold", "bounce", "defer", "corrupt", "flush", "trace", "saved", "private")

_EXIM_CONF = """\
exim_path = {program}
deliver_drop_privilege
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
primary_hostname = mx.mta.test
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
acl_smtp_rcpt = rcpt
hostlist own = 127.0.0.1
{main}

begin acl
rcpt:
{acl}
accept
  hosts = +own
deny
  message = relay not permitted

begin routers
{routers}
sink:
  driver = manualroute
  domains = ! +mailtix_domains
  transport = sink
  route_list = * 127.0.0.1
  self = send

begin transports
{transports}
sink:
  driver = smtp
  port = {sink}
  allow_localhost
  rcpt_include_affixes
  hosts_avoid_tls = *

begin retry
* * F,1h,1s
"""


def block(document: str, name: str) -> str:
    """The lines that a document of deploy/ gives under that name."""
    text = (ROOT / "deploy" / document).read_text(encoding="utf-8")
    found = re.search(rf"^```{re.escape(name)}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found, f"deploy/{document} has no block {name}"
    return found[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Mta:
    """A mail server that hands mailtix's mail to `doors` (smtp and lmtp, on ports of loopback)."""

    def __init__(self, folder: Path, sink: int, doors: dict[str, int], door: str) -> None:
        self.port = free_port()
        self.folder = folder
        self.sink = sink
        self.doors = doors
        self.door = door
        folder.mkdir()
        for above in (folder, folder.parent):
            above.chmod(0o755)  # it gives up root, and must still get at its queue
        self._process = self._start()
        try:
            until(self._is_up)
        except BaseException:
            self.close()
            raise

    def _start(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _is_up(self) -> bool:
        assert self._process.poll() is None, self.log
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
            return probe.recv(3) == b"220"
        return False

    @property
    def log(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("log*")))

    def with_ports(self, text: str) -> str:
        """Lines of a document with the ports of this test."""
        return text.replace("2424", str(self.doors["lmtp"])).replace("2525", str(self.doors["smtp"]))

    def take(self, raw: bytes, sender: str, *recipients: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        """Sends a mail as a stranger does; returns the reply to its end, or to the command that was refused."""
        with smtplib.SMTP("127.0.0.1", self.port, source_address=(_STRANGER, 0), timeout=60) as client:
            client.ehlo("client.example.org")
            client.command_encoding = "utf-8" if options else "ascii"
            code, reply = client.docmd("MAIL", f"FROM:<{sender}> {' '.join(options)}".strip())
            for recipient in recipients:
                if code == 250:
                    code, reply = client.docmd("RCPT", f"TO:<{recipient}>")
            if code == 250:
                code, reply = client.data(raw)
            return code, reply.decode("utf-8", "replace")

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        print(f"--- {type(self).__name__}\n{self.log[-8000:]}")


class Postfix(Mta):
    """Postfix with the lines of deploy/postfix.md. `local`: the domain has other mailboxes, too."""

    local = False

    def _start(self) -> subprocess.Popen[bytes]:
        unpacked = _PEERS / "postfix"
        assert unpacked.is_dir(), "needs scripts/install-peers"
        program = unpacked / "usr" / "lib" / "postfix"
        owner, group = pwd.getpwnam("uucp").pw_uid, 60
        for queue in _QUEUES:
            _owned(self.folder / "spool" / queue, owner, 0o700)
        _owned(self.folder / "lib", owner, 0o700)
        for shared in ("maildrop", "public"):
            _owned(self.folder / "spool" / shared, owner, 0o730, group)
        (self.folder / "spool" / "pid").mkdir()
        etc = self.folder / "etc"
        etc.mkdir()
        environment = os.environ | {"MAIL_CONFIG": str(etc), "LD_LIBRARY_PATH": str(program)}
        own = block("postfix.md", "local.cf" if self.local else "main.cf").replace("/etc/postfix", str(etc))
        local = "desk.example" if self.local else ""
        fixed = _MAIN_CF.format(folder=self.folder, program=program, sink=self.sink, local=local)
        (etc / "main.cf").write_text(fixed + own)
        (etc / "master.cf").write_text(_MASTER_CF.format(port=self.port))
        transport = block("postfix.md", "transport")
        if self.door == "smtp":
            transport = transport.replace("lmtp:inet:127.0.0.1:2424", "smtp:[127.0.0.1]:2525")
        (etc / "mailtix").write_text(self.with_ports(transport))
        subprocess.run([unpacked / "usr" / "sbin" / "postmap", etc / "mailtix"], env=environment, check=True)
        return subprocess.Popen([program / "sbin" / "master", "-d", "-c", etc], env=environment, start_new_session=True)


class PostfixWithOthers(Postfix):
    local = True


class Exim(Mta):
    """Exim with the lines of deploy/exim.md. It asks for a user of its own, which a namespace of its own gives it."""

    def _start(self) -> subprocess.Popen[bytes]:
        program = _PEERS / "exim4-daemon-light" / "usr" / "sbin" / "exim4"
        assert program.exists(), "needs scripts/install-peers"
        mail = pwd.getpwnam("mail")
        _owned(self.folder / "spool", mail.pw_uid, 0o750, mail.pw_gid)
        _owned(self.folder / "etc", 0, 0o755)
        shutil.chown(self.folder, mail.pw_uid)
        parts = {name: block("exim.md", name) for name in ("main", "acl", "routers", "transports")}
        if self.door == "smtp":
            parts["transports"] = re.sub(" *protocol = lmtp\n", "", parts["transports"]).replace("2424", "2525")
        parts = {name: self.with_ports(text) for name, text in parts.items()}
        config = self.folder / "etc" / "exim.conf"
        config.write_text(
            _EXIM_CONF.format(program=program, folder=self.folder, port=self.port, sink=self.sink, **parts)
        )
        for name, line in (("passwd", f"Debian-exim:x:{mail.pw_uid}:{mail.pw_gid}::/:/bin/false"),
                           ("group", f"Debian-exim:x:{mail.pw_gid}:")):  # fmt: skip
            (self.folder / "etc" / name).write_text(Path("/etc", name).read_text() + line + "\n")
        etc = self.folder / "etc"
        command = f"mount --bind {etc}/passwd /etc/passwd && mount --bind {etc}/group /etc/group"
        shell = f"{command} && exec {program} -C {config} -bdf -q1s"
        return subprocess.Popen(["unshare", "--mount", "sh", "-c", shell])


def _owned(folder: Path, owner: int, mode: int, group: int = -1) -> None:
    folder.mkdir(parents=True)
    os.chown(folder, owner, group)
    folder.chmod(mode)
