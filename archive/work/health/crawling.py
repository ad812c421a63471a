"""Checks of the crawl: what waits, hosts that are held, portals that fell silent, jobs that stand
still.
"""

from datetime import date, datetime, timedelta
from typing import Final

from archive.model.outcome import Verdict
from archive.store import Store
from archive.store.query.health import (
    SilentBody,
    given_up_jobs,
    held_hosts,
    overdue_lists,
    pending,
    portal_verdicts,
    silent_bodies,
    stalled_jobs,
)
from archive.work.catalogue.load import load_catalogue
from archive.work.health.result import Result, Subject, bad, good, named, warn
from archive.work.ingest.covered_cells import CHINA

_OLD: Final = timedelta(days=7)
_TOO_OLD: Final = timedelta(days=31)
_HELD: Final = timedelta(days=1)
_TRIPS: Final = 3
_STALLED: Final = timedelta(minutes=10)
_SEASON: Final = timedelta(days=365)


def pending_check(subject: Subject) -> Result:
    """How long URLs wait on the frontier, and lists of the catalogue's portals for their visit."""
    with subject.ledger.read() as connection:
        waits = pending(connection)
        lists = overdue_lists(connection, subject.now - _OLD)
    keys = {each.key for each in load_catalogue(subject.home.path)}
    overdue = [lists[key] for key in keys & lists.keys()]
    helps = "gongkai crawl --due, from cron or a timer; gongkai status says why a portal waits"
    if overdue:
        age = subject.now - min(first_at for _, first_at in overdue)
        lists_of = f"{sum(count for count, _ in overdue):,}, of {len(overdue):,} portals"
        saw = f"overdue lists: {lists_of}, the oldest for {age.days} days"
        return bad(saw, helps) if age > _TOO_OLD else warn(saw, helps)
    if waits.since is None:
        return good("no URL waits, and no list is overdue")
    read = f" ({waits.kept:,} fetched and not read)" if waits.kept else ""
    age = subject.now - waits.since
    saw = f"URLs that wait: {waits.urls:,}{read}, the oldest for {max(age.days, 0)} days"
    return warn(saw, helps) if age > _OLD else good(saw)


def hosts_check(subject: Subject) -> Result:
    """Hosts that are not asked for more than a day, or that run after run gave up."""
    with subject.ledger.read() as connection:
        held = held_hosts(connection, subject.now + _HELD, _TRIPS)
    if not held:
        return good("no host is held for more than a day")
    first = held[0]
    until = f" until {first.until:%Y-%m-%d}" if first.until and first.until > subject.now else ""
    why = f"{first.host}{until}: {first.reason or f'{first.trips} runs in a row gave it up'}"
    return warn(
        f"hosts held for more than a day, or given up again and again: {len(held)} ({why})",
        "gongkai status says why; gongkai crawl KEY asks a portal's hosts again",
    )


def silent_check(subject: Subject) -> Result:
    """Portals of the catalogue whose verdict is bad, and bodies that had a report every year and
    have none now.
    """
    keys = {each.key for each in load_catalogue(subject.home.path)}
    with subject.ledger.read() as connection:
        judged = [each for each in portal_verdicts(connection) if each.portal in keys]
    silent = bodies_silent(subject.ledger, subject.now)
    wrong = [each for each in judged if each.verdict == Verdict.BAD]
    parts = []
    if wrong:
        why = f"{wrong[0].portal}: {wrong[0].reason}"
        parts.append(f"bad portals: {len(wrong)} of {len(judged)} ({why})")
    if silent:
        names = named([f"{each.body} {each.year}" for each in silent])
        parts.append(f"bodies with a report every year and none now: {len(silent)} ({names})")
    if not parts:
        return good(f"none of {len(judged)} portals is bad, and no body fell silent")
    key = wrong[0].portal if wrong else silent[0].portal
    return warn("; ".join(parts), f"gongkai coverage --state missing; gongkai crawl {key}")


def bodies_silent(store: Store, now: datetime) -> list[SilentBody]:
    """Bodies that had a report for each of the three years before their last deadline and none for
    that one, although their portal's list was read after it.
    """
    today: date = now.astimezone(CHINA).date()
    with store.read() as connection:
        since = (today - _SEASON).isoformat()
        return list(silent_bodies(connection, today.isoformat(), since))


def jobs_check(subject: Subject) -> Result:
    """Jobs of workers that are not heard of any more, and parts of commands that were given up."""
    with subject.ledger.read() as connection:
        stalled = stalled_jobs(connection, subject.now - _STALLED)
        given_up = given_up_jobs(connection)
    if stalled is None:
        return good("no jobs: this archive has no workers")
    if not stalled and given_up:
        saw = f"parts that workers gave up: {len(given_up)} ({named(given_up)})"
        return warn(saw, "gongkai worker --status says why; the command by hand says more")
    if not stalled:
        return good("no job stands still")
    helps = "gongkai worker takes them over; is the machine that had them still there?"
    return bad(f"jobs that stand still: {len(stalled)} ({named(stalled)})", helps)
