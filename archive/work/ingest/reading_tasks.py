"""Which capture of a page is read, and with what its reading is compared. Pure."""

from dataclasses import replace

from archive.model.frontier import Lease, StoredCapture
from archive.model.outcome import Role
from archive.reading import READER_VERSION
from archive.work.ingest.reader_pool import Answer, ReadingTask


def was_cut(lease: Lease) -> bool:
    """True when the latest version was made from an answer that was cut short."""
    return lease.previous is not None and lease.previous.truncated is not None


def may_be_read_although_cut(lease: Lease, stored: StoredCapture) -> bool:
    """True when there is no whole version whose place a cut answer would take."""
    if lease.role is Role.REQUISITE:
        return False
    has_version = lease.previous is not None and lease.previous.content_hash is not None
    has_better = stored.truncated is not None and has_version and not was_cut(lease)
    return stored.status == 200 and not has_better


def needs_reading(lease: Lease, stored: StoredCapture) -> bool:
    """True when the capture's body has to be looked into before its outcome is known. Of what a
    page shows only redirects are.
    """
    if stored.truncated or stored.status == 304:
        return False
    if lease.role is Role.REQUISITE:
        return 300 <= stored.status < 400
    if stored.record_type == "revisit":
        return not _read_by_today(lease)
    return stored.status == 200 or 300 <= stored.status < 400


def previous_is_stale(lease: Lease) -> bool:
    """True when the stored version was read by another reader version: hashes do not compare, so
    the previous capture has to be read again first (better code alone makes no version).
    """
    return has_content(lease) and not _read_by_today(lease)


def hash_before(lease: Lease, again: Answer | None, now_read: Answer) -> str | None:
    """Content hash of the latest version as today's reader gives it; None when there is none.

    again: the previous capture, read again because another reader made the version; None when that
    was not needed or its record is gone. Then only the same bytes are sure to be the same content.
    """
    previous = lease.previous
    if previous is None or previous.content_hash is None:
        return None
    if again is not None and again.reading is not None:
        return again.reading.content_hash
    same = previous.body_digest is not None and now_read.body_digest == previous.body_digest
    if previous_is_stale(lease) and not previous.held and same and now_read.reading is not None:
        return now_read.reading.content_hash
    return previous.content_hash


def known_before(lease: Lease, again: Answer | None, now_read: Answer) -> tuple[str | None, Lease]:
    """What `hash_before` gives, and the lease with its kind as today's reader gives it."""
    if lease.previous is None or again is None or again.reading is None:
        return hash_before(lease, again, now_read), lease
    previous = replace(lease.previous, kind=again.reading.kind)
    return hash_before(lease, again, now_read), replace(lease, previous=previous)


def has_content(lease: Lease) -> bool:
    """True when a version of the page is stored."""
    return lease.previous is not None and lease.previous.content_hash is not None


def _read_by_today(lease: Lease) -> bool:
    return lease.previous is not None and lease.previous.reader_version == READER_VERSION


def task_of(
    lease: Lease, stored: StoredCapture, *, max_bytes: int | None, although_cut: bool
) -> ReadingTask:
    """What to read: the new capture, or the one a revisit repeats when the reader is newer."""
    previous = lease.previous
    stale = previous_is_stale(lease) or was_cut(lease)
    repeats = stored.record_type == "revisit" and previous is not None
    return ReadingTask(
        spot=previous.spot if repeats and previous else stored.spot,
        url=lease.url,
        role=lease.role,
        family=lease.family,
        division=lease.division,
        post_body=lease.body,
        max_bytes=max_bytes,
        although_cut=although_cut,
        same_content=previous.content_hash if previous and not stale else None,
        same_as=previous.body_digest if previous and previous.content_hash and not stale else None,
    )


def previous_task(lease: Lease, *, max_bytes: int | None) -> ReadingTask | None:
    """The previous capture, to be read by today's reader; None when that is not needed, or its
    record is gone.
    """
    previous = lease.previous
    if previous is None or not previous.held or not previous_is_stale(lease):
        return None
    return ReadingTask(
        spot=previous.spot,
        url=lease.url,
        role=lease.role,
        family=lease.family,
        division=lease.division,
        post_body=lease.body,
        max_bytes=max_bytes,
        although_cut=True,  # it made a version
    )


def requisites_task(lease: Lease, stored: StoredCapture) -> ReadingTask | None:
    """Where to look for the style sheets and images of a page that stands as captured. None where
    its body is no longer held, and for a style sheet that another one named: one level is enough.
    """
    if lease.role is Role.REQUISITE and lease.depth > 1:
        return None
    spot = stored.spot
    if stored.record_type == "revisit":
        if lease.previous is None or not lease.previous.held:
            return None
        spot = lease.previous.spot
    return ReadingTask(
        spot=spot, url=lease.url, role=lease.role, family=lease.family, only_requisites=True
    )
