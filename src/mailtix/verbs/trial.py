"""send-test: a first mail to the running daemon."""

from __future__ import annotations

import argparse
import os
import smtplib
import sys
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from mailtix.clock import clock
from mailtix.terms import read_config

_TEXT = "Hello,\n\nthis is a first mail to see what becomes of it.\n\nAnn\n"


def send_test(arguments: argparse.Namespace) -> int:
    """Sends a mail to the first mailbox over SMTP, as any customer would."""
    config = read_config(Path(arguments.config), os.environ)
    endpoint = config.listen.smtp
    if endpoint is None:
        print("mailtix: `listen.smtp` is null in the settings, so no mail can be sent to it", file=sys.stderr)
        return 2
    mailbox = config.companies[0].mailboxes[0].address
    message = EmailMessage(policy=SMTP)
    message["From"] = arguments.sender
    message["To"] = mailbox
    message["Subject"] = arguments.subject
    message["Date"] = format_datetime(clock())
    message["Message-ID"] = make_msgid(domain="example.org")
    message.set_content(_TEXT)
    try:
        with smtplib.SMTP(endpoint.host, endpoint.port, timeout=30) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(arguments.sender)
            code, reply = client.rcpt(mailbox)
            if code == 250:
                code, reply = client.data(message.as_bytes())
    except OSError as error:
        print(f"mailtix: nothing answers on {endpoint} ({error}); start it with: mailtix serve", file=sys.stderr)
        return 1
    print(f"{arguments.sender} → {mailbox}: {code} {reply.decode('utf-8', 'replace')}")
    if code == 250:
        where = config.outbound.smtp.host if config.outbound.smtp else config.outbound.maildir
        print(f"Now see: mailtix tickets list   and the receipt in {where}")
    return 0 if code == 250 else 1
