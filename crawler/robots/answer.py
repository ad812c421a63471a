"""The answer to a request for robots.txt, and the state of its host for a day."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from archive.model.errors import DamageError, MessageError
from archive.model.frontier import Lease, StoredCapture, WarcSpot
from archive.model.url import host_of, resolve
from archive.store.rows import HostState
from archive.warc.folder import WarcFolder
from archive.warc.message import Decoded, Limits, Response, parse_response
from archive.warc.reader import read_block
from crawler.robots.rules import NOT_MODIFIED, TOO_MANY_REQUESTS, is_success

KEPT_FOR: Final = timedelta(hours=24)  # RFC 9309 section 2.4
SIZE_LIMIT_BYTES: Final = 500 * 1024  # RFC 9309 section 2.5
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """One exchange for a robots.txt. status is 0 when no whole answer came; unreadable: what it
    repeats cannot be read.
    """

    lease: Lease
    stored: StoredCapture | None
    failure: str | None = None
    status: int = 0
    text: str = ""
    redirect: str | None = None
    unreadable: bool = False


def read_answer(folder: WarcFolder, lease: Lease, stored: StoredCapture) -> RobotsAnswer:
    """What a kept exchange says; never raises for what came from the wire or from a file."""
    try:
        return _answer_of(folder, lease, stored)
    except DamageError as error:
        repeats = lease.previous is not None and _repeats(stored)
        return RobotsAnswer(lease=lease, stored=stored, failure=str(error), unreadable=repeats)


def _answer_of(folder: WarcFolder, lease: Lease, stored: StoredCapture) -> RobotsAnswer:
    status, answer = stored.status, _answer_at(folder, stored.spot)
    if _repeats(stored):
        # The record of a revisit is a head alone: the rules are in the one it refers to.
        if lease.previous is None:
            raise MessageError(f"status {status}, but nothing was known")
        known = _answer_at(folder, lease.previous.spot)
        status, answer = (known.status, known) if status == NOT_MODIFIED else (status, known)
    entity = answer.entity() if is_success(status) else Decoded(body=b"")
    if entity.damage:
        raise MessageError(entity.damage)
    return RobotsAnswer(
        lease=lease,
        stored=stored,
        status=status,
        text=_text(_within_limit(entity.body)),
        redirect=resolve(lease.url, answer.location or "") if 300 <= status < 400 else None,
    )


def _repeats(stored: StoredCapture) -> bool:
    return stored.record_type == "revisit" or stored.status == NOT_MODIFIED


def _answer_at(folder: WarcFolder, spot: WarcSpot) -> Response:
    limits = Limits(max_inflated_bytes=8 * SIZE_LIMIT_BYTES)
    return parse_response(read_block(folder, spot), limits=limits)


def _within_limit(body: bytes) -> bytes:
    """Half a line would be another rule: what is cut ends with its last whole line."""
    if len(body) <= SIZE_LIMIT_BYTES:
        return body
    return body[:SIZE_LIMIT_BYTES].rpartition(b"\n")[0]


def _text(body: bytes) -> str:
    """UTF-8 (RFC 9309 section 2.2), unless a byte order mark says UTF-16 (Windows' "Unicode").
    Other bytes, as of comments in GBK, become U+FFFD; Protego compares paths in them so too.
    """
    marked = body.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    text = body.decode("utf-16" if marked else "utf-8", "replace")
    return text.replace("\0", "").lstrip(_BYTE_ORDER_MARK)


def host_ruled(answer: RobotsAnswer) -> str | None:
    """The host that a URL gives rules to by itself; None for one that was redirected to."""
    url = answer.lease.url
    return host_of(url) if url == resolve(url, "/robots.txt") else None


def state_after(
    known: HostState | None, host: str, answer: RobotsAnswer, now: datetime
) -> HostState:
    """The host's state after an answer."""
    return replace(
        known or HostState(host=host),
        robots_status=answer.status,
        robots_text=answer.text if answer.failure is None else answer.failure,
        robots_fetched_at=now,
    )


def take_up(
    folder: WarcFolder, lease: Lease, known: HostState | None, now: datetime
) -> HostState | None:
    """The host's state from a robots.txt answer that was kept before a crash; None when it has to
    be asked for again: it was cut, only a redirect, or repeats what cannot be read.
    """
    if lease.pending_capture is None or lease.pending_capture.truncated:
        return None
    answer = read_answer(folder, lease, lease.pending_capture)
    if answer.redirect or answer.unreadable:
        return None
    return state_after(known, host_of(lease.url), answer, now)


def is_fresh(state: HostState, now: datetime) -> bool:
    """Rules are kept for a day; a closed host is tried again by the next run."""
    if state.robots_fetched_at is None:
        return False
    status = state.robots_status or 0
    closed = status == 0 or status >= 500 or status == TOO_MANY_REQUESTS
    return not closed and timedelta(0) <= now - state.robots_fetched_at < KEPT_FOR
