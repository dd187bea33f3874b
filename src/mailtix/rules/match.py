"""Whether a condition holds for a mail, and because of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailtix.model.auth import Authentication, Result
from mailtix.model.mail import Attachment
from mailtix.rules.conditions import Attached, Auth, Condition, Customer, Times
from mailtix.rules.measures import DAYS, NumberTest
from mailtix.rules.pattern import HeaderPattern, Pattern, Presence, Text
from mailtix.rules.reading import MailView as MailView
from mailtix.rules.reading import Reading as Reading
from mailtix.rules.reading import State as State
from mailtix.rules.reading import Verdict as Verdict


def judge(condition: Condition, reading: Reading) -> Verdict:
    """The verdict on the whole condition: it fails with the first part that does."""
    reasons = []
    for verdict in _parts(condition, reading):
        if not verdict.holds:
            return verdict
        reasons.append(verdict.because)
    return Verdict(True, " and ".join(reasons) or "every mail")


def _parts(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    """Each key that is given, cheap ones first; nothing is looked at before it is asked for."""
    view = reading.view
    if condition.company:
        yield _is_one_of("company", condition.company, view.company)
    if condition.kind:
        yield _is_one_of("kind", condition.kind, view.kind)
    yield from _ticket(condition, reading.state)
    yield from _addresses(condition, reading)
    if condition.size is not None:
        yield Verdict(condition.size.holds(view.mail.size), f"size is {view.mail.size:,} bytes")
    if condition.time is not None:
        yield _time(condition.time, view)
    if condition.business_hours:
        yield _business_hours(condition, view)
    if condition.spam_score is not None:
        score = reading.spam_score
        holds = score is not None and condition.spam_score.holds(score)
        yield Verdict(holds, "no spam score is told" if score is None else f"spam score is {score:g}")
    if condition.auth is not None:
        yield from _auth(condition.auth, view.auth)
    if condition.customer is not None:
        yield from _customer(condition.customer, reading)
    yield from _texts(condition, reading)
    yield from _nested(condition, reading)
    if condition.sentiment is not None:
        yield _tone(condition, condition.sentiment, reading)


def _ticket(condition: Condition, state: State) -> Iterator[Verdict]:
    """What is asked of the ticket, as the rules before have left it."""
    if condition.status:
        yield _is_one_of("status", condition.status, state.status)
    if condition.priority:
        yield _is_one_of("priority", condition.priority, state.priority)
    if condition.category:
        yield _is_one_of("category", condition.category, state.category)
    if condition.team:
        yield _is_one_of("team", condition.team, state.team)
    if condition.assignee:
        yield _is_one_of("assignee", condition.assignee, state.assignee)
    if condition.assigned is not None:
        because = f"{state.assignee} has it" if state.assignee else "nobody has it"
        yield Verdict(bool(state.assignee) is condition.assigned, because)
    if condition.tags:
        there = [tag for tag in condition.tags if tag in state.tags]
        yield Verdict(bool(there), f"tag {there[0]}" if there else f"no tag {' or '.join(condition.tags)}")
    for name, patterns in condition.field.items():
        value = state.fields.get(name, "")
        yield _present(f"field {name}", patterns, [Text(value)] if value else [])
    if condition.rating:
        because = "it is not rated" if state.rating is None else f"it is rated {state.rating} of 5"
        yield Verdict(state.rating in condition.rating, because)


def _addresses(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    if condition.mailbox:
        yield _one_fits("mailbox", condition.mailbox, reading.mailbox)
    if condition.from_:
        yield _one_fits("from", condition.from_, reading.sender)
    if condition.to:
        yield _one_fits("to", condition.to, reading.addressees)
    if condition.recipient:
        yield _one_fits("recipient", condition.recipient, reading.recipients)


def _customer(condition: Customer, reading: Reading) -> Iterator[Verdict]:
    view = reading.view
    if condition.address:
        yield _one_fits("customer", condition.address, reading.customer)
    if condition.language:
        spoken = view.customer.language.lower()
        fits = any(spoken == tag or spoken.startswith(f"{tag}-") for tag in condition.language)
        yield Verdict(fits, f"the customer's language is {spoken or 'not known'}")
    if condition.first_ticket is not None:
        first = bool(view.first_ticket)
        yield Verdict(first is condition.first_ticket, f"it is {'' if first else 'not '}the customer's first ticket")
    account = view.account
    if condition.vip is not None:
        vip = account is not None and account.vip
        yield Verdict(vip is condition.vip, f"the customer is {'a' if vip else 'no'} VIP")
    if condition.account:
        yield _one_fits("account", condition.account, [Text(account.name if account else "")])
    if condition.reseller:
        yield _one_fits("reseller", condition.reseller, [Text(account.reseller if account else "")])


def _texts(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    if condition.has_attachment is not None:
        yield _attachments(condition.has_attachment, reading.files)
    if condition.attachment is not None:
        yield _attached(condition.attachment, reading.files)
    if condition.subject:
        yield _one_fits("subject", condition.subject, reading.subject)
    for name, patterns in condition.header.items():
        yield _present(f"header {name}", patterns, reading.header(name))
    if condition.body:
        yield _one_fits("body", condition.body, reading.body)
    if condition.whole_body:
        yield _one_fits("whole body", condition.whole_body, reading.whole_body)
    if condition.words is not None:
        yield _one_fits("text:", (condition.words.phrases,), [*reading.subject, *reading.body])


def _tone(condition: Condition, wanted: NumberTest, reading: Reading) -> Verdict:
    """Last of all, for it costs most."""
    tone = reading.tone(condition.measure) if condition.measure is not None else None
    if tone is None:
        return Verdict(False, "no tone can be told")
    return Verdict(wanted.holds(tone), f"the tone is {tone:+.2f}")


def _nested(condition: Condition, reading: Reading) -> Iterator[Verdict]:
    for part in condition.all:
        yield judge(part, reading)
    if condition.any:
        yield _first_that_holds(judge(part, reading) for part in condition.any)
    if condition.not_ is not None:
        inner = judge(condition.not_, reading)
        yield Verdict(not inner.holds, inner.because)


def _first_that_holds(verdicts: Iterable[Verdict]) -> Verdict:
    against = []
    for verdict in verdicts:
        if verdict.holds:
            return verdict
        against.append(verdict.because)
    return Verdict(False, " and ".join(against))


def _one_fits(name: str, patterns: tuple[Pattern, ...], texts: list[Text]) -> Verdict:
    """Any of the patterns in any of the texts."""
    for pattern in patterns:
        for text in texts:
            if pattern.found_in(text):
                return Verdict(True, f"{name} {pattern.because(True, text)}")
    shown = texts[0] if texts else Text("")
    return Verdict(False, f"{name} " + " and ".join(pattern.because(False, shown) for pattern in patterns))


def _is_one_of(name: str, wanted: tuple[str, ...], value: str) -> Verdict:
    holds = value in wanted
    return Verdict(holds, f"{name} is {value}" if holds else f"{name} is not {' or '.join(wanted)}")


def _attachments(wanted: bool, attached: list[Attachment]) -> Verdict:
    files = [attachment.filename for attachment in attached]
    because = f"it has an attachment ({', '.join(files[:3])})" if files else "it has no attachment"
    return Verdict(bool(files) is wanted, because)


def _attached(wanted: Attached, attached: list[Attachment]) -> Verdict:
    """One file that fits all that is asked."""
    for file in attached:
        fits = (
            (not wanted.name or _one_fits("", wanted.name, [Text(file.filename)]).holds)
            and (not wanted.type or _one_fits("", wanted.type, [Text(file.mime)]).holds)
            and (wanted.size is None or wanted.size.holds(file.size))
        )
        if fits:
            return Verdict(True, f"attachment {file.filename} ({file.mime}, {file.size:,} bytes)")
    return Verdict(False, "no attachment fits")


def _time(times: Times, view: MailView) -> Verdict:
    """By the time the mail came in, not by that of its processing: so the archive gives the same answer later."""
    at = view.mail.envelope.received_at.astimezone(times.zone)
    holds = not times.hours or any(hours.hold(at.time()) for hours in times.hours)
    holds = holds and (not times.days or at.weekday() in times.days)
    return Verdict(holds, f"it came on {DAYS[at.weekday()]} at {at:%H:%M} ({times.zone.key})")


def _present(name: str, patterns: tuple[HeaderPattern, ...], values: list[Text]) -> Verdict:
    """Patterns that may also ask whether there is any value at all."""
    texts = tuple(pattern for pattern in patterns if not isinstance(pattern, Presence))
    if texts and values:
        return _one_fits(name, texts, values)
    there = bool(values)
    return Verdict(Presence(there) in patterns, f"{name} is {'there' if there else 'not there'}")


def _business_hours(condition: Condition, view: MailView) -> Verdict:
    """As `time`, by the calendars of the settings with their holidays."""
    at = view.mail.envelope.received_at
    open_ = [name for name, is_open in condition.calendars if is_open(at)]
    names = " and ".join(condition.business_hours)
    return Verdict(bool(open_), f"it was open by {open_[0]}" if open_ else f"it was closed by {names}")


def _auth(wanted: Auth, found: Authentication | None) -> Iterator[Verdict]:
    """What is not known fails: rules that ask are only judged when somebody has looked."""
    if found is None:
        yield Verdict(False, "nobody has looked who wrote it")
        return
    signed = [signature.result for signature in found.dkim] or [Result.NONE]
    there = {"dmarc": (found.dmarc.result,), "spf": (found.spf.result,), "dkim": tuple(signed)}
    for name, results in there.items():
        asked: tuple[Result, ...] = getattr(wanted, name)
        if asked:
            fits = [result for result in results if result in asked]
            yield Verdict(bool(fits), f"{name} is {fits[0] if fits else ' and '.join(results)}")
