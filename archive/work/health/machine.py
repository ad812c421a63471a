"""Checks of the machine: its clock, its disks, the programs that read what Python cannot."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median
from typing import Final

from archive.model.errors import DamageError
from archive.model.frontier import WarcSpot
from archive.store.query.health import FreshCapture, fresh_captures, newest_capture_at
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, Response, parse_response
from archive.warc.reader import read_block, read_not_modified
from archive.work.disk_guard import disks_of, gigabytes
from archive.work.health.result import Result, Subject, bad, good, named, warn

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_CHINESE_FONT: Final = re.compile(
    r"cjk|wqy|noto(?:sans|serif)[a-z]{0,9}sc|uming|ukai|simsun|simhei|droidsans[a-z]{0,9}fallback"
    r"|source.?han",
    re.IGNORECASE,
)
_HOSTS: Final = 20
_SEEN: Final = timedelta(minutes=1)
_OFF: Final = timedelta(minutes=10)
# Few hosts may all be wrong, but hardly by an hour.
_MANY_HOSTS: Final = 3
_OFF_ON_FEW: Final = timedelta(hours=1)
_COPIES: Final = (".bak-*", ".before-rebuild-*", ".moved-*")
_NEEDED: Final = timedelta(days=31)
_ENOUGH: Final = 3  # times what must stay free
_SET_CLOCK: Final = "set the clock (timedatectl set-ntp true)"


def clock_check(subject: Subject) -> Result:
    """This machine's clock against the Date of the newest answers; the network is not asked."""
    with subject.ledger.read() as connection:
        newest = newest_capture_at(connection)
        captures = fresh_captures(connection, hosts=_HOSTS)
    if newest is not None and newest > subject.now + _SEEN:
        ahead = _spelled(newest - subject.now)
        saw = f"the newest capture lies {ahead} ahead of this machine's clock"
        return bad(saw, f"{_SET_CLOCK}; a crawl brings back what a wrong clock has planned")
    offsets = list(_offsets(captures, subject.home.files))
    if not offsets:
        return warn("no capture has a Date to compare this machine's clock with")
    off = timedelta(seconds=median(each.total_seconds() for each in offsets))
    hosts = f"{len(offsets)} host{'' if len(offsets) == 1 else 's'}"
    where = f"{_spelled(abs(off))} {'ahead of' if off > timedelta(0) else 'behind'}"
    saw = f"at the newest answers this machine's clock was {where} the Date of {hosts}"
    if abs(off) > (_OFF if len(offsets) >= _MANY_HOSTS else _OFF_ON_FEW):
        return bad(saw, _SET_CLOCK)
    return warn(saw, _SET_CLOCK) if abs(off) > _SEEN else good(saw)


def _offsets(captures: Iterable[FreshCapture], warc: WarcFolder) -> Iterator[timedelta]:
    """How far the clock was ahead of each host's, halfway through an exchange with a Date."""
    told: set[str] = set()
    for each in captures:
        at = None if each.host in told else _date(warc, each.spot)
        if at is not None:
            told.add(each.host)
            yield each.captured_at + timedelta(seconds=each.elapsed_s / 2) - at


def _date(warc: WarcFolder, spot: WarcSpot) -> datetime | None:
    try:
        head = read_block(warc, spot) or read_not_modified(warc, spot)
        return date_of(parse_response(head, limits=Limits())) if head else None
    except DamageError:
        return None  # another check says so


def date_of(answer: Response) -> datetime | None:
    """When an answer was made by the clock of its host: its Date and, from a cache, its Age; None
    without a Date that is one.
    """
    try:
        at = parsedate_to_datetime(answer.header("date") or "")
    except ValueError:
        return None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    age = answer.header("age") or "0"
    return at + timedelta(seconds=int(age) if age.isdecimal() and len(age) < 8 else 0)


def disk_check(subject: Subject) -> Result:
    """The room on every disk of the archive."""
    database = subject.home.database
    folders = [subject.home.path, subject.home.warc, database.resolve().parent]
    rooms = [(subject.free(folder), folder) for folder in disks_of(folders)]
    if not rooms:
        return warn(f"there is no folder {subject.home.path} yet")
    least, folder = min(rooms, key=lambda each: each[0])
    saw = f"{gigabytes(least)} free at {folder}; crawls end below {gigabytes(subject.min_free)}"
    helps = "make room, or move the archive to a larger disk (gongkai backup, gongkai restore)"
    if least < subject.min_free:
        return bad(saw, helps)
    return warn(saw, helps) if least < _ENOUGH * subject.min_free else good(saw)


def copies_check(subject: Subject) -> Result:
    """Ledgers of before a migration, a rebuild or a move, which lie beside today's until somebody
    removes them.
    """
    database = subject.home.database
    beside = sorted(path for kind in _COPIES for path in database.parent.glob(database.name + kind))
    found = [(path, path.stat()) for path in beside if path.is_file()]
    if not found:
        return good("no copies of former ledgers lie beside today's")
    size = gigabytes(sum(stat.st_size for _, stat in found))
    saw = f"copies of former ledgers take {size}: {named([path.name for path, _ in found])}"
    newest = datetime.fromtimestamp(max(stat.st_mtime for _, stat in found), UTC)
    if subject.now - newest < _NEEDED:
        return good(saw)
    return warn(saw, "remove them, if gongkai verify finds nothing wrong")


def converters_check(subject: Subject) -> Result:
    """The programs that read attached old Word files, archives, and pages made by scripts."""
    missing = []
    find = subject.program
    if not (find("soffice") or find("libreoffice")):
        also = " (antiword reads .doc without its tables)" if find("antiword") else ""
        missing.append(("LibreOffice, for .doc, .wps and .rtf" + also, "libreoffice-writer-nogui"))
    if not find("bsdtar"):
        missing.append(("bsdtar, for RAR and 7z archives", "libarchive-tools"))
    if not any(map(find, BROWSERS)):
        missing.append(("Chromium, for pages made by scripts", "chromium"))
    if not missing:
        return good("LibreOffice, bsdtar and Chromium are there")
    packages = " ".join(package for _, package in missing)
    saw = f"not installed: {'; '.join(what for what, _ in missing)}"
    return warn(saw, f"apt-get install {packages}; gongkai reread then reads what is stored")


def fonts_check(_subject: Subject, folders: Iterable[Path] = FONT_FOLDERS) -> Result:
    """A Chinese font, for PDF files that do not carry theirs."""
    found = [
        path.name
        for folder in folders
        for path in sorted(folder.rglob("*.[to]t[fc]"))
        if _CHINESE_FONT.search(path.name)
    ]
    if found:
        return good(f"Chinese fonts are there ({named(found, 1)})")
    return warn(
        "no Chinese font is installed: PDF files that do not carry theirs cannot be read",
        "apt-get install fonts-wqy-microhei; then gongkai reread",
    )


def _spelled(span: timedelta) -> str:
    """A span of time as people say it.

    >>> _spelled(timedelta(seconds=4)), _spelled(timedelta(minutes=90)), _spelled(timedelta(days=3))
    ('4 s', '90 min', '3 days')
    """
    seconds = span.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 2 * 86_400 else f"{span.days} days"
