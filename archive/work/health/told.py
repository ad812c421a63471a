"""What was told, and messages that are on their way: a file beside the archive, so that nothing is
told twice and nothing is lost, however a process ends.

A message is noted before it is sent, then service by service: `waiting`, `sending`, `sent`. A
process that is killed between the last two leaves `sending` behind: whether the service took it
nobody knows, so it is not sent again, and marked as `unknown`.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from archive.model.errors import CannotRunError, HomeLockedError
from archive.work.atomic_file import atomic_file
from archive.work.health.digest import Digest, Known
from archive.work.home import Home

FOLDER: Final = "alerts"
WAITING, SENDING, SENT, UNKNOWN = "waiting", "sending", "sent", "unknown"
# What could not be sent for so long is old news.
_KEPT: Final = timedelta(days=3)
_MAX_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A digest on its way. made_at: ISO 8601. services: how far it is with each, by its name in
    this file (a hash: its URL holds secrets).
    """

    made_at: str
    title: str
    body: str
    services: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The file. made_at: of the latest message; None before the first."""

    known: Known = field(default_factory=Known)
    messages: tuple[Message, ...] = ()
    made_at: str | None = None

    def with_digest(self, made: Digest, services: list[str], now: datetime) -> "Told":
        """The same with one more message, for all services."""
        at = now.isoformat(timespec="seconds")
        waits = dict.fromkeys(services, WAITING)
        message = Message(made_at=at, title=made.title, body=made.body, services=waits)
        return replace(self, messages=(*self.messages, message), made_at=at)

    def with_state(self, message: Message, service: str, state: str) -> "Told":
        """The same, a message as far with one service."""
        moved = replace(message, services={**message.services, service: state})
        is_it = (message.made_at, message.title, message.body)  # two may be made in one second
        same = (
            moved if (each.made_at, each.title, each.body) == is_it else each
            for each in self.messages
        )
        return replace(self, messages=tuple(same))

    def begun_anew(self, now: datetime) -> "Told":
        """What a new process makes of it: what was being sent is unknown, old messages go."""
        kept = [
            replace(
                each,
                services={
                    service: UNKNOWN if state == SENDING else state
                    for service, state in each.services.items()
                },
            )
            for each in self.messages
            if now - datetime.fromisoformat(each.made_at) < _KEPT
        ]
        return replace(self, messages=tuple(kept))


def alerts_file(home: Home) -> Path:
    """Where the file lies."""
    return home.path / FOLDER / "told.json"


@contextmanager
def holding(home: Home) -> Iterator[Path]:
    """The file, held by one process that tells. HomeLockedError: another one is telling.
    CannotRunError: the disk refuses.
    """
    folder = home.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotRunError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield alerts_file(home)
    except BlockingIOError:
        raise HomeLockedError("another process is sending alerts; wait for it") from None
    finally:
        os.close(handle)


def read_alerts(path: Path) -> Told:
    """What the file says; nothing told where there is none. CannotRunError: it cannot be read."""
    try:
        with path.open("rb") as stream:
            found = json.loads(stream.read(_MAX_BYTES))
        return _parsed(found)
    except FileNotFoundError:
        return Told()
    except OSError as error:
        raise CannotRunError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRunError(
            f"{path} is damaged; remove it, and the next message tells how all stands"
        ) from error


def _parsed(found: Mapping[str, Any]) -> Told:
    known = found["known"]
    return Told(
        known=Known(
            portals={str(key): str(verdict) for key, verdict in known["portals"].items()},
            silent={int(body): int(year) for body, year in known["silent"].items()},
            disk=bool(known["disk"]),
            damaged=tuple(map(str, known.get("damaged", ()))),
        ),
        messages=tuple(Message(**each) for each in found["messages"]),
        made_at=found["made_at"],
    )


def write_alerts(path: Path, told: Told) -> None:
    """Writes the file, whole or not at all. CannotRunError: the disk refuses."""
    with atomic_file(path) as fresh:
        fresh.write_text(json.dumps(asdict(told), ensure_ascii=False), "utf-8")
