"""What the ledger answers with: plain frozen rows, no SQL behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.model.frontier import WarcSpot
from archive.model.optical import OpticalFigure
from archive.model.reading import Field, Figure, Finding, Statement, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTicket:
    """A run that was begun. resumed: it goes on with an earlier, unfinished run's frontier.

    pending, kept: rows that wait to be fetched, and to be read from the WARC files.
    adopted: of these, left over by earlier runs; recovered: of these, leased by a dead process.
    """

    run_id: int
    resumed: bool
    pending: int
    kept: int
    adopted: int
    recovered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How the second transaction ended for one record.

    version_id, version_number: of the version made or replaced; None when there was none.
    scheduled: how many URLs were put on the frontier.
    """

    version_id: int | None
    version_number: int | None
    scheduled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is known of a portal before a run: pages that have at least one version, by kind."""

    lists: int
    reports: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentPage:
    """An entry or a list that a run reached and whose answer names no URL at all.

    kind: what it was read as. report_year: None when none is known. text: the begin of its text.
    """

    url: str
    is_entry: bool
    kind: str
    report_year: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFacts:
    """What a run brought of one portal; its robots.txt is left out.

    counts: URLs by outcome. lists_read, lists_lost: lists that ended with and without
    content; lists_failed: of these, those that failed or were blocked; lists_repeated: lists of the
    run that equal another one word for word. reasons: of endings without content, the
    commonest first.
    known_lost: URLs that were known to have content and are gone, or a soft 404.
    lost: urls of reports and files of before that are gone, a soft 404, or overwritten by what is
    none, the newly lost first; newly_lost: how many of them an earlier run did not miss yet.
    never_read: of those that failed, were blocked or refused, the ones that never had content: each
    run fetches them anew, however little else is due.
    items_before, items_now: pages named by the lists that changed in the run.
    family_lost: the CMS family that a changed list showed before and no longer shows.
    left: URLs still on the frontier. reports: reports (and files) known by now; an entry or a
    list that was read as one counts only when it names something.
    silent: its entries and lists that name no URL; unnamed: its lists with entries whose url
    is not known, with their titles; lists_naming: how many entries, hub pages and
    lists name pages or files, None when nobody looked.
    entry: the first of its entries that the run fetched; None when it fetched none.
    """

    counts: Mapping[str, int]
    lists_read: int = 0
    lists_lost: int = 0
    lists_failed: int = 0
    lists_repeated: int = 0
    known_lost: int = 0
    lost: tuple[str, ...] = ()
    newly_lost: int = 0
    never_read: int = 0
    reasons: tuple[str, ...] = ()
    items_before: int = 0
    items_now: int = 0
    family_lost: str | None = None
    left: int = 0
    reports: int = 0
    silent: tuple[SilentPage, ...] = ()
    unnamed: tuple[str, ...] = ()
    lists_naming: int | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Politeness that outlives a restart. None: never visited, no pause, robots.txt never fetched.

    robots_status: HTTP status of the robots.txt answer, 0 when none arrived; robots_text says
        then why.
    trips: how many times in a row the host was given up after failures; rests_until: how long
        crawls of what is due leave it alone because of that.
    refusals: how many times in a row it sent us away (429, 503, 403 on everything).
    ip_addresses: where its name led, blanks between.
    """

    host: str
    last_visit_at: datetime | None = None
    not_before_at: datetime | None = None
    reason: str | None = None
    robots_status: int | None = None
    robots_text: str | None = None
    robots_fetched_at: datetime | None = None
    trips: int = 0
    rests_until: datetime | None = None
    refusals: int = 0
    ip_addresses: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """What a search index needs of a version.

    hidden: lists and other pages that search leaves out.
    terms: the index terms, made beforehand; None lets the index find them in title and text.
    replaces: what stood in the index for this version until now, as an older reader understood it;
        None for a new version.
    """

    version_id: int
    page_id: int
    title: str | None
    text: str
    hidden: bool
    terms: str | None = None
    replaces: "VersionText | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a page, as stored. supersedes: number of the version before; None for 1."""

    version_id: int
    page_id: int
    portal_key: str
    url: str
    number: int
    content_hash: str
    captured_at: datetime
    capture_id: int
    supersedes: int | None
    title: str | None
    text: str
    kind: str
    report_year: int | None
    official: bool
    reader_version: str
    family: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionParts:
    """The finer parts of one version, in their order on the page. seen: of figures that were read
    from a picture, by their place in `figures`.
    """

    fields: tuple[Field, ...]
    identity: tuple[Field, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...]
    seen: Mapping[int, OpticalFigure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """One capture with its URL, for replay, CDXJ and verify.

    refers_to: the capture that a revisit repeats, or that a document was rendered from.
    refers_to_spot, refers_to_at: where and when that was; None when refers_to is None.
    outcome: how the visit ended; None while it is not recorded.
    """

    capture_id: int
    page_id: int
    run_id: int
    url: str
    method: str
    body: str | None
    captured_at: datetime
    status: int
    media_type: str | None
    payload_digest: str | None
    body_digest: str | None
    size_bytes: int
    spot: WarcSpot
    request_spot: WarcSpot | None
    record_id: str
    record_type: str
    truncated: str | None
    refers_to: int | None
    refers_to_spot: WarcSpot | None
    refers_to_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """How one visit of a page ended."""

    run_id: int
    page_id: int
    url: str
    outcome: str
    reason: str
    capture_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEvent:
    """A header field that changed while the content stayed. None: it was (or is now) absent."""

    at: datetime
    name: str
    old_value: str | None
    old_printed: str | None
    new_value: str | None
    new_printed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredMark:
    """What the table `covered` was made from. made_by: the rules and years. catalogue: a digest of
    its portals. last_run: the latest run that had begun; 0: none. unfinished: how many outcomes of
    those runs up to it were in that had not finished, by their ids as text.
    """

    made_by: str
    catalogue: str
    last_run: int
    unfinished: Mapping[str, int]
