"""Rules that are read again while mail comes in. What is wrong never replaces what works.

Each process looks by itself, once a second (the sweep): at its rule files, and at a wish in the database that reaches
every node. The work asks for the house at each batch, so a batch has one set of rules from its first mail to its last.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from mailtix.facts import Policy
from mailtix.house import House
from mailtix.log import MailLog
from mailtix.model.outgoing import OutgoingMail
from mailtix.rules import BadRules, RuleSet
from mailtix.store import outbox, rulesets
from mailtix.store.engine import Sessions
from mailtix.yamltext import Mistake

Texts = tuple[tuple[str, bytes], ...]
# A mail for people shows so many mistakes; `mailtix check` shows them all.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where rules come from: `files` finds them, `load` reads their texts (and raises BadRules)."""

    files: Callable[[], Sequence[Path]]
    load: Callable[[Texts], RuleSet]


class LiveRules:
    """The house with the rules of this moment. `admins` are told of rules that cannot be used."""

    def __init__(
        self,
        house: House,
        source: Source,
        sessions: tuple[Sessions, Sessions],
        admins: Sequence[str],
        clock: Callable[[], datetime],
        log: MailLog,
    ) -> None:
        """`sessions` are those that write, and those that only read."""
        self._house = house
        self._source = source
        self._writing, self._reading = sessions
        self._admins = admins
        self._clock = clock
        self._log = log
        self._seen: object = None
        self._taken: object = None
        self._wish: str | None = None
        self._refused = b""
        self._asked = False
        self._looking = threading.Lock()
        self.ring_delivery: Callable[[int], None] = lambda number: None

    def house(self) -> House:
        """Everything that stays the same from mail to mail, as it is now."""
        return self._house

    def ask(self) -> None:
        """The files are read at the next look, whatever they look like. Safe in a signal handler."""
        self._asked = True

    def look(self) -> None:
        """Takes changed rules into use. A change of the files counts when it has stayed for one more look: whoever
        writes a file may be in the middle of it."""
        with self._looking:
            with self._reading() as session:
                wish = rulesets.wished(session)
            asked = self._asked or (self._wish is not None and wish != self._wish)
            self._wish, self._asked = wish, False
            stamps = self._stamps()
            settled = stamps == self._seen and stamps != self._taken
            self._seen = stamps
            if asked or settled:
                self._read(stamps, asked=asked)

    def _stamps(self) -> object:
        try:
            stats = [(path, path.stat()) for path in self._source.files()]
        except OSError:  # gone since it was found
            return None
        return [(path, stat.st_mtime_ns, stat.st_size, stat.st_ino) for path, stat in stats]

    def _read(self, stamps: object, *, asked: bool) -> None:
        try:
            texts = tuple((str(path), path.read_bytes()) for path in self._source.files())
        except OSError as error:  # at the next look
            self._log.trouble("reading the rules", error)
            return
        self._taken = stamps
        running = self._house.policy.rules
        rules = self._loaded(texts, running)
        if isinstance(rules, BadRules):
            self._refuse(texts, rules, asked=asked)
            return
        self._refused = b""
        if rules.version == running.version:
            if asked:
                self._log.info("rules_unchanged", version=rules.version[:12])
            return
        with self._writing.begin() as session:
            rulesets.keep(session, rules.version, rules.files, self._clock())
        self._house = replace(self._house, policy=replace(self._house.policy, rules=rules))
        self._log.info("rules_reloaded", version=rules.version[:12], rules=len(rules.rules))

    def _loaded(self, texts: Texts, running: RuleSet) -> RuleSet | BadRules:
        if running.files and not texts:  # a folder that is not mounted, rather than an admin who wants none
            return BadRules([Mistake(running.files[0][0], 0, 0, "there are no rule files any more")])
        try:
            return self._source.load(texts)
        except BadRules as bad:
            return bad

    def _refuse(self, texts: Texts, bad: BadRules, *, asked: bool) -> None:
        """Says once for each change why it is not used; again when somebody has asked for it."""
        digest = hashlib.sha256(repr((texts, self._house.policy.rules.version)).encode()).digest()
        if digest == self._refused and not asked:
            return
        self._refused = digest
        first = bad.mistakes[0]
        place = f"{first.file}:{first.line}:{first.column}" if first.line else first.file
        self._log.event("rules_refused", place=place, because=first.text, mistakes=len(bad.mistakes))
        self.tell_admins("rules", *_told(bad), digest)

    def change(self, policy: Callable[[Policy], Policy]) -> None:
        """Puts another policy into use, made from that of now."""
        with self._looking:
            self._house = replace(self._house, policy=policy(self._house.policy))

    def tell_admins(self, what: str, subject: str, text: str, digest: bytes) -> None:
        """One mail to each admin about what cannot be used. Every node writes the same mail, so that one leaves; what
        has the same `digest` is told once a day."""
        now, queued = self._clock(), list[int | None]()
        with self._writing.begin() as session:
            company_id, company = next(iter(self._house.companies.items()))
            sender = company.mailboxes[0].address
            for to in self._admins:
                seed = hashlib.sha256(digest + to.encode() + now.date().isoformat().encode()).hexdigest()[:32]
                mail = _letter(to, sender, f"{what}.{seed}", (subject, text), now)
                queued.append(outbox.put_in(session, company_id, None, f"{what}_refused", mail, now))
        for number in filter(None, queued):
            self._log.queued(number, what)
            self.ring_delivery(number)


def _told(bad: BadRules) -> tuple[str, str]:
    """The subject and the text for an admin."""
    shown, more = bad.mistakes[:_SHOWN], len(bad.mistakes) - _SHOWN
    count = f"{len(bad.mistakes)} mistake{'s' if len(bad.mistakes) != 1 else ''}"
    text = "\n\n".join(str(mistake) for mistake in shown)
    rest = f"\n\n… and {more} more; `mailtix check` shows all." if more > 0 else ""
    used = f"The changed rules are not used, those from before stay in effect:\n\n{text}{rest}\n"
    return f"the changed rules are not used ({count})", used


def _letter(to: str, sender: str, local: str, words: tuple[str, str], now: datetime) -> OutgoingMail:
    message_id = f"{local}@{sender.rpartition('@')[2]}"
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}>"
    message["From"] = f"mailtix <{sender}>"
    message["To"] = to
    message["Subject"] = f"mailtix: {words[0]}"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5
    message.set_content(words[1])
    # The null reverse-path: nobody waits for a report on this mail (RFC 5321 section 4.5.5).
    return OutgoingMail(message_id, "", to, message.as_bytes())
