"""Tells people what changed: one message a night, by the services that GONGKAI_ALERTS names."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from archive.model.errors import CannotRunError, UsageError
from archive.store import Store
from archive.store.query.health import portal_verdicts
from archive.work.catalogue.load import catalogue_keys
from archive.work.disk_guard import disks_of, free_bytes, gigabytes
from archive.work.health.crawling import bodies_silent
from archive.work.health.digest import Digest, Standing, digest, known_after
from archive.work.health.told import (
    SENDING,
    SENT,
    WAITING,
    Message,
    Told,
    holding,
    read_alerts,
    write_alerts,
)
from archive.work.home import Home
from archive.work.preservation.verify_round import round_of

# A run that ends a little earlier than the night before still tells.
NIGHT: Final = timedelta(hours=20)
_LOW: Final = 2  # times what must stay free
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody who can be told. label: what logs and people see of it, without its secrets."""

    label: str
    key: str
    send: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What came of it. digest: what is new; None: nothing is, or its night has not come. sent: how
    many services took a message. problems: a line for each service that took none.
    """

    digest: Digest | None
    sent: int
    problems: tuple[str, ...]


def services_named(urls: str | None) -> list[Service]:
    """The services of GONGKAI_ALERTS, apprise's URLs apart by white space; [] for none. UsageError:
    apprise knows one of them not. CannotRunError: apprise is not installed. No error has a URL.
    """
    return [_service(number, url) for number, url in enumerate((urls or "").split(), 1)]


def _service(number: int, url: str) -> Service:
    scheme, _, rest = url.partition("://")
    label = f"service {number} ({scheme[:20]})" if rest else f"service {number}"
    sender = _apprise().Apprise()
    if not sender.add(url):
        raise UsageError(f"GONGKAI_ALERTS: {label} has no URL that apprise knows")

    def send(title: str, body: str) -> bool:
        return bool(sender.notify(title=title, body=body, body_format="text"))

    return Service(label, hashlib.sha256(url.encode()).hexdigest()[:16], send)


def _apprise() -> Any:
    """The library, silent: what it logs may hold a URL with its secrets."""
    try:
        found = import_module("apprise")
    except ImportError:
        raise CannotRunError("alerts need a package: pip install 'gongkai[alerts]'") from None
    for name in ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return found


def standing(store: Store, home: Home, *, now: datetime, min_free: int) -> Standing:
    """How an archive stands now."""
    with store.read() as connection:
        portals = portal_verdicts(connection, catalogue_keys(home.path))
    return Standing(
        portals=portals,
        silent=bodies_silent(store, now),
        disk=disk_low(home, min_free),
        damaged=tuple(round_of(home).with_damage),
    )


def disk_low(home: Home, min_free: int, free: Callable[[Path], int] = free_bytes) -> str | None:
    """What is wrong with the room of an archive; None while there is twice what must stay free."""
    for folder in disks_of([home.path, home.warc]):
        if (room := free(folder)) < _LOW * min_free:
            return f"{gigabytes(room)} free at {folder}; crawls end below {gigabytes(min_free)}"
    return None


def notify(
    home: Home,
    stands: Standing,
    services: Sequence[Service],
    *,
    name: str,
    now: datetime,
    at_once: bool = False,
) -> Notified:
    """Tells what is new since the last message, unless that was less than a night ago (at_once: all
    the same), and sends what an earlier night could not. HomeLockedError: another process tells.
    CannotRunError: the disk refuses. A service that fails is a problem, never an error.
    """
    with holding(home) as path:
        before = read_alerts(path)
        told = before.begun_anew(now)
        problems = [_unknown(each) for each in before.messages if SENDING in each.services.values()]
        speaks = at_once or _is_night(told, now)
        made = digest(told.known, stands, name) if speaks else None
        if made is not None:
            told = told.with_digest(made, [each.key for each in services], now)
        if speaks:
            told = replace(told, known=known_after(told.known, stands))
        sent = 0
        write_alerts(path, told)
        for service in services:
            for message in [each for each in told.messages if _waits(each, service)]:
                told = told.with_state(message, service.key, SENDING)
                write_alerts(path, told)
                took = _took(service, message)
                told = told.with_state(message, service.key, SENT if took else WAITING)
                write_alerts(path, told)
                sent += took
                if not took:
                    problems.append(
                        f"{service.label} did not take the message; the next run tries again"
                    )
                    break
    return Notified(digest=made, sent=sent, problems=tuple(problems))


def _is_night(told: Told, now: datetime) -> bool:
    return told.made_at is None or now - datetime.fromisoformat(told.made_at) >= NIGHT


def _waits(message: Message, service: Service) -> bool:
    return message.services.get(service.key) == WAITING


def _took(service: Service, message: Message) -> bool:
    """Whether a service took a message. What it raises may hold its URL: only its type is told."""
    try:
        return service.send(message.title, message.body)
    except Exception as error:  # noqa: BLE001 - whatever a service does, the crawl is done
        logger.warning("%s: %s", service.label, type(error).__name__)
        return False


def _unknown(message: Message) -> str:
    return (
        f"whether the message of {message.made_at} arrived is not known: the process that sent it"
        " was ended; it is not sent again"
    )
