"""Answers that end before their end: whose place they may take; pure."""

from archive.model.frontier import Lease, StoredCapture


def was_cut(lease: Lease) -> bool:
    """True when the latest version was made from an answer that was cut short."""
    return lease.previous is not None and lease.previous.truncated is not None


def may_be_read_although_cut(lease: Lease, stored: StoredCapture) -> bool:
    """True when there is no whole version whose place a cut answer would take."""
    has_version = lease.previous is not None and lease.previous.content_hash is not None
    has_better = stored.truncated is not None and has_version and not was_cut(lease)
    return stored.status == 200 and not has_better
