"""What a check of `gongkai doctor` looks at and what it answers."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from archive.store import Store
from archive.work.disk_guard import free_bytes
from archive.work.home import Home


class Level(StrEnum):
    """How it stands. warn: worth knowing, or not known; only bad changes the exit status."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a check saw, in one sentence. helps: the command or the step that helps; "" where
    nothing has to be done.
    """

    level: Level
    saw: str
    helps: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An archive that is examined. place: of its ledger, as Store.open takes it. store: the ledger
    opened to be read; None where that is not possible. deep: whether everything is read. min_free:
    bytes that must stay free. free, program: how room and programs are looked for. on_record:
    called for every record that is read.
    """

    home: Home
    place: str | Path
    store: Store | None
    now: datetime
    deep: bool = False
    min_free: int = 0
    free: Callable[[Path], int] = free_bytes
    program: Callable[[str], str | None] = shutil.which
    on_record: Callable[[], None] = lambda: None

    @property
    def ledger(self) -> Store:
        """The opened ledger; only checks that need none are called without."""
        assert self.store is not None  # noqa: S101 - see archive.work.health.doctor
        return self.store


Look: TypeAlias = Callable[[Subject], Result]


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name. needs_ledger: it cannot be made without the ledger."""

    name: str
    look: Look
    needs_ledger: bool = True


def good(saw: str) -> Result:
    """All is well."""
    return Result(level=Level.GOOD, saw=saw)


def warn(saw: str, helps: str = "") -> Result:
    """Worth knowing, or not known."""
    return Result(level=Level.WARN, saw=saw, helps=helps)


def bad(saw: str, helps: str) -> Result:
    """Something is wrong."""
    return Result(level=Level.BAD, saw=saw, helps=helps)


def named(names: list[str], most: int = 3) -> str:
    """The first of some names, and how many more there are.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
