"""Verifies the WARC files of an archive a share at a time, so that those of a large one are all
read through again and again, however short the nights are: disks rot in silence.

Files go in the order of their names, round after round; how far the round is lies in a small file
beside the ledger. No date decides anything, so that a wrong clock leaves nothing out.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from archive.model.errors import CannotRunError
from archive.model.reading import Severity
from archive.store import Store
from archive.store.query.history import committed_captures
from archive.store.write.captures import committed_end, committed_ends
from archive.store.write.lost import known_places
from archive.warc.check import Damage, Seen
from archive.warc.folder import local, warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.work.home import Home
from archive.work.preservation.comparison import Comparison
from archive.work.preservation.repair import with_known
from archive.work.preservation.verify import verify_file
from archive.work.preservation.verify_round import Round, note_round, round_of

BETWEEN: Final = "between_files"
# A killed command looks at the files of so many seconds again.
_NOTED_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What came of one share. damages: all that is wrong with the files that were looked at; what
    `repair` has marked is `known_lost`. looked_at: how many files. total: how many there are.
    round: how far it is now; files behind `round.after` are left. problem: why that could not be
    noted, so that the next share begins where this one did; None: it was.
    """

    damages: list[Damage]
    looked_at: int
    total: int
    round: Round
    problem: str | None


def verify_share(
    home: Home,
    store: Store,
    *,
    goes_on: Callable[[], bool],
    now: Callable[[], datetime],
    on_file: Callable[[], None] = lambda: None,
) -> Share:
    """Looks at the WARC files that had damage before, then goes on in the round from file to file
    as long as goes_on says: at one at least, at the end of the round none of the next.

    A file that is missing counts as one that was looked at. What lies between files (a revisit of a
    capture that no file has, an id that stands twice) and in the ledger is left to `verify` of the
    whole. on_file is called for every file.
    """
    names = _names(home, store)
    with _Looking(home, store, round_of(home).begun(now())) as looking:
        again = sorted({*looking.round.damaged}.intersection(names))
        looking.round = replace(looking.round, damaged=tuple(again))
        for name in again:
            looking.look(name)
            on_file()
        ahead = [name for name in names if name > looking.round.after]
        for name in ahead:
            if name not in again:
                looking.look(name)
                on_file()
            looking.round = replace(looking.round, after=name)
            if not goes_on():
                break
        if not ahead or looking.round.after == ahead[-1]:
            looking.round = looking.round.ended(now())
        looking.damages += map(_told_by_the_whole, looking.round.unresolved)
    return Share(
        damages=list(dict.fromkeys(looking.damages)), looked_at=looking.looked_at,
        total=len(names), round=looking.round, problem=looking.problem,
    )  # fmt: skip


def _told_by_the_whole(name: str) -> Damage:
    message = "has damage that `gongkai verify` of the whole found between files; it looks again"
    return Damage(file=name, offset=0, severity=Severity.ERROR, rule=BETWEEN, message=message)


def _names(home: Home, store: Store) -> list[str]:
    """The WARC files in the folder and those of the ledger, growing ones by the name that they will
    have; in order.
    """
    there = {file.name.removesuffix(OPEN_SUFFIX) for file in warc_files(home.files)}
    with store.read() as connection:
        return sorted(there | committed_ends(connection).keys())


class _Looking:
    """Looks at files and remembers what they were; how far the round is is noted every few seconds,
    and at the end, whichever it is.
    """

    def __init__(self, home: Home, store: Store, at: Round) -> None:
        self.round, self.looked_at = at, 0
        self.damages: list[Damage] = []
        self.problem: str | None = None
        self._home, self._store = home, store
        with store.read() as connection:
            self._known = known_places(connection)
        self._stack = ExitStack()
        self._seen = self._stack.enter_context(Seen())
        self._noted_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._note()

    def look(self, name: str) -> None:
        """Looks at a file. One that a crawl is writing meanwhile is looked at twice before it is
        said to be damaged: between ledger and file it may have grown, or have been closed.
        """
        grows = (local(self._home.files) / (name + OPEN_SUFFIX)).exists()
        damages = self._verified(name)
        if damages and grows:
            damages = self._verified(name)
        self.damages += damages
        self.looked_at += 1
        is_damaged = any(each.severity is Severity.ERROR for each in damages)
        self.round = self.round.met(name, is_damaged=is_damaged)
        if time.monotonic() - self._noted_at > _NOTED_EVERY_S:
            self._note()

    def _note(self) -> None:
        self._noted_at, self.problem = time.monotonic(), None
        try:
            note_round(self._home, self.round)
        except CannotRunError as error:
            self.problem = str(error)

    def _verified(self, name: str) -> list[Damage]:
        with self._store.read() as connection:
            rows = list(committed_captures(connection, name))
            end = committed_end(connection, name)
        comparison = Comparison(rows, lambda *_: None)
        found = verify_file(self._home.files, name, comparison, end, self._seen)
        return list(with_known(found, self._known))
