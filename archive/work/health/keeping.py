"""Checks of what is kept: the ledger's schema and pages, WARC files, seals, backups."""

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from archive.model.errors import TooSlowError
from archive.model.reading import Severity
from archive.store.engine import place_of
from archive.store.query.history import committed_captures
from archive.store.query.integrity import failed_checksums, table_faults, tables_to_check
from archive.store.query.questions import recent_runs
from archive.store.query.run_facts import recorded_runs
from archive.store.unfinished_merges import unfinished_merges
from archive.store.upgrade import HEAD, REVISIONS, stored_revision
from archive.store.write.captures import archive_id, committed_ends
from archive.store.write.lost import known_places
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.mark import Mark, refuse_other
from archive.warc.recovery import is_own
from archive.work.atomic_file import atomic_file
from archive.work.health.result import Result, Subject, bad, good, named, warn
from archive.work.home import Home
from archive.work.ingest.folder import refuse_elsewhere
from archive.work.ingest.holdings import differences
from archive.work.open_archive import refuse_nothing
from archive.work.preservation.repair import with_known
from archive.work.preservation.seal.chain import read_chain
from archive.work.preservation.seal.folder import seals_of, stored_seals
from archive.work.preservation.verify import verify_archive
from archive.work.preservation.verify_ledger import verify_ledger
from archive.work.preservation.verify_round import NOTED_IN, round_of

# A look at the ledger's pages ends after so long; --deep takes its time.
WITHIN_S: Final = 10.0
_UNREAD: Final = timedelta(days=365)
_AHEAD: Final = timedelta(hours=1)
_UNSEALED: Final = timedelta(days=2)
_BACKUP: Final = "last-backup.json"
_OLD_BACKUP: Final = timedelta(days=31)
_NAMES_EACH: Final = "gongkai verify names each"


def schema_check(subject: Subject) -> Result:
    """Whether the ledger's schema is that of this release."""
    refuse_nothing(subject.place)
    revision = stored_revision(subject.place)
    if revision == HEAD:
        return good(f"schema {HEAD}, as this release has it")
    if revision is not None and revision not in REVISIONS:
        return bad(
            f"schema {revision} is newer than {HEAD} of this release",
            "install the release that made it (pip install --upgrade gongkai)",
        )
    return warn(
        f"schema {revision or 'none'} is older than {HEAD} of this release",
        "gongkai status migrates it, after a copy beside it",
    )


def ledger_check(subject: Subject) -> Result:
    """The engine's own check, of as much as can be looked at in some seconds; with --deep of all,
    and every stored text against its hash. Before all that, whether a merge into it has ended.
    """
    with subject.ledger.read() as connection:
        halves = unfinished_merges(connection)
    if halves:
        return bad(halves[0].what, halves[0].helps)
    if subject.deep:
        damages = list(verify_ledger(subject.ledger, place_of(subject.place)))
        if damages:
            return bad(f"faults: {len(damages)}, the first: {damages[0].message}", _RESTORE)
        return good("every page, row and text is as it was written")
    with subject.ledger.read() as connection:
        tables, failed = tables_to_check(connection), failed_checksums(connection)
    if failed:
        return bad(f"PostgreSQL found {failed} damaged pages", _RESTORE)
    if not tables:
        on = "keeps checksums and found no damage" if failed == 0 else "keeps no checksums"
        return good(f"PostgreSQL answers; it {on} (--deep looks at every text)")
    return _tables_looked_at(subject, tables)


_RESTORE: Final = f"{_NAMES_EACH}; gongkai rebuild makes the ledger again from the WARC files"


def _tables_looked_at(subject: Subject, tables: list[str]) -> Result:
    until, done = time.monotonic() + WITHIN_S, 0
    for name in tables:
        try:
            with subject.ledger.read() as connection:
                faults = table_faults(connection, name)
        except TooSlowError:
            continue
        if faults:
            return bad(f"table {name}: {faults[0]}", _RESTORE)
        done += 1
        if time.monotonic() > until:
            break
    if done == len(tables):
        return good(f"the pages of all {done} tables are sound (--deep looks at every text)")
    return good(f"the pages of {done} of {len(tables)} tables are sound (--deep looks at the rest)")


def files_check(subject: Subject) -> Result:
    """WARC files that are missing, cut, or not of this archive; with --deep every record."""
    folder = subject.home.files
    with subject.ledger.read() as connection:
        mine = Mark(archive_id=archive_id(connection), ledger=place_of(subject.place))
        ends = committed_ends(connection)
        known = frozenset(file for file, _ in known_places(connection))
        refuse_elsewhere(connection, folder)
    if not subject.home.warc.is_dir() and not ends:
        return warn("there are no WARC files yet", "gongkai crawl")
    refuse_other(folder, mine)
    found = differences(folder, ends, known)
    # What a growing file holds beyond the ledger belongs to the crawl that is at work.
    growing = OPEN_SUFFIX if subject.home.is_crawled() else "\0"
    unknown = [name for name in found.unknown if not name.endswith(growing)]
    foreign = [name for name in unknown if not is_own(folder / name, mine.archive_id)]
    if found.missing:
        return bad(f"missing or cut: {named([*found.missing])}", f"{_NAMES_EACH}; gongkai repair")
    if foreign:
        helps = f"move them out of {folder}; gongkai import takes in files of others"
        return bad(f"not of this archive: {named(foreign)}", helps)
    if unknown:
        helps = "restore the newest ledger, or gongkai rebuild"
        return bad(f"hold more than the ledger knows: {named(unknown)}", helps)
    return (
        _records(subject)
        if subject.deep
        else good(
            f"all are there ({len(ends):,}), each as long as the ledger says"
            f"{_lost(known)} (--deep reads them)"
        )
    )


def _lost(known: frozenset[str]) -> str:
    return f"; of {len(known)} the damage is known (gongkai repair)" if known else ""


def _records(subject: Subject) -> Result:
    records = 0

    def met() -> None:
        nonlocal records
        records += 1
        subject.on_record()

    with subject.ledger.read() as connection:
        found = verify_archive(
            subject.home,
            committed_captures(connection),
            committed_ends(connection),
            recorded=recorded_runs(connection),
            on_record=met,
        )
        told = with_known(found, known_places(connection))
        damages = [each for each in told if each.severity is Severity.ERROR]
    if damages:
        saw = f"damages: {len(damages)}, the first: {damages[0]}"
        return bad(saw, f"{_NAMES_EACH}; gongkai repair")
    return good(f"every record is sound ({records:,})")


def verified_check(subject: Subject) -> Result:
    """Whether all WARC files were read through, when, and whether any was damaged."""
    found = round_of(subject.home)
    nightly = "gongkai verify, or a share each night: gongkai verify --minutes 60"
    if found.with_damage:
        saw = f"damage was seen in {named(found.with_damage)}"
        return bad(saw, "gongkai repair, then gongkai verify")
    if found.is_unreadable:
        return warn(f"what is noted in {NOTED_IN} cannot be read", nightly)
    if found.whole_began_at is None or found.whole_ended_at is None:
        far = f"; the first round is at {found.after}" if found.after else ""
        return warn(f"the WARC files were never read through{far}", nightly)
    saw = (
        f"every WARC file was read through, the last time from {found.whole_began_at:%Y-%m-%d}"
        f" to {found.whole_ended_at:%Y-%m-%d}"
    )
    if not found.whole_began_at <= found.whole_ended_at <= subject.now + _AHEAD:
        return warn(f"{saw}, by a clock that was wrong", nightly)
    if subject.now - found.whole_began_at > _UNREAD:
        return warn(saw, nightly)
    return good(saw)


def seals_check(subject: Subject) -> Result:
    """The chain of seals, and what ended since the last one. Files and rows are held against their
    seals by `gongkai verify --seals`.
    """
    chain = read_chain(stored_seals(seals_of(subject.home)))
    if chain.faults:
        fault = chain.faults[0]
        return bad(f"seal {fault.number}: {fault.message}", "gongkai verify --seals --key FILE")
    with subject.ledger.read() as connection:
        ends = [run.ended_at for run in recent_runs(connection, limit=1) if run.ended_at]
    if not chain.head:
        return warn("nothing was sealed yet", "gongkai seal") if ends else good("nothing to seal")
    sealed_at = datetime.fromisoformat(chain.last_at)
    saw = f"seals without a gap: {chain.head}, the last of {_days(subject.now - sealed_at)}"
    if ends and ends[0] - sealed_at > _UNSEALED:
        return warn(f"{saw}; a run has ended since", "gongkai seal")
    return good(saw)


def _days(age: timedelta) -> str:
    return "today" if age < timedelta(days=1) else f"{age.days} days ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """When and where the archive was copied last. at: ISO 8601 in UTC."""

    at: str
    folder: str


def note_backup(home: Home, last: LastBackup) -> None:
    """Writes down that a backup is whole. CannotRunError: the disk refuses."""
    with atomic_file(home.path / _BACKUP) as fresh:
        fresh.write_text(json.dumps(asdict(last), ensure_ascii=False) + "\n", "utf-8")


def backup_check(subject: Subject) -> Result:
    """How old the last `gongkai backup` is, as far as the archive knows."""
    try:
        noted = json.loads((subject.home.path / _BACKUP).read_text("utf-8"))
        last = LastBackup(at=str(noted["at"]), folder=str(noted["folder"]))
        age = subject.now - datetime.fromisoformat(last.at)
    except FileNotFoundError:
        return warn("no gongkai backup is known of", "gongkai backup -o FOLDER")
    except (OSError, ValueError, KeyError, TypeError):
        return warn(f"{_BACKUP} cannot be read", "gongkai backup -o FOLDER")
    saw = f"the last was {_days(age)}, to {last.folder}"
    if age > _OLD_BACKUP:
        return warn(saw, f"gongkai backup -o {last.folder}")
    return good(saw)
