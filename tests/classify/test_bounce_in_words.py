"""Delivery reports that say so in words only, as mail systems write them."""

from __future__ import annotations

import pytest

from mailtix.model.kind import Bounce

DAEMON = {"From": "Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Return_Path": "<>"}

RETURNED = """\
Received: from mail.example.org by mx.example.net; Mon, 4 May 2026 09:59:00 +0200
Message-ID: <17.ab@example.org>
From: support@example.org
To: ann@customer.example
Subject: Re: Printer

Dear Ann,
"""

QMAIL = f"""\
Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@customer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{RETURNED}"""

EXIM = f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@customer.example
    SMTP error from remote mail server after RCPT TO:<ann@customer.example>:
    host mx.customer.example [192.0.2.20]: 552 5.2.2 mailbox is full

------ This is a copy of the message, including all the headers. ------

{RETURNED}"""

EXIM_DELAYED = """\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.net.

The message identifier is:     1tAbCd-000001-AB
The subject of the message is: Re: Printer

The address to which the message has not yet been delivered is:

  ann@customer.example
    host mx.customer.example [192.0.2.20]
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time.
"""

POSTFIX = f"""\
This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<ann@customer.example>: host mx.customer.example[192.0.2.20] said: 550 No such
    user here (in reply to RCPT TO command)
<bob@customer.example>: host mx.customer.example[192.0.2.20] said: 450 4.2.1
    mailbox is disabled (in reply to RCPT TO command)

----- Original message -----

{RETURNED}"""

SENDMAIL = f"""\
The original message was received at Mon, 4 May 2026 09:59:00 +0200
from mail.example.org [192.0.2.1]

   ----- The following addresses had permanent fatal errors -----
<ann@customer.example>
    (reason: 550 5.1.2 Host unknown)

   ----- Transcript of session follows -----
... while talking to mx.customer.example.:
>>> RCPT To:<ann@customer.example>
<<< 550 5.1.2 Host unknown

   ----- Original message follows -----

{RETURNED}"""

EXCHANGE_5 = """\
Your message

  To:      ann@elsewhere.example
  Subject: Re: Printer
  Sent:    Mon, 4 May 2026 09:59:00 +0200

did not reach the following recipient(s):

ann@customer.example on Mon, 4 May 2026 10:00:00 +0200
    The recipient name is not recognized
\tThe MTS-ID of the original message is: c=de;a= ;p=customer;l=MX0605040800K1
    MSEXCH:IMS:CUSTOMER:HQ:MX 0 (000C05A6) Unknown Recipient
"""

DOMINO = """\
Your message

  Subject: Re: Printer

was not delivered to:

  ann@customer.example

because:

  User ann (ann@customer.example) not listed in Domino Directory
"""

GROUPWISE = f"""\
The message that you sent was undeliverable to the following:
\tann (The mailbox is full)

Original message follows.

{RETURNED}"""

OPENSMTPD = f"""\
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

ann@customer.example: 550 5.7.1 Access denied

    Below is a copy of the original message:

{RETURNED}"""

YAHOO = f"""\
Message from mail.example.net.
Unable to deliver message to the following address(es).

<ann@customer.example>:
This user doesn't have a customer.example account (ann@customer.example) [0]

--- Original message follows.

{RETURNED}"""

MAILFOUNDRY = f"""\
Unable to deliver message to: <ann@customer.example>
Delivery failed for the following reason:
Server mx.customer.example[192.0.2.20] failed with: 550 <ann@customer.example> No such user here

This has been a permanent failure.  No further delivery attempts will be made.

{RETURNED}"""

MCAFEE = """\
--- The following addresses had delivery problems ---

<ann@customer.example>   (User unknown ann@customer.example)
"""

JAMES = """\
Hi. This is the James mail server at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

Failed recipient(s):
ann@customer.example

Error message:
550 5.1.1 User unknown

Message details:
  Subject: Re: Printer
  MAIL FROM: support@example.org
"""

HMAIL = """\
Your message did not reach some or all of the intended recipients.

   Sent: Mon, 4 May 2026 09:59:00 +0200
   Subject: Re: Printer

The following recipient(s) could not be reached:

ann@customer.example
   Error Type: SMTP
   Remote server (192.0.2.20) issued an error.
   hMailServer sent: RCPT TO:<ann@customer.example>
   Remote server replied: 550 5.1.1 User unknown
"""

QQ = """\
抱歉,您的邮件被退回来了……

无法发送到 ann@customer.example
退信原因 收件人邮件地址(ann@customer.example)不存在,邮件无法送达。
"""

KDDI = """\
送信先のメールボックスが一杯のため、送信できませんでした。

     Could not be delivered to: <ann@customer.example>
     As their mailbox is full.
"""

T_ONLINE = """\
|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <ann@customer.example> ... unknown host
|------------------------- Message text follows: ------------------------|
"""

EXPANDED = """\
This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<box17@store.example.net> (expanded from <ann@customer.example>): mail quota exceeded
"""


DELIVERY_ERRORS = """\
The original message was received at Mon, 4 May 2026 09:59:00 +0200
from support@example.org

---The following addresses had delivery errors---

ann@customer.example [User unknown]
"""

LOCAL_LIMIT = """\
   ----- The following addresses had delivery problems -----
ann@customer.example

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
"""

ARROWS = f"""\
  ----- The following addresses had permanent fatal errors -----

>>> ann@customer.example <ann@customer.example>
550 sorry, no mailbox here by that name (#5.1.1 - chkusr)

  ----- original message -----

{RETURNED}"""

MAILMARSHAL = """\
Your message:
   From:    support@example.org
   Subject: Re: Printer
Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    ann@customer.example
"""

IMAIL_QUOTA = f"""\
User mailbox exceeds allowed size, mailbox full: ann@customer.example


Original message follows.

{RETURNED}"""

MOBILE = """\
Message could not be delivered to mobile.
Error: No such user

RCPT TO: ann@customer.example
Subject: Re: Printer
"""

GMAIL = f"""\
Delivery to the following recipient failed permanently:

     ann@customer.example

Technical details of permanent failure:
The error that the other server returned was: 550 550 5.2.1 The user you are trying to contact is disabled (state 14).

----- Original message -----

{RETURNED}"""

GERMAN = """\
Ihre Nachricht konnte nicht zugestellt werden.

Folgende Empfänger konnten nicht erreicht werden:

    ann@customer.example
    Postfach ist voll
"""

FRENCH = """\
Échec de la remise pour les destinataires suivants :

    ann@customer.example
    Adresse inconnue
"""

RUSSIAN = """\
К сожалению, Ваше письмо не может быть доставлено следующим получателям:

  ann@customer.example
    Пользователь не найден
"""


@pytest.mark.parametrize(
    ("subject", "text", "status", "action", "permanent", "dead"),
    [
        ("failure notice", QMAIL, "5.1.1", "failed", True, True),
        ("Mail delivery failed: returning message to sender", EXIM, "5.2.2", "failed", True, False),
        ("Warning: message 1tAbCd-000001-AB delayed 24 hours", EXIM_DELAYED, "4.4.1", "delayed", False, False),
        ("Returned mail: see transcript for details", SENDMAIL, "5.1.2", "failed", True, True),
        ("Undeliverable: Re: Printer", EXCHANGE_5, "5.1.1", "failed", True, True),
        ("DELIVERY FAILURE: User ann not listed in Domino Directory", DOMINO, "5.1.1", "failed", True, True),
        ("Message status - undeliverable", GROUPWISE, "5.2.2", "failed", True, False),
        ("Delivery status notification: error", OPENSMTPD, "5.7.1", "failed", True, False),
        ("Delivery failure", YAHOO, "5.1.1", "failed", True, True),
        ("Message delivery has failed", MAILFOUNDRY, "5.1.1", "failed", True, True),
        ("Delivery Status", MCAFEE, "5.1.1", "failed", True, True),
        ("[BOUNCE]", JAMES, "5.1.1", "failed", True, True),
        ("Undeliverable: Re: Printer", HMAIL, "5.1.1", "failed", True, True),
        ("系统退信", QQ, "5.1.1", "failed", True, True),
        ("メールエラー通知", KDDI, "5.2.2", "failed", True, False),
        ("mail failed, returning to sender", T_ONLINE, "5.1.2", "failed", True, True),
        ("Returned Mail", DELIVERY_ERRORS, "5.1.1", "failed", True, True),
        ("Returned mail:", LOCAL_LIMIT, "5.2.2", "failed", True, False),
        ("FAILURE NOTICE :", ARROWS, "5.1.1", "failed", True, True),
        ('Undeliverable Mail: "Re: Printer"', MAILMARSHAL, "5.1.1", "failed", True, True),
        ("Undeliverable Mail", IMAIL_QUOTA, "5.2.2", "failed", True, False),
        ("Undeliverable Message", MOBILE, "5.1.1", "failed", True, True),
        ("Delivery Status Notification (Failure)", GMAIL, "5.2.1", "failed", True, True),
        ("Unzustellbar: Drucker", GERMAN, "5.2.2", "failed", True, False),
        ("Non remis : Imprimante", FRENCH, "5.1.1", "failed", True, True),
        ("Недоставленное сообщение", RUSSIAN, "5.1.1", "failed", True, True),
        ("Undelivered Mail Returned to Sender", EXPANDED, "5.2.2", "failed", True, False),
    ],
)
def test_the_one_recipient_and_what_became_of_him_is_read(kind_of, subject, text, status, action, permanent, dead):
    kind = kind_of(text, Subject=subject, **DAEMON)

    assert isinstance(kind, Bounce)
    [failed] = kind.recipients
    assert failed.addr == "ann@customer.example"
    assert (failed.status, failed.action, failed.permanent, failed.dead) == (status, action, permanent, dead)


def test_each_recipient_of_a_report_has_his_own_reason(kind_of):
    kind = kind_of(POSTFIX, Subject="Undelivered Mail Returned to Sender", **DAEMON)

    assert isinstance(kind, Bounce)
    assert [(r.addr, r.status, r.permanent) for r in kind.recipients] == [
        ("ann@customer.example", "5.1.1", True),
        ("bob@customer.example", "4.2.1", False),
    ]
    assert "No such user" in kind.recipients[0].reason


@pytest.mark.parametrize("text", [QMAIL, EXIM, SENDMAIL, GROUPWISE, OPENSMTPD, YAHOO, MAILFOUNDRY])
def test_the_message_id_of_the_returned_mail_is_found_in_the_text(kind_of, text):
    kind = kind_of(text, Subject="failure notice", **DAEMON)

    assert isinstance(kind, Bounce)
    assert kind.original_id == "17.ab@example.org"


def test_the_recipients_that_a_field_lists_come_before_those_of_the_text(kind_of):
    kind = kind_of(
        "Your message to somebody could not be delivered. contact help@example.net",
        Subject="Delivery Status Notification (Failure)",
        X_Failed_Recipients="ann@customer.example, bob@customer.example",
        **DAEMON,
    )

    assert isinstance(kind, Bounce)
    assert [r.addr for r in kind.recipients] == ["ann@customer.example", "bob@customer.example"]


def test_where_the_report_names_nobody_the_returned_mail_s_recipient_is_meant(kind_of):
    kind = kind_of(f"Your message could not be delivered.\n\n{RETURNED}", Subject="Returned mail", **DAEMON)

    assert isinstance(kind, Bounce)
    assert [r.addr for r in kind.recipients] == ["ann@customer.example"]


def test_a_report_from_a_role_address_needs_subject_text_and_recipient(kind_of):
    sender = {"From": "Postmaster <postmaster@customer.example>"}
    report = kind_of(
        "Unknown user: ann@customer.example\n\nOriginal message follows.", Subject="Undeliverable Mail", **sender
    )

    assert isinstance(report, Bounce)
    assert not isinstance(kind_of("Your mail system has an error.", Subject="Undeliverable Mail", **sender), Bounce)
    assert not isinstance(kind_of("Unknown user: ann@customer.example", Subject="New accounts", **sender), Bounce)
