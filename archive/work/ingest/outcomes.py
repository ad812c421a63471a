"""What a kept exchange comes to: the outcome, and whether it makes a version. Pure decisions.

Statuses follow RFC 9110; blocks follow the signs met on portals (412 瑞数, 521 加速乐, 468 yunsuo).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from archive.families.navigation import names_report
from archive.families.words import names_body
from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome, Role
from archive.model.reading import Finding, Kind, Link, Reading, Severity
from archive.model.url import is_private, key_of, on_another_site, resolve, same_site, without_tls
from archive.work.ingest.reader_pool import Answer
from archive.work.ingest.reading_tasks import has_content, previous_is_stale, was_cut
from archive.work.ingest.recrawl import spread
from archive.work.ingest.report_evidence import lost_report

GONE_STATUSES: Final = frozenset({404, 410})
BLOCKED_STATUSES: Final = frozenset({401, 403, 405, 406, 412, 418, 451, 468, 493, 512, 521})
PASSING_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 523, 524})
MAX_ATTEMPTS: Final = 3
FIRST_PAUSE: Final = timedelta(seconds=1)
# Pages between a home page and its section: the section is three hops away.
MAX_NAVIGATION_DEPTH: Final = 2
MAX_LIST_HOPS: Final = 200  # further pages one behind the other, each named only by the last one
ENDLESS_LIST: Final = (
    f"the list goes on for ever: its page {MAX_LIST_HOPS} names yet another one; none is followed"
)
EMPTY_LIST: Final = "the list is empty where it was not before"
MAX_HOPS: Final = 10  # redirects one behind the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Requeue:
    """The URL goes back to the frontier for a while.

    host_until: the instant before which the whole host asked to be left alone (Retry-After, RFC
        9110 section 10.2.3); None when it did not.
    url: another spelling of the page's URL to ask for; None asks for the same.
    """

    reason: str
    delay: timedelta
    host_until: datetime | None = None
    url: str | None = None


def decide_unread(  # noqa: PLR0911 - one line a status class
    lease: Lease, stored: StoredCapture, now: datetime, *, retry_after: timedelta | None = None
) -> Record | Requeue:
    """The outcome that the status alone decides (see `needs_reading`).

    retry_after: how long the server asked to be left alone; None when it did not.
    """
    if stored.truncated:
        return _passing(lease, f"answer cut short ({stored.truncated})", stored, now)
    if stored.status == 304 and not has_content(lease):
        return make_record(lease, stored, Outcome.FAILED, "status 304, but nothing was known", now)
    if stored.status == 304 and stored.record_type != "revisit":
        reason = "status 304, but what it stands for is no longer in the archive"
        return make_record(lease, stored, Outcome.FAILED, reason, now)
    if stored.status == 304:
        return make_record(lease, stored, Outcome.UNCHANGED, "304 not modified", now)
    if stored.record_type == "revisit":
        return make_record(lease, stored, Outcome.UNCHANGED, "same payload digest", now)
    if stored.status in GONE_STATUSES:
        return make_record(lease, stored, Outcome.GONE, f"status {stored.status}", now)
    if stored.status in BLOCKED_STATUSES:
        return make_record(lease, stored, Outcome.BLOCKED, f"status {stored.status}", now)
    if stored.status in PASSING_STATUSES:
        return _passing(lease, f"status {stored.status}", stored, now, retry_after)
    why = f"status {stored.status}" if stored.status else "the answer has no status line"
    return make_record(lease, stored, Outcome.FAILED, why, now)


def decide_out_of_reach(lease: Lease, reason: str, now: datetime) -> Record:
    """The outcome of a URL whose name leads into a private network: nothing was sent. What
    the operator named himself has failed; what a page led to is out of scope.
    """
    named = lease.role is Role.ENTRY and not lease.hops
    return make_record(lease, None, Outcome.FAILED if named else Outcome.OUT_OF_SCOPE, reason, now)


def decide_by_http(lease: Lease, reason: str, now: datetime) -> Record:
    """The outcome of an https URL of a portal that speaks only http: it is asked for so.
    Nothing was sent; the reason says that this is a step down.
    """
    link = Link(url=without_tls(lease.url), text="", role=lease.role)
    hops = (*lease.hops, lease.url)
    why = f"asked for by http, without TLS: {reason}"
    return make_record(lease, None, Outcome.REDIRECTED, why, now, links=(link,), hops=hops)


def decide_robots(
    lease: Lease, stored: StoredCapture | None, failure: str | None, now: datetime
) -> Record:
    """The outcome of a robots.txt fetch: it is kept and has an outcome, but never a version."""
    if stored is None or failure is not None:
        return make_record(lease, stored, Outcome.FAILED, failure or "no answer", now)
    if stored.status in GONE_STATUSES:
        return make_record(lease, stored, Outcome.GONE, f"status {stored.status}", now)
    if stored.status >= 400:
        return make_record(lease, stored, Outcome.FAILED, f"status {stored.status}", now)
    fresh = lease.previous is None or stored.record_type != "revisit"
    return make_record(
        lease, stored, Outcome.NEW if fresh else Outcome.UNCHANGED, "robots.txt", now
    )


def decide_requisite(
    lease: Lease, stored: StoredCapture, now: datetime, *, retry_after: timedelta | None = None
) -> Record | Requeue:
    """The outcome of a style sheet or an image that did not redirect: it is kept and has an
    outcome, but never a version. retry_after: as for `decide_unread`.
    """
    if stored.record_type == "revisit":
        return make_record(lease, stored, Outcome.UNCHANGED, "shown by a page", now)
    if stored.status == 200 and not stored.truncated:
        before = lease.previous
        # The same bytes are kept once more where the former record is lost.
        same = before is not None and before.payload_digest == stored.payload_digest
        outcome = Outcome.NEW if before is None else Outcome.CHANGED
        outcome = Outcome.UNCHANGED if same else outcome
        return make_record(lease, stored, outcome, "shown by a page", now)
    return decide_unread(lease, stored, now, retry_after=retry_after)


def decide_failure(
    lease: Lease,
    reason: str,
    stored: StoredCapture | None,
    now: datetime,
    *,
    is_final: bool = False,
) -> Record | Requeue:
    """The outcome of an exchange that did not come to its end.

    is_final: its host is left alone for the rest of the run, so there is no other try in it.
    """
    if is_final:
        return make_record(lease, stored, Outcome.FAILED, reason, now)
    return _passing(lease, reason, stored, now)


def decide_read(
    lease: Lease,
    stored: StoredCapture,
    answer: Answer,
    now: datetime,
    *,
    previous_hash: str | None,
    redirects: Mapping[str, str],
) -> Record | Requeue:
    """The outcome of a capture that was looked into.

    redirects: where other URLs of this run were found to lead.

    previous_hash: content hash of the latest version as today's reader gives it; None when there
    is no version yet.
    """
    if 300 <= stored.status < 400:
        target = resolve(lease.url, answer.location or "")
        return _moved(lease, stored, target, now, redirects)
    if answer.refused is not None:
        failed = make_record(lease, stored, Outcome.FAILED, answer.refused, now, answer=answer)
        return _passing(lease, answer.refused, stored, now) if answer.is_cut else failed
    if answer.reading is None:
        return make_record(
            lease, stored, Outcome.UNCHANGED, "same decoded body", now, answer=answer
        )
    if answer.reading.forward is not None:
        forward = answer.reading.forward
        return _moved(lease, stored, forward.url, now, redirects, f" ({forward.how})")
    return _understood(lease, stored, answer, answer.reading, now=now, previous_hash=previous_hash)


def _understood(
    lease: Lease,
    stored: StoredCapture,
    answer: Answer,
    reading: Reading,
    *,
    now: datetime,
    previous_hash: str | None,
) -> Record:
    """The outcome of a page by what it says."""
    if reading.blocked is not None:
        return no_page(lease, stored, reading, Outcome.BLOCKED, reading.blocked, now, answer)
    if reading.soft_404 is not None:
        return no_page(lease, stored, reading, Outcome.SOFT_404, reading.soft_404, now, answer)
    return _content(lease, stored, answer, reading, now=now, previous_hash=previous_hash)


def _content(
    lease: Lease,
    stored: StoredCapture,
    answer: Answer,
    reading: Reading,
    *,
    now: datetime,
    previous_hash: str | None,
) -> Record:
    if lease.depth >= MAX_LIST_HOPS and any(link.role is Role.LIST for link in reading.links):
        return make_record(lease, stored, Outcome.FAILED, ENDLESS_LIST, now, answer=answer)
    completes = was_cut(lease) and not stored.truncated
    if previous_hash == reading.content_hash:
        why = "same content, whole for the first time" if completes else "same content"
        same = make_record(
            lease, stored, Outcome.UNCHANGED, why, now, answer=answer,
            reading=reading, supersede_reader=completes or previous_is_stale(lease),
        )  # fmt: skip
        return replace(same, completes=completes)
    failures = [each for each in reading.findings if each.rule == "reader_failed"]
    if failures and previous_hash is not None:
        # What an earlier version says stays: a defect of the reader is no change of the page.
        why = f"the reader failed: {failures[0].evidence}"
        failed = make_record(lease, stored, Outcome.FAILED, why, now, answer=answer)
        return replace(failed, reading=reading)
    shrunk = _lost_items(lease, reading)
    if shrunk is not None:
        return make_record(lease, stored, Outcome.FAILED, shrunk, now, answer=answer)
    if (lost := lost_report(lease, answer)) is not None:
        return no_page(lease, stored, reading, Outcome.SOFT_404, lost, now, answer)
    outcome = Outcome.NEW if previous_hash is None else Outcome.CHANGED
    more = "; the version before was cut short" if completes else ""
    return make_record(
        lease, stored, outcome, reading.kind.value + more, now, answer=answer,
        reading=reading, new_version=True,
    )  # fmt: skip


def _lost_items(lease: Lease, reading: Reading) -> str | None:
    """An empty list where there was one is a failure of the portal, not a change of content. A
    report that a person named in place of a list may change.
    """
    if lease.previous is None or lease.previous.content_hash is None:
        return None
    if not lease.role.is_list or lease.previous.kind in (Kind.REPORT, Kind.ATTACHMENT):
        return None
    return EMPTY_LIST if not reading.links else None


def _moved(
    lease: Lease,
    stored: StoredCapture,
    target: str | None,
    now: datetime,
    redirects: Mapping[str, str],
    how: str = "",
) -> Record:
    """How a URL ends that leads to another one. how: by what, where it was no Location."""
    if target is None:
        reason = f"status {stored.status} without a usable Location"
        return make_record(lease, stored, Outcome.FAILED, reason, now)
    hops = (*lease.hops, lease.url)
    if _leads_back(target, hops, redirects):
        reason = f"redirect loop to {target}{how}"
        return make_record(lease, stored, Outcome.FAILED, reason, now)
    if len(hops) > MAX_HOPS:
        return make_record(lease, stored, Outcome.FAILED, f"more than {MAX_HOPS} redirects", now)
    if is_private(target) and not is_private(lease.url):
        reason = f"redirects into a private network: {target}{how}"
        return make_record(lease, stored, Outcome.OUT_OF_SCOPE, reason, now)
    if lease.role is not Role.ENTRY and not same_site(lease.url, target):
        reason = f"redirects to another site: {target}{how}"
        return make_record(lease, stored, Outcome.OUT_OF_SCOPE, reason, now)
    link, reason = Link(url=target, text="", role=lease.role), f"to {target}{how}"
    return make_record(lease, stored, Outcome.REDIRECTED, reason, now, links=(link,), hops=hops)


def _leads_back(target: str, hops: tuple[str, ...], redirects: Mapping[str, str]) -> bool:
    led = {key_of(hop) for hop in hops}
    for _ in range(MAX_HOPS):
        if key_of(target) in led:
            return True
        if target not in redirects:
            return False
        target = redirects[target]
    return True


def _passing(
    lease: Lease,
    reason: str,
    stored: StoredCapture | None,
    now: datetime,
    retry_after: timedelta | None = None,
) -> Record | Requeue:
    """Trouble that may pass: back to the frontier, longer each time and no two pages for the same
    time; then it is a failure.
    """
    if lease.attempts + 1 >= MAX_ATTEMPTS:
        return make_record(
            lease, stored, Outcome.FAILED, f"{reason} ({MAX_ATTEMPTS} attempts)", now
        )
    pause = FIRST_PAUSE * 4**lease.attempts * (1 + spread(lease.page_id + lease.attempts) / 2)
    if retry_after is None:
        return Requeue(reason=reason, delay=pause)
    return Requeue(reason=reason, delay=max(pause, retry_after), host_until=now + retry_after)


def no_page(
    lease: Lease,
    stored: StoredCapture,
    reading: Reading,
    outcome: Outcome,
    why: str,
    now: datetime,
    answer: Answer | None = None,
) -> Record:
    """The ending of a page that was read and is a block page or a soft 404. It makes no version and
    nothing it names is scheduled, but the doubts about it are kept, this one among them.
    """
    doubt = Finding(rule=outcome.value, severity=Severity.WARNING, message=why)
    doubtful = replace(reading, findings=(*reading.findings, doubt))
    return replace(make_record(lease, stored, outcome, why, now, answer=answer), reading=doubtful)


def make_record(
    lease: Lease,
    stored: StoredCapture | None,
    outcome: Outcome,
    reason: str,
    now: datetime,
    *,
    answer: Answer | None = None,
    reading: Reading | None = None,
    new_version: bool = False,
    supersede_reader: bool = False,
    links: tuple[Link, ...] = (),
    hops: tuple[str, ...] = (),
) -> Record:
    """The record of a lease that ended so. stored: None when nothing was captured."""
    return Record(
        page_id=lease.page_id,
        run_id=lease.run_id,
        capture_id=stored.capture_id if stored else None,
        outcome=outcome,
        reason=reason,
        at=now,
        reading=reading,
        new_version=new_version,
        supersede_reader=supersede_reader,
        links=links or _links(lease, reading),
        hops=hops,
        body_digest=answer.body_digest if answer else None,
        packed=answer.packed if answer and reading is not None else None,
    )


def _links(lease: Lease, reading: Reading | None) -> tuple[Link, ...]:
    """The URLs to schedule: what the section's pages name on the portal's own site. A report that a
    list names on another site is scheduled for its row alone.
    """
    links: list[Link] = []
    for link in reading.links if reading else ():
        if same_site(lease.url, link.url):
            if link.role is not Role.NAVIGATION or _is_near(lease, link):
                links.append(link)
        elif reading and reading.kind is Kind.LIST and names_report(link.text):
            links.append(replace(link, url=on_another_site(link.url), role=Role.PAGE))
    return tuple(links)


def _is_near(lease: Lease, link: Link) -> bool:
    """Whether a hub page is near enough to the home page; a department's or township's own
    front, which is listed beside the county's section, may lie one step further.
    """
    return lease.depth < MAX_NAVIGATION_DEPTH or (
        lease.depth == MAX_NAVIGATION_DEPTH and names_body(link.text)
    )
