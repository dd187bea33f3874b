"""The only constructor: config → engine, house, courier, broker, clock."""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

import dramatiq
from dramatiq.brokers.stub import StubBroker

from mailtix import pipeline
from mailtix.bulletins import Bulletins
from mailtix.calendar_files import feeds
from mailtix.clock import clock
from mailtix.config import Config
from mailtix.evidence.asking import Authenticating
from mailtix.evidence.auth.dns import Resolver
from mailtix.evidence.auth.verify import Trust
from mailtix.evidence.scan import Scans
from mailtix.house import House
from mailtix.ingest.accept import Parcel
from mailtix.line import Line
from mailtix.live_calendars import LiveCalendars
from mailtix.log import MailLog
from mailtix.model.auth import Verify
from mailtix.model.desk import without_detail
from mailtix.outbound.courier import Courier
from mailtix.outbound.deliver import Delivery
from mailtix.outbound.maildir import MaildirCourier
from mailtix.outbound.smtp import SmtpCourier
from mailtix.outbound.webhook import Hooks
from mailtix.reload import LiveRules, Source
from mailtix.render import Templates
from mailtix.render import load as load_templates
from mailtix.servers import dns_resolver, scanner, smarthost
from mailtix.store import directory, evidence, imap_ledger, journal, migrations, rulesets
from mailtix.store.engine import Engine, Session, Sessions, durability, open_engine, reading, sessions
from mailtix.store.outbox import Booked
from mailtix.terms import load_rules, policy_of, read_rules
from mailtix.workers import Bells, Work

_REDIS_SECONDS = 2.0


class NotReady(Exception):
    """mailtix cannot start as things are; the text says what to do."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs is made of these."""

    config: Config
    engine: Engine
    sessions: Sessions
    house: House
    live: LiveRules
    line: Line
    work: Work
    bells: Bells
    broker: dramatiq.Broker
    courier: Courier
    clock: Callable[[], datetime]
    log: MailLog

    def ours(self, address: str) -> bool:
        """Whether mail to that address is for us."""
        return self.house.company_of(address) is not None

    def commit(self, parcels: Sequence[Parcel]) -> Sequence[tuple[int, ...]]:
        """Writes mails to the journal in one transaction: once for each company that a mail is addressed to."""
        mails = [journal.New.of(parcel.raw, parcel.envelope, self._mailboxes_of(parcel)) for parcel in parcels]
        with self.sessions.begin() as session:
            written = iter(journal.append(session, [mail for group in mails for mail in group]))
            numbers = [tuple(islice(written, len(group))) for group in mails]
            for parcel, own in zip(parcels, numbers, strict=True):
                if parcel.origin is not None:
                    imap_ledger.add(session, parcel.origin, own[0], parcel.envelope.received_at)
        return numbers

    def _mailboxes_of(self, parcel: Parcel) -> Mapping[int, str]:
        """Each company that the mail is for, with the first of its mailboxes that is named."""
        found: dict[int, str] = {}
        for address in parcel.envelope.rcpt_tos:
            owner = self.house.company_of(address)
            if owner is not None:
                found.setdefault(owner[0], without_detail(address))
        if not found:
            raise ValueError("none of the recipients is ours")
        return found

    def backlog(self, most: int) -> int:
        """How many accepted mails are not yet processed, counted up to `most`."""
        with sessions(reading(self.engine)).begin() as session:
            return journal.backlog(session, most)

    def close(self) -> None:
        """Lets go of connections, and of the line's process."""
        self.line.stop()
        self.courier.close()
        self.broker.close()
        self.engine.dispose()


def open_app(
    config: Config,
    log: MailLog,
    *,
    now: Callable[[], datetime] = clock,
    courier: Courier | None = None,
    resolver: Resolver | None = None,
) -> App:
    """Opens the database (migrating it first) and puts everything together. Raises NotReady with what to do."""
    engine = open_engine(config.database, pool=config.workers.threads + 4)
    opened = sessions(engine)
    try:
        migrations.upgrade(engine)
        with reading(engine).connect() as connection:
            for trouble in durability(connection):
                log.event("not_durable", text=trouble)
        with opened.begin() as session:
            house = build_house(config, session)
            rulesets.keep(session, house.policy.rules.version, house.policy.rules.files, now())
            if config.attachments.clamd is None:  # mail may wait for one that was in the settings before
                evidence.release_all(session, evidence.WaitsFor.SCAN, now())
            if config.security.verify is Verify.NEVER:
                evidence.release_all(session, evidence.WaitsFor.AUTH, now())
    except BaseException:
        engine.dispose()
        raise
    carrier = courier or _courier(config)
    broker = _broker(config)
    source = Source(config.rule_files, lambda texts: load_rules(calendars.config(), texts))
    live = LiveRules(house, source, (opened, sessions(reading(engine))), config.notify.admins, now, log)

    def take(changed: Config) -> None:
        """Puts changed calendars into use: targets are counted by them, and rules ask them."""
        live.change(lambda policy: policy_of(changed, load_rules(changed, policy.rules.files), policy.markers))

    calendars = LiveCalendars(config, take, partial(live.tell_admins, "calendars"), now, log)

    def look() -> None:
        calendars.look()
        live.look()

    def failed(session: Session, booked: Booked, reply: str, at: datetime) -> tuple[int, ...]:
        result = pipeline.delivery_failed(session, live.house(), booked, reply, at)
        return result.outbox if result else ()

    def ring(number: int) -> None:
        bells.ring_delivery(number)

    delivery = Delivery(opened, carrier, now, random.SystemRandom().random, failed, ring, log)
    line = Line(engine, live.house, calendars.config, now, log)
    work = Work(opened, live.house, line.batch, delivery, now, log)
    work.look = look
    work.fetch = calendars.fetch if any(feeds(config)) else None
    work.bulletins = Bulletins(opened, sessions(reading(engine)), live.house, now)
    if (clamd := scanner(config)) is not None:
        work.scans = Scans(opened, live.house, clamd, now, log)
    if config.security.verify is not Verify.NEVER:
        seconds = config.security.verify_timeout.total_seconds()
        asked = resolver or dns_resolver(config)
        work.authenticating = Authenticating(opened, asked, _trust(config), seconds, now, log)
    if config.webhooks.secret is not None:
        secret, hosts = config.webhooks.secret.get_secret_value().encode(), frozenset(config.webhooks.hosts)
        seconds = config.webhooks.timeout.total_seconds()
        work.hooks = Hooks(opened, secret, hosts, seconds, now, random.SystemRandom().random)
    # A smarthost that takes its time must leave a thread for the line.
    work.carriers = threading.Semaphore(max(1, config.workers.threads - 1))
    bells = Bells(broker, work, log)
    work.ring_delivery = live.ring_delivery = bells.ring_delivery
    return App(config, engine, opened, house, live, line, work, bells, broker, carrier, now, log)


def build_house(config: Config, session: Session) -> House:
    """What the config and the store say together. Raises NotReady or BadRules when rules or templates are not right."""
    companies = config.companies_as_model()
    ids = directory.company_ids(session, [company.name for company in companies])
    templates = read_templates(config)
    # Kept in the database unless the config has its own, so that all nodes of an installation share it.
    own = directory.setting(session, "secret", secrets.token_hex(32))
    keys = tuple(secret.get_secret_value().encode() for secret in config.security.secrets) or (bytes.fromhex(own),)
    policy = policy_of(config, read_rules(config), templates.markers)
    return House(
        companies={ids[company.name]: company for company in companies},
        policy=policy,
        templates=templates,
        secrets=keys,
        loop_mark=directory.setting(session, "loop mark", secrets.token_hex(8)),
        number_format=config.ticket_number,
        token_lifetime=config.security.token_lifetime,
        tries=config.journal.tries,
        recurring=config.recurring_terms(),
        admins=config.notify.admins,
    )


def read_templates(config: Config) -> Templates:
    """The templates, the config's own over the built-in ones. Raises NotReady with every mistake."""
    templates = load_templates(config.templates)
    if not isinstance(templates, Templates):
        raise NotReady("\n".join(str(mistake) for mistake in templates))
    return templates


def _trust(config: Config) -> Trust:
    return Trust(frozenset(config.security.authserv_ids), frozenset(config.security.trusted_arc))


def _courier(config: Config) -> Courier:
    host = smarthost(config)
    if host is not None:
        return SmtpCourier(host)
    assert config.outbound.maildir is not None
    return MaildirCourier(config.outbound.maildir)


def _broker(config: Config) -> dramatiq.Broker:
    """Bells inside this process, or through Redis to every worker. Without Dramatiq's middleware: its retries, time
    limits and ages are for queues that hold the work; ours hold only bells."""
    if config.redis is None:
        return StubBroker(middleware=[])
    from dramatiq.brokers.redis import RedisBroker  # redis is only loaded where it is used
    from redis import Redis

    # Whoever rings waits for no longer than that; the sweep does what was not heard.
    client = Redis.from_url(config.redis, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
    return RedisBroker(client=client, middleware=[])  # type: ignore[no-untyped-call]
