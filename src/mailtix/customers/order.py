"""What a customer's mail orders: its commands, and what else it says. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailtix import surveys
from mailtix.commands.customers import WORDS, meant, read
from mailtix.commands.grammar import Command, has_mark
from mailtix.facts import Facts
from mailtix.model.copies import replace
from mailtix.model.kind import Human
from mailtix.model.mail import InboundMail
from mailtix.model.making import quickly_made
from mailtix.model.thread import Purpose

# What stands behind #me, before an address.
ALSO = ("also", "auch")
NOT = ("not", "nicht")
# What is ordered is repeated in mails to whom From names, so nothing else may stand in it.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LONGEST_ADDRESS = 254  # octets, of a path in angle brackets (RFC 5321 section 4.5.3.1.3)


@quickly_made
@dataclass(frozen=True, slots=True)
class Order:
    """The commands of a mail, and what else it says, which is for the desk. `meant` are commands that a mail of one
    line may mean, which is nearly one."""

    commands: tuple[Command, ...] = ()
    text: str = ""
    meant: tuple[str, ...] = ()
    has_files: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether there is nothing in the mail for the desk to read."""
        return bool(self.commands or self.meant) and not (self.text or self.has_files)


def order_of(facts: Facts) -> Order:
    """What a person's mail orders; nothing, when it is a machine's or an answer to a survey."""
    mail = facts.mail
    if not isinstance(facts.kind, Human) or (_has_survey_key(facts) and _is_for_survey(mail)):
        return Order(text=mail.reply)
    has_files = bool(mail.attachments)
    if not (has_mark(mail.reply) or has_mark(mail.subject)):  # as in most mails
        return Order(text=mail.reply, has_files=has_files)
    commands, text = read(mail.reply, mail.from_.name)
    if not commands and not has_files:
        in_subject, others = read(mail.subject)
        if in_subject and not others and not mail.reply.strip() and all(map(_makes_sense, in_subject)):
            return Order(in_subject)
        if near := meant(mail.reply):
            return Order(text="", meant=near)
    wrong = [command for command in commands if not _makes_sense(command)]
    if wrong and (text or has_files or not all(map(_lacks_something, wrong))):
        return Order(text=mail.reply)  # it was meant for people
    return Order(commands, text, has_files=has_files)


def without_orders(facts: Facts, order: Order) -> Facts:
    """The facts of the mail as the desk reads it: without its commands."""
    return replace(facts, mail=replace(facts.mail, reply=order.text)) if order.commands else facts


def _makes_sense(command: Command) -> bool:
    """Whether a command has behind it what it needs, and no more: else it is a line of text, where there is more."""
    words = command.words
    match command.word:
        case "rate":
            return surveys.answer(command.argument) is not None
        case "me":
            return not words or (len(words) == 2 and words[0].lower() in (*ALSO, *NOT) and bool(address_in(words[1])))
        case "help":
            return not words or (len(words) == 1 and words[0].lower().lstrip("#") in WORDS)
        case _:
            return not words


def _lacks_something(command: Command) -> bool:
    """Whether it was certainly meant as a command, though it cannot be carried out."""
    return (command.word == "rate" and not command.words) or (command.word == "me" and len(command.words) <= 2)


def address_in(text: str) -> str:
    """The address that a word is, in lower case; "" when it is none."""
    plain = text.strip("<>").removeprefix("mailto:").lower()
    return plain if _ADDRESS.fullmatch(plain) and len(plain.encode()) <= _LONGEST_ADDRESS else ""


def added(command: Command) -> str:
    """The address that a command adds to the customer's own, "" for all others."""
    words = command.words
    return address_in(words[1]) if command.word == "me" and len(words) == 2 and words[0].lower() in ALSO else ""


def shown(command: Command) -> str:
    """The command as it is repeated to whoever From names: without words that somebody else may have put there."""
    match command.word, command.words:
        case "rate", (mark, *_) if _makes_sense(command):
            return f"#rate {mark[:1]}"
        case "me", (how, who) if _makes_sense(command):
            return f"#me {how.lower()} {address_in(who)}"
        case word, _:
            return f"#{word}"


def _has_survey_key(facts: Facts) -> bool:
    """Whether the mail went to the address of a survey."""
    keys = (item.claims for item in facts.evidence if item.claims is not None)
    return any(key.purpose is Purpose.SURVEY for key in keys)


def _is_for_survey(mail: InboundMail) -> bool:
    """Whether it says what surveys understand themselves."""
    return surveys.stops(mail.reply) or surveys.stops(mail.subject) or surveys.answer(mail.reply) is not None
