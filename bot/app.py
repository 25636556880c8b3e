"""The composition root: the only module that knows everyone. It hands down clock, secrets and sockets."""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from apscheduler.schedulers.background import BackgroundScheduler

from bot import maillog, verp
from bot.bells import Bell
from bot.clock import Clock, SystemClock, tokyo_date
from bot.config import BadConfig, Config
from bot.delivery import Delivery
from bot.doors import Doors, load_certificate
from bot.fetched import mailbox_door
from bot.identity.authentication import Border
from bot.identity.direct import DirectRules
from bot.intake.smtp import DoorSettings
from bot.intake.tls import Certificate
from bot.mail import Envelope
from bot.reading.client import ReadingHelper
from bot.relay import BadSecurity, Security, make_relay
from bot.surety.address import compared
from bot.surety.office import Office, Terms
from bot.surety.papers import SuretyImprint
from bot.wakeups import Listener
from bot.worker import Settings, Worker
from bot.writing.client import WritingHelper
from bot.writing.signing_keys import load_signing_keys
from bot.writing.writer import LetterWriter
from storage import enrolments, inbox, letters
from storage.database import Database
from storage.directory import import_directory
from storage.opening import Opened, hold_node, open_storage
from storage.sealed import Sealer

if TYPE_CHECKING:
    from bot.dns import Resolver

log = logging.getLogger("hoshobin")

LIVE_STAMPS = {"trial": "no"}


def office_of(config: Config) -> Office:
    """Make the desk's own facts from the configuration."""
    surety, service = config.surety, config.service
    return Office(
        desk=service.desk,
        domain=service.domain,
        subject_prefix=service.subject_prefix,
        imprint=SuretyImprint(
            name=surety.name,
            address=surety.address,
            signatory=surety.signatory,
            branch=surety.branch,
            branch_address=surety.branch_address,
            phone=surety.phone,
            fax=surety.fax,
            hours=surety.hours,
            desk=service.desk,
            terms_name=surety.terms_name,
            terms_url=surety.terms_url,
        ),
        contact=surety.contact,
        terms=tuple(Terms(**dict(one)) for one in config.terms),
        bank_account=surety.bank_account,
        confirmation_hours=service.confirmation_hours,
        shown_a_day=service.shown_a_day,
        letters_an_hour=service.letters_an_hour,
        letters_an_hour_in_a_thread=service.letters_an_hour_in_a_thread,
        guesses_a_day=service.guesses_a_day,
        enrolment_days=service.enrolment_days,
        registration_days=service.registration_days,
        stranger_letters_a_day=service.stranger_letters_a_day,
        password_days=service.password_days,
        return_path_days=config.relay.return_path_days,
    )


def settings_of(config: Config) -> Settings:
    """Make what a worker must know from the configuration."""
    identity, work = config.identity, config.work
    return Settings(
        office=office_of(config),
        border=Border(
            authserv_id=identity.authserv_id,
            trusted_peers=identity.trusted_peers,
            mailboxes={one.name: one.authserv_id for one in config.imap},
        ),
        node=config.service.node,
        first_numbers={"guarantee": config.surety.guarantee_numbers_from},
        lease=timedelta(seconds=work.lease_seconds),
        retry=timedelta(seconds=work.retry_seconds),
        direct=_direct_rules(config),
    )


def _direct_rules(config: Config) -> DirectRules | None:
    part = config.verification
    if not part.direct:
        return None
    return DirectRules(
        date_days=part.date_days,
        trusted_forwarders=part.trusted_forwarders,
        patience=timedelta(hours=part.patience_hours),
    )


def resolver_of(config: Config) -> "Resolver | None":
    """Make what asks the DNS; None where nothing is verified by ourselves. Raises BadConfig."""
    part = config.verification
    if not part.direct:
        return None
    from bot.dns import NoNameservers, Resolver  # large, and seldom wanted

    try:
        return Resolver(part.nameservers, part.dns_seconds)
    except NoNameservers as error:
        raise BadConfig("verification.nameservers: none is named, and the system names none") from error


@dataclass
class Running:
    """What a started service can be asked, and how it is stopped."""

    smtp: tuple[str, int]
    stop: asyncio.Event = field(default_factory=asyncio.Event)


class Service:
    """One node of the service, from open storage to closed sockets."""

    def __init__(
        self, config: Config, *, stamps: dict[str, str] | None = None, clock: Clock | None = None
    ) -> None:
        self.config = config
        self._certificate = load_certificate(config)
        self._relay_security = relay_security(config)
        self._signing_keys = load_signing_keys(config)
        self._clock = clock or SystemClock()
        self._opened = open_storage(config.storage.url, config.storage.key_file, stamps=stamps or LIVE_STAMPS)
        self._let_go = hold_node(self._opened.database, config.service.node)
        self._inbox_bell, self._letter_bell, self._ready_bell = Bell(), Bell(), Bell()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def database(self) -> Database:
        """The open database."""
        return self._opened.database

    async def run(self, started: Callable[[Running], None]) -> None:
        """Serve until `Running.stop` is set (or SIGTERM, SIGINT), then finish what is in flight."""
        self._prepare()
        resolver = resolver_of(self.config)
        reading, writing = ReadingHelper(verifying=resolver is not None), WritingHelper(self._signing_keys)
        settings = _door_settings(self.config, self._certificate)
        doors = Doors(self.config, settings, self._accept, self._clock)
        running = Running(await doors.open())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(ValueError):
                loop.add_signal_handler(number, running.stop.set)
        reading.start()
        self._start_threads(self._opened, reading, writing, resolver)
        mailboxes = mailbox_door(self.config, self._opened, self._clock, self._inbox_bell)
        mailboxes.start()
        listener = Listener(self.config.storage.url, self._ring_all)
        scheduler = self._start_clock()
        started(running)
        try:
            await running.stop.wait()
        finally:
            await asyncio.to_thread(mailboxes.stop)
            await doors.close(grace_seconds=30)
            scheduler.shutdown(wait=True)
            listener.close()
            await asyncio.to_thread(self._stop_threads)
            reading.close()
            writing.close()
            self.database.close()
            self._let_go()

    def _prepare(self) -> None:
        """Judge at once what this node had in hand when it last died."""
        node, now = self.config.service.node, self._clock.now()
        self.database.write(lambda session: inbox.release_leases(session, node, now))
        self.database.write(lambda session: letters.release_leases(session, node, now))
        if self.config.service.directory is not None:
            path = self.config.service.directory
            self.database.write(lambda session: import_directory(session, path))
            self.database.write(lambda session: enrolments.resume_registered(session, now))

    async def _accept(self, envelope: Envelope, data: bytes) -> None:
        """Store one mail durably: the door's 250 waits for this."""
        sender = compared(envelope.mail_from) if envelope.mail_from else ""
        new = inbox.arrival(
            self._opened.sealer,
            envelope.source,
            envelope.model_dump(mode="json"),
            data,
            sender,
            envelope.received_at,
        )
        job = self.database.submit(lambda session: inbox.accept(session, new), urgent=True)
        inbox_id = await asyncio.wrap_future(job)
        maillog.accepted(inbox_id, envelope.peer, envelope.mail_from, len(data))
        self._inbox_bell.ring()

    def _start_threads(
        self, opened: Opened, reading: ReadingHelper, writing: WritingHelper, resolver: "Resolver | None"
    ) -> None:
        config, settings = self.config, settings_of(self.config)
        worker = Worker(
            opened.database,
            opened.sealer,
            reading,
            self._clock,
            settings,
            self._inbox_bell,
            self._letter_bell,
            resolver,
        )
        writer = LetterWriter(
            opened.database,
            opened.sealer,
            writing,
            self._clock,
            settings.office,
            settings.node,
            settings.lease,
            settings.retry,
            self._ready_bell,
        )
        for number in range(config.work.deciders):
            self._thread(f"decider-{number}", worker.step, self._inbox_bell)
        self._thread("letter-writer", writer.step, self._letter_bell)
        for number in range(config.work.senders):
            delivery = self._delivery(settings, opened.sealer)
            self._thread(f"sender-{number}", delivery.step, self._ready_bell, delivery.close)

    def _delivery(self, settings: Settings, sealer: Sealer) -> Delivery:
        relay = make_relay(
            self.config.relay.url,
            self.config.service.domain,
            self.config.relay.timeout_seconds,
            self._relay_security,
        )
        return Delivery(
            self.database,
            sealer,
            relay,
            self._clock,
            settings.node,
            self._return_path_of(sealer),
            settings.lease,
            settings.retry,
            self._letter_bell,
        )

    def _return_path_of(self, sealer: Sealer) -> Callable[[int], str]:
        """Say where the bounces of a letter go: to the desk, or to a path of its own."""
        desk, secret = self.config.service.desk, sealer.derive("codes")
        if self.config.relay.return_path == "desk":
            return lambda _: desk
        return lambda letter_id: verp.make(desk, letter_id, tokyo_date(self._clock.now()), secret)

    def _thread(
        self, name: str, step: Callable[[], bool], bell: Bell, at_end: Callable[[], None] | None = None
    ) -> None:
        def run() -> None:
            while not self._stopping.is_set():
                heard = bell.heard()
                try:
                    busy = step()
                except Exception:
                    log.exception("%s stumbled; it goes on at the next wake-up", name)
                    busy = False
                if not busy and not self._stopping.is_set():
                    bell.wait(heard)
            if at_end is not None:
                at_end()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _stop_threads(self) -> None:
        self._stopping.set()
        self._ring_all()
        for thread in self._threads:
            thread.join(timeout=60)

    def _ring_all(self) -> None:
        for bell in (self._inbox_bell, self._letter_bell, self._ready_bell):
            bell.ring()

    def _start_clock(self) -> BackgroundScheduler:
        """APScheduler is a clock only: it ticks; what is due stands in the tables."""
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        scheduler = BackgroundScheduler(job_defaults=defaults, timezone="Asia/Tokyo")
        seconds = self.config.work.sweep_seconds
        scheduler.add_job(self._sweep, "interval", seconds=seconds)
        scheduler.add_job(self._sweep)  # once at start
        scheduler.start()
        return scheduler

    def _sweep(self) -> None:
        """Move what only time moves, and wake everybody: this finds what lost wake-ups left behind."""
        now = self._clock.now()
        self.database.write(lambda session: letters.ripen(session, now))
        self.database.write(lambda session: inbox.expire(session, now))
        self.database.write(lambda session: enrolments.resume_registered(session, now))
        days = self.config.service.enrolment_days
        self.database.write(lambda session: enrolments.expire(session, now, days))
        self._ring_all()


def relay_security(config: Config) -> Security:
    """Make what protects the way to the relay. Raises BadConfig where a file cannot be used."""
    relay = config.relay
    password = relay.password.get_secret_value()
    security = Security(relay.tls, relay.ca_file, relay.user, relay.password_file, password)
    try:
        security.check()
    except BadSecurity as error:
        raise BadConfig(str(error)) from error
    return security


def _door_settings(config: Config, certificate: Certificate | None) -> DoorSettings:
    desk = config.service.desk
    return DoorSettings(
        hostname=config.service.domain,
        desk_domains=frozenset({desk.rpartition("@")[2]}),
        recipients=frozenset({desk}),
        max_bytes=config.smtp.max_bytes,
        max_recipients=config.smtp.max_recipients,
        idle_seconds=config.smtp.idle_seconds,
        total_seconds=config.smtp.total_seconds,
        max_connections=config.smtp.max_connections,
        max_connections_per_peer=config.smtp.max_connections_per_peer,
        certificate=certificate,
        tls_required=config.smtp.tls_required,
    )


def relay_is_local(url: str) -> bool:
    """Say whether letters stay on this machine: a Maildir, or a relay on loopback."""
    parts = urlsplit(url)
    return parts.scheme == "maildir" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine's loopback."""
    with contextlib.suppress(OSError):
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
        return all(one.startswith("127.") or one == "::1" for one in addresses)
    return False
