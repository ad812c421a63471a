"""What a page comes to that only a browser can read, or that a challenge stands before. Pure.

Challenges (formats.md 5.2): 加速乐 521, 瑞数 412/202/400, yunsuo 468, C3VK 200, CT6T a redirect to
itself. A browser that is let in by one is a visitor like any other; nobody here answers one in
code, and one that stays is `blocked`, never `gone`.
"""

from datetime import datetime, timedelta
from typing import Final

from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome
from archive.model.reading import Reading
from archive.model.url import key_of, resolve
from archive.work.ingest.outcomes import MAX_ATTEMPTS, Requeue, make_record, no_page
from archive.work.ingest.reader_pool import Answer

CHALLENGE_STATUSES: Final = frozenset({202, 400, 403, 412, 468, 512, 521})
RENDERED: Final = "resource"
_COOKIE_PAUSE: Final = timedelta(seconds=1)


def may_be_challenge(stored: StoredCapture) -> bool:
    """Whether an answer whose status refuses may be a challenge: its body is worth a look."""
    return stored.status in CHALLENGE_STATUSES and not stored.truncated


def is_rendered(stored: StoredCapture) -> bool:
    """Whether a capture is a document that a browser rendered, and not an exchange."""
    return stored.record_type == RENDERED


def renders_at_once(lease: Lease, stored: StoredCapture, *, needed_before: bool) -> bool:
    """Whether a list is given to the browser without looking at it first, because lists of its
    portal needed one before.
    """
    fresh = stored.status == 200 and stored.record_type == "response" and not stored.truncated
    return needed_before and fresh and lease.role.is_list


def decide_unrendered(
    lease: Lease, stored: StoredCapture, reading: Reading | None, why: str, now: datetime
) -> Record:
    """The outcome of a page that no browser rendered. reading: what was understood without one;
    None when nobody looked. why: the reason, for the user.
    """
    if reading is None or reading.blocked is None:
        need = reading.needs_browser if reading else None
        return make_record(lease, stored, Outcome.FAILED, f"{why} ({need})" if need else why, now)
    return no_page(
        lease, stored, reading, Outcome.BLOCKED, _blocked_reason(stored, reading, why), now
    )


def decide_still_needed(
    lease: Lease, stored: StoredCapture, reading: Reading, now: datetime
) -> Record:
    """The outcome of a rendered document that says no more than the page itself did, and that is
    too little to be a page (see `says_something`).
    """
    if reading.blocked is not None:
        why = "a browser did not get past it"
        return no_page(
            lease, stored, reading, Outcome.BLOCKED, _blocked_reason(stored, reading, why), now
        )
    reason = f"{reading.needs_browser}; a browser brought none either"
    return make_record(lease, stored, Outcome.FAILED, reason, now)


def is_missing(stored: StoredCapture, reading: Reading | None) -> bool:
    """Whether list or text is not there and a browser may bring it."""
    if reading is None or reading.needs_browser is None:
        return False
    return not (is_rendered(stored) and says_something(reading))


def says_something(reading: Reading) -> bool:
    """True for a page without text that has a header table: what its portal says of the document
    is worth a version, and no browser brings more (seen on hdzfxxgk.hd.gov.cn).
    """
    labelled = [field for field in reading.fields if field.origin.startswith("header:")]
    return reading.blocked is None and reading.title is not None and len(labelled) > 1


def decide_self_redirect(
    lease: Lease, stored: StoredCapture, answer: Answer, now: datetime
) -> Record | Requeue | None:
    """A page that redirects to itself wants its cookie back: it is asked again with it (CT6T), then
    it is a refusal. One that redirects to itself with a session in the URL is asked for there.
    None for every other answer.
    """
    target = resolve(lease.url, answer.location or "") if 300 <= stored.status < 400 else None
    if target is None:
        return None
    if target != lease.url and (lease.method != "GET" or key_of(target) != key_of(lease.url)):
        return None
    if target != lease.url and lease.attempts + 1 < MAX_ATTEMPTS:
        reason = "redirects to itself with a session: asked again with it"
        return Requeue(reason=reason, delay=timedelta(0), url=target)
    if lease.attempts + 1 < MAX_ATTEMPTS:
        return Requeue(
            reason="redirects to itself: asked again with its cookie", delay=_COOKIE_PAUSE
        )
    return make_record(lease, stored, Outcome.BLOCKED, "redirects to itself, cookie or not", now)


def ask_again(lease: Lease, reading: Reading) -> Requeue | None:
    """Another try without a browser, after its cookie was got with another page; None when the
    tries are used up.
    """
    if lease.attempts + 1 >= MAX_ATTEMPTS:
        return None
    return Requeue(reason=f"{reading.blocked}: passed since, asked again", delay=timedelta(0))


def _blocked_reason(stored: StoredCapture, reading: Reading, why: str) -> str:
    status = "" if stored.status == 200 else f"status {stored.status}, "
    return f"{status}{reading.blocked}; {why}"
