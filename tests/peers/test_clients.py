"""Real mail clients: swaks, s-nail and mutt send, and answer what came."""

from __future__ import annotations

import email
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from email.message import Message
from pathlib import Path

import pytest

from running import Daemon, asked, settings, until
from smarthost import Smarthost

pytestmark = pytest.mark.peers


def call(command: list[str], folder: Path, stdin: str = "") -> str:
    """Runs a mail client, which must be content; its home is `folder`."""
    environment = {
        "HOME": str(folder),
        "MAILRC": str(folder / ".mailrc"),
        "PATH": "/usr/bin:/bin:/usr/sbin",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=60, cwd=folder, env=environment)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_readmes_first_ten_minutes_with_swaks(tmp_path: Path) -> None:
    with closing(Smarthost()) as smarthost:
        config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", outbound=smarthost.settings)
        with closing(Daemon(config)) as daemon:
            daemon.wait("ready")
            swaks = ["swaks", "--server", f"127.0.0.1:{daemon.port()}"]
            call([*swaks, "--from", "ann@example.org", "--to", "support@desk.example", "--body", "Help!"], tmp_path)
            [notice] = smarthost.to("bob@desk.example")
            body = "#priority high\\n\\nPlease switch it off and on again."
            call([*swaks, "--from", "bob@desk.example", "--to", notice.reply_to, "--body", body], tmp_path)

            _, answer = smarthost.to("ann@example.org", 2)

            assert "switch it off" in answer.text
            assert b"bob@desk.example" not in answer.message.as_bytes()
            assert asked(config, "tickets", "list")[0]["priority"] == "high"
            refused = subprocess.run([*swaks, "--to", "nobody@else.example"], capture_output=True, timeout=60)
            assert b"550 5.1.1" in refused.stdout


def _answer_with_s_nail(box: Path, url: str, folder: Path) -> None:
    """Answers the only mail of a mailbox as the program does it: quoting, Reply-To, References and all."""
    (folder / ".mailrc").write_text(
        f"set v15-compat mta=smtp://{url} smtp-auth=none from=bob@desk.example hostname=desk.example\n"
        "set quote indentprefix='> ' sendwait\n"
    )
    call(["s-nail", "-#", "-f", str(box)], folder, "reply 1\nUse water.\n~.\nxit\n")


def _answer_with_mutt(box: Path, url: str, folder: Path) -> None:
    """The same with a program that wants a terminal, and an editor to write with."""
    editor = folder / "editor"
    editor.write_text('#!/bin/sh\n{ echo "Use water."; echo; cat "$1"; } > "$1.new" && mv "$1.new" "$1"\n')
    editor.chmod(0o755)
    (folder / "muttrc").write_text(
        f"set smtp_url=smtp://{url}/ ssl_starttls=no ssl_force_tls=no use_envelope_from=yes\n"
        "set from=bob@desk.example hostname=desk.example\n"
        f"set editor={editor} fast_reply=yes include=yes reply_to=yes abort_unmodified=no copy=no\n"
        f"set folder={folder} spoolfile={box} tmpdir={folder}\n"
        "set quit=yes delete=no move=no confirmappend=no wait_key=no\n"
    )
    keys = "<first-entry><reply><send-message><quit>"
    mutt = f"mutt -n -F {folder}/muttrc -f {box} -e 'push \"{keys}\"'"
    call(["script", "-qec", mutt, "/dev/null"], folder)


@pytest.mark.parametrize("answer", [_answer_with_s_nail, _answer_with_mutt])
def test_a_notice_that_is_answered_keeps_its_key_and_its_thread(
    tmp_path: Path, answer: Callable[[Path, str, Path], None]
) -> None:
    with closing(Smarthost()) as smarthost:
        config = settings(tmp_path, f"sqlite:///{tmp_path}/mailtix.db", outbound=smarthost.settings)
        with closing(Daemon(config)) as daemon:
            daemon.wait("ready")
            url = f"127.0.0.1:{daemon.port()}"
            swaks = ["swaks", "--server", url, "--from", "ann@example.org", "--to", "support@desk.example"]
            call([*swaks, "--header", "Message-Id: <1@example.org>", "--body", "It burns."], tmp_path)
            [notice] = smarthost.to("bob@desk.example")
            box = tmp_path / "inbox"
            box.write_bytes(
                b"From x Fri Nov 20 09:00:00 2026\n" + notice.message.as_bytes().replace(b"\r\n", b"\n") + b"\n"
            )
            answer(box, url, tmp_path)

            _, told = smarthost.to("ann@example.org", 2)

            assert "Use water." in told.text
            assert not [word for word in ("#resolve", "reply above", "Priority") if word in told.text]
            assert told.message["In-Reply-To"] == "<1@example.org>"
            [ticket] = until(lambda: asked(config, "tickets", "list"))
            assert ticket["status"] == "waiting_customer"
            [joined] = daemon.lines("joined")
            assert joined["because"] == "the signed reply address of bob@desk.example"
            _, sent = raw_mails(tmp_path)
            assert notice.reply_to in str(sent["To"])
            assert sent["In-Reply-To"] == f"<{notice.id}>"
            assert f"<{notice.id}>" in str(sent["References"])


def raw_mails(folder: Path) -> list[Message]:
    """Every mail that came in, as it came."""
    with closing(sqlite3.connect(folder / "mailtix.db")) as database:
        return [email.message_from_bytes(raw) for (raw,) in database.execute("SELECT data FROM raw_mails ORDER BY id")]
