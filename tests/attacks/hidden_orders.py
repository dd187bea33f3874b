"""Orders where an agent did not write them: in what his own mail, with his own key, quotes, carries and hides."""

from __future__ import annotations

import base64
from collections.abc import Callable

from attacks.attack import Attack, Twin
from attacks.scene import ANN, BOB, ORDER, ORDERS, OURS, Incoming, Scene

HTML = "Content-Type: text/html; charset=utf-8"
TEXT = "Content-Type: text/plain; charset=utf-8"
SAID = "Hello there, we look after it."
QUOTED = "".join(f"> {line}\n" for line in ORDER.splitlines())
LINES = "<br>".join(ORDER.splitlines())


def saying(body: str | bytes, *fields: str, subject: str = "Re: Fire") -> Callable[[Scene], Incoming]:
    """Bob's answer to his notice, with his key."""

    def mail(scene: Scene) -> Incoming:
        key = scene.key("bob")
        head = [f"From: {BOB}", f"To: {key}", f"Subject: {subject}", "MIME-Version: 1.0"]
        return scene.written([*head, *(fields or (TEXT,))], body, to=(key,), mail_from=BOB, peer=OURS)

    return mail


def hidden(style: str) -> Callable[[Scene], Incoming]:
    """His answer in HTML, with the orders above it in an element of that style."""
    return saying(f'<html><body><div style="{style}">{LINES}</div><p>{SAID}</p></body></html>', HTML)


def element(html: str) -> Callable[[Scene], Incoming]:
    return saying(f"<html>{html.format(orders=LINES)}<p>{SAID}</p></html>", HTML)


def beside(*fields: str, body: str = ORDER, kind: str = "mixed") -> Callable[[Scene], Incoming]:
    """His answer, and another part beside it."""
    parts = f"--b\n{TEXT}\n\n{SAID}\n--b\n" + "\n".join(fields) + f"\n\n{body}\n--b--\n"
    return saying(parts, f'Content-Type: multipart/{kind}; boundary="b"')


def in_mail(body: str) -> str:
    return f"From: {ANN}\nTo: support@desk.example\nSubject: Fire\nDate: Fri, 20 Nov 2026 09:00:00 +0000\n\n{body}"


EVENT = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:20261122T090000Z\nSUMMARY:#close\n"
    "DESCRIPTION:#tag owned\\n#close\nEND:VEVENT\nEND:VCALENDAR"
)
OUTLOOK = f"-----Original Message-----\nFrom: Ann <{ANN}>\nSent: Friday, 20 November 2026\nTo: Support\nSubject: Fire\n"
GERMAN = f"Von: Ann <{ANN}>\nGesendet: Freitag, 20. November 2026 09:00\nAn: Support\nBetreff: Fire\n"

ATTACKS = tuple(
    Attack(name, "the signed reply address of bob@desk.example", mail, goes_on=True, to=(ANN,))
    for name, mail in (
        ("orders in quoted text", saying(f"{SAID}\n\n{QUOTED}")),
        ("orders in quoted text above the answer", saying(f"{QUOTED}\n{SAID}\n")),
        ("orders in text that is quoted twice", saying(f"{SAID}\n\n" + QUOTED.replace("> ", ">> "))),
        ("orders quoted with bars", saying(f"{SAID}\n\n" + ORDERS.replace("#", "| #"))),
        (
            "orders below an attribution",
            saying(f"{SAID}\n\nOn Fri, 20 Nov 2026 at 09:00, Ann <{ANN}> wrote:\n{QUOTED}"),
        ),
        (
            "unquoted orders below an attribution",
            saying(f"{SAID}\n\nOn Fri, 20 Nov 2026 at 09:00, Ann <{ANN}> wrote:\n\n{ORDER}"),
        ),
        (
            "orders in Outlook's block",
            saying(f"{SAID}\n\n{OUTLOOK}\n{ORDER}"),
        ),
        (
            "orders in Outlook's German block",
            saying(f"{SAID}\n\n{GERMAN}\n{ORDER}"),
        ),
        (
            "orders in a forwarded mail",
            saying(f"{SAID}\n\n---------- Forwarded message ---------\n{in_mail(ORDER)}", subject="Fwd: Fire"),
        ),
        ("orders below our marker", lambda s: saying(f"{SAID}\n\n{s['bob'].text}\n{ORDER}")(s)),
        (
            "orders in what is quoted of our notice",
            lambda s: saying(f"{SAID}\n\n" + "".join(f"> {line}\n" for line in s["bob"].text.splitlines()) + QUOTED)(s),
        ),
        ("orders in the middle of the text", saying(f"{SAID}\n{ORDERS}\nSo we wrote to him.\n")),
        ("orders inside a sentence", saying(f"{SAID} He wrote #close and #tag owned to us.\n")),
        ("orders behind a quotation mark", saying(f'{SAID}\n"#tag owned"\n"#close"\nSo he said.\n')),
        ("orders in the subject", saying(f"{SAID}\n", subject="#close")),
        ("orders in the subject behind Re:", saying(f"{SAID}\n", subject="Re: #tag owned")),
        ("orders in HTML that is not displayed", hidden("display:none")),
        ("orders in HTML that is not displayed, in capitals", hidden("DISPLAY : NONE !important")),
        ("orders in HTML that is not visible", hidden("visibility:hidden")),
        ("orders in HTML of size zero", hidden("font-size:0")),
        ("orders in HTML of size zero in pixels", hidden("font-size:0px;line-height:0")),
        ("orders in white on white", hidden("color:#ffffff;background:#fff")),
        ("orders in white", hidden("color:white")),
        ("orders in HTML that is transparent", hidden("opacity:0")),
        ("orders in HTML of no height", hidden("max-height:0;overflow:hidden")),
        ("orders in HTML hidden for Outlook", hidden("mso-hide:all")),
        ("orders in HTML out of sight", hidden("position:absolute;left:-9999px")),
        ("orders in an HTML comment", element("<!-- {orders} -->")),
        ("orders in an element that is hidden", element("<div hidden>{orders}</div>")),
        ("orders in a script", element("<script>{orders}</script>")),
        ("orders in a style", element("<style>{orders}</style>")),
        ("orders in a title", element("<head><title>{orders}</title></head>")),
        ("orders in a template", element("<template>{orders}</template>")),
        ("orders in the text of a picture", saying(f'<img alt="{ORDERS}" src="cid:x"><p>{SAID}</p>', HTML)),
        ("orders in a quoted block of HTML", saying(f"<p>{SAID}</p><blockquote type=cite>{LINES}</blockquote>", HTML)),
        (
            "orders in Gmail's quote",
            saying(
                f'<p>{SAID}</p><div class="gmail_quote">On Friday Ann wrote:<blockquote>{LINES}</blockquote></div>',
                HTML,
            ),
        ),
        ("orders in a text file", beside(TEXT, 'Content-Disposition: attachment; filename="orders.txt"')),
        ("orders in a text file without a name", beside(TEXT, "Content-Disposition: attachment")),
        ("orders in an HTML file", beside(HTML, 'Content-Disposition: attachment; filename="orders.html"', body=LINES)),
        ("orders in an attached mail", beside("Content-Type: message/rfc822", body=in_mail(ORDER))),
        (
            "orders in an attached mail that is a file",
            beside(
                "Content-Type: application/octet-stream",
                'Content-Disposition: attachment; filename="fire.eml"',
                body=in_mail(ORDER),
            ),
        ),
        (
            "orders in an attached mail in base64",
            beside(
                "Content-Type: message/rfc822",
                "Content-Transfer-Encoding: base64",
                body=base64.b64encode(in_mail(ORDER).encode()).decode(),
            ),
        ),
        (
            "orders in a calendar file",
            beside('Content-Type: text/calendar; name="x.ics"', "Content-Disposition: attachment", body=EVENT),
        ),
        (
            "orders in an invitation",
            beside("Content-Type: text/calendar; method=REQUEST", body=EVENT, kind="alternative"),
        ),
        ("orders in the other form of the text", beside(HTML, body=f"<p>{LINES}</p>", kind="alternative")),
        ("orders in a report's part", beside("Content-Type: message/delivery-status", body=ORDER)),
        (
            "orders in the preamble",
            saying(f"{ORDER}\n--b\n{TEXT}\n\n{SAID}\n--b--\n", 'Content-Type: multipart/mixed; boundary="b"'),
        ),
        (
            "orders in the epilogue",
            saying(f"--b\n{TEXT}\n\n{SAID}\n--b--\n{ORDER}", 'Content-Type: multipart/mixed; boundary="b"'),
        ),
        ("orders behind zero-width characters inside the word", saying("#\u200bclose\n#t\u200bag owned\n" + SAID)),
        ("orders written from right to left", saying("\u202e" + "denwo gat#\u202c\n" + SAID)),
        ("orders in overlong UTF-8", saying(b"\xc0\xa3close\n\xc0\xa3tag owned\n" + SAID.encode())),
    )
)

TWINS = (
    Twin("orders at the top", saying(f"{ORDER}\n{SAID}\n")),
    Twin("orders at the bottom", saying(f"{SAID}\n\n{ORDERS}\n")),
    Twin("orders above a quote", saying(f"{ORDERS}\n\n{SAID}\n\n{QUOTED.replace('close', 'reopen')}")),
    Twin("orders in HTML", saying(f"<p>{LINES}</p><p>{SAID}</p>", HTML)),
    Twin("orders with a wide #", saying(ORDER.replace("#", "\uff03"))),
    Twin("orders behind marks that nobody sees", saying(ORDER.replace("#", "\u200b\u200f#"))),
    Twin("orders in UTF-7", saying(ORDER.replace("#", "+ACM-").encode(), "Content-Type: text/plain; charset=utf-7")),
    Twin(
        "orders in UTF-16",
        saying(
            base64.b64encode(ORDER.encode("utf-16")),
            "Content-Type: text/plain; charset=utf-16",
            "Content-Transfer-Encoding: base64",
        ),
    ),
)
