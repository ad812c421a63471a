"""A stored capture is read and decided: the order of the decisions, which a crawl shares, and
`decide_stored`, which takes a capture to its end without one (import, rebuild).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome, Role
from archive.work.ingest.outcomes import (
    MAX_ATTEMPTS,
    Requeue,
    decide_read,
    decide_requisite,
    decide_robots,
    decide_unread,
    make_record,
)
from archive.work.ingest.reader_pool import READING_ERRORS, Answer, Readers, refusal
from archive.work.ingest.reading_tasks import (
    known_before,
    may_be_read_although_cut,
    needs_reading,
    previous_task,
    task_of,
)
from archive.work.ingest.render_outcomes import (
    decide_self_redirect,
    decide_still_needed,
    decide_unrendered,
    is_missing,
    is_rendered,
    may_be_challenge,
)

NOT_RENDERED: Final = "no browser rendered it"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRules:
    """What `decide_stored` needs to know beside the capture.

    max_bytes: the largest answer that the portal takes; None takes the usual limit.
    although_cut: an answer that ends too early is read where no whole version is known, because
        nobody will ask again; else it has failed.
    redirects: where other URLs of the same run were found to lead.
    """

    max_bytes: int | None = None
    although_cut: bool = False
    redirects: Mapping[str, str] = field(default_factory=dict)


def decide_stored(
    lease: Lease, stored: StoredCapture, readers: Readers, now: datetime, rules: StoredRules
) -> Record:
    """How a capture ends that is stored and that nobody will ask for again: what a crawl would put
    off (a server's trouble, an answer cut short) has failed with that reason.

    lease: with the version in force before the capture as `previous`; it need not be on the
    frontier. Blocks until a reading process answered.
    """
    if lease.role is Role.ROBOTS:
        return decide_robots(lease, stored, None, now)
    decision = _decide(lease, stored, readers, now, rules)
    if isinstance(decision, Requeue):
        return make_record(lease, stored, Outcome.FAILED, decision.reason, now)
    return decision


def decide_answer(
    lease: Lease,
    known: Lease,
    stored: StoredCapture,
    answer: Answer,
    now: datetime,
    *,
    previous_hash: str | None,
    redirects: Mapping[str, str],
) -> Record | Requeue | None:
    """The outcome of a capture that was looked into; None: list or text is not there, and a browser
    may bring it. known: the lease as today's reader knows it. previous_hash, redirects: as for
    `decide_read`.
    """
    if is_missing(stored, answer.reading):
        return None
    if may_be_challenge(stored):
        return decide_unread(lease, stored, now)
    again = decide_self_redirect(lease, stored, answer, now)
    if again is not None:
        return again
    return decide_read(known, stored, answer, now, previous_hash=previous_hash, redirects=redirects)


def _decide(
    lease: Lease, stored: StoredCapture, readers: Readers, now: datetime, rules: StoredRules
) -> Record | Requeue:
    although_cut = rules.although_cut and may_be_read_although_cut(lease, stored)
    whole = replace(stored, truncated=None) if although_cut else stored
    if not needs_reading(lease, whole) and lease.role is Role.REQUISITE:
        return decide_requisite(lease, stored, now)
    if not needs_reading(lease, whole) and not may_be_challenge(stored):
        return decide_unread(lease, stored, now)
    again = None
    try:
        task = task_of(lease, stored, max_bytes=rules.max_bytes, although_cut=although_cut)
        answer = readers.read(task).result()
        before = previous_task(lease, max_bytes=rules.max_bytes)
        again = readers.read(before).result() if before else None
    except READING_ERRORS as error:
        answer = refusal(error)
    previous_hash, known = known_before(lease, again, answer)
    decision = decide_answer(
        replace(lease, attempts=MAX_ATTEMPTS - 1),  # nobody asks again
        known,
        stored,
        answer,
        now,
        previous_hash=previous_hash,
        redirects=rules.redirects,
    )
    if decision is not None:
        return decision
    if is_rendered(stored) and answer.reading is not None:
        return decide_still_needed(lease, stored, answer.reading, now)
    return decide_unrendered(lease, stored, answer.reading, NOT_RENDERED, now)
