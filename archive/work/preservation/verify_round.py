"""How far the WARC files of an archive are verified: noted in a small file beside the ledger, of
which nothing else depends.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from archive.model.errors import CannotRunError, UsageError
from archive.model.reading import Severity
from archive.warc.check import Damage
from archive.warc.folder import is_warc_file
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.seen import BETWEEN_FILES
from archive.work.atomic_file import atomic_file
from archive.work.given_file import check_given_file
from archive.work.home import Home

NOTED_IN: Final = "verified.json"
# The names of a hundred thousand files.
_MAX_BYTES: Final = 8 * 1024 * 1024
_MAX_NUMBER: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How far the WARC files of an archive are read through.

    number: of this round, from 1. began_at: when it began. after: the name of the last file that
    was looked at in it; "" where it is about to begin. damaged: names of all files that had damage
    when they were looked at last. unresolved: names of those in which the latest `verify` of the
    whole found damage that no file shows by itself, so that no share finds it. whole_began_at,
    whole_ended_at: of the latest round that came to its end: what was in the folder when it began
    was looked at since; None before there was one. is_unreadable: something was noted that could
    not be read: which files had damage is not known.
    """

    number: int = 0
    began_at: datetime | None = None
    after: str = ""
    damaged: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    whole_began_at: datetime | None = None
    whole_ended_at: datetime | None = None
    is_unreadable: bool = False

    @property
    def is_ended(self) -> bool:
        """Whether the next file to look at is that of a new round."""
        return self.began_at is None

    @property
    def with_damage(self) -> list[str]:
        """The names of all files that are known to have damage, in order."""
        return sorted({*self.damaged, *self.unresolved})

    def begun(self, now: datetime) -> Self:
        """The same, or the next round where this one is at its end."""
        if not self.is_ended:
            return self
        return replace(self, number=self.number + 1, began_at=now, after="")

    def met(self, name: str, *, is_damaged: bool) -> Self:
        """With what a file turned out to be."""
        others = {*self.damaged} - {name}
        return replace(self, damaged=tuple(sorted(others | ({name} if is_damaged else set()))))

    def ended(self, now: datetime) -> Self:
        """At its end."""
        return replace(
            self, began_at=None, after="", whole_began_at=self.began_at, whole_ended_at=now
        )


def round_of(home: Home) -> Round:
    """How far an archive is verified; where nothing is noted, or what is cannot be read, as before
    the first round: then every file is looked at again.
    """
    path = home.path / NOTED_IN
    try:
        check_given_file(path)
        with path.open("rb") as noted:
            content = noted.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            return Round(is_unreadable=True)
        return _round(json.loads(content))
    except FileNotFoundError:
        return Round()
    except (OSError, UsageError, ValueError, LookupError, TypeError, AttributeError,
            RecursionError):  # fmt: skip
        return Round(is_unreadable=True)


def _round(noted: dict[str, Any]) -> Round:
    """ValueError, among others, for what no round ever was."""
    number, after = noted["number"], noted["after"]
    if type(number) is not int or not 0 <= number <= _MAX_NUMBER:
        raise ValueError(number)
    return Round(
        number=number,
        after=after if after == "" else _names([after])[0],
        damaged=_names(noted["damaged"]),
        unresolved=_names(noted.get("unresolved", [])),
        began_at=_instant(noted["began_at"]),
        whole_began_at=_instant(noted["whole_began_at"]),
        whole_ended_at=_instant(noted["whole_ended_at"]),
    )


def _names(noted: list[str]) -> tuple[str, ...]:
    for name in noted:
        if not is_warc_file(name) or not name.isprintable() or "/" in name:
            raise ValueError(name)
    return tuple(noted)


def _instant(noted: str | None) -> datetime | None:
    """ValueError without an offset: nobody knows when that was."""
    if noted is None:
        return None
    found = datetime.fromisoformat(noted)
    if found.tzinfo is None:
        raise ValueError(noted)
    return found


def note_round(home: Home, found: Round) -> None:
    """Writes down how far an archive is verified. CannotRunError: the disk refuses."""
    rows = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(replace(found, is_unreadable=False)).items()
    }
    with atomic_file(home.path / NOTED_IN) as fresh:
        fresh.write_text(json.dumps(rows, ensure_ascii=False) + "\n", "utf-8")


def note_whole_round(
    home: Home, damages: Iterable[Damage], *, began_at: datetime, ended_at: datetime
) -> str | None:
    """Notes that all files were looked at, where the disk takes it: an archive that can only be
    read can be verified, too. damages: all that is wrong with the files. Returns why the disk
    refuses; None: it does not.
    """
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for each in damages:
        if each.severity is Severity.ERROR and is_warc_file(Path(each.file).name):
            name = Path(each.file).name.removesuffix(OPEN_SUFFIX)
            found[each.rule in BETWEEN_FILES].add(name)
    before = round_of(home)
    whole = replace(
        before, number=before.number + before.is_ended, began_at=began_at,
        damaged=tuple(sorted(found[False])), unresolved=tuple(sorted(found[True])),
    )  # fmt: skip
    try:
        note_round(home, whole.ended(ended_at))
    except CannotRunError as error:
        return str(error)
    return None
