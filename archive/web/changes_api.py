"""What the API answers about versions: what changed on pages, and how a version is cited."""

from datetime import UTC, datetime

from archive.model.change import ChangeKind
from archive.model.errors import UsageError
from archive.model.instants import exact
from archive.store.query.changes import PageChange
from archive.web.api import VERSION
from archive.web.queries import Queries
from archive.web.request_parameters import (
    DIVISION,
    LIMIT,
    PORTAL,
    URL,
    Asked,
    Choice,
    Day,
    Parameter,
    cursor_of,
)
from archive.web.routes import NEXT, Answered, ApiRoute, Member, after
from archive.work.query.changes import COLUMNS, Wanted, change_json
from archive.work.query.citation import citation_json

BODY = Parameter(name="body", example="财政局",
                 meaning="a public body: its number, part of its name, or a place, a blank and part"
                 " of its name")  # fmt: skip
CHANGES = (
    Parameter(
        name="since",
        meaning="captured on or after a day (UTC; 2026, 2026-03 or 2026-03-02), or by this run and"
        " later ones",
        example="2026-03",
        max_length=20,
    ),
    Day(name="until", meaning="captured on or before a day (UTC)", example="2026-03", last=True),
    PORTAL,
    DIVISION,
    BODY,
    Choice(name="what", meaning="a kind of change", choices=[kind.value for kind in ChangeKind]),
    Parameter(
        name="indicator",
        meaning="changed figures of an indicator or a concept, by key or name",
        example="requests_received",
    ),
)
AFTER = after(str, int)


def wanted_of(asked: Asked) -> Wanted:
    """The filters among the parameters of CHANGES."""
    asked.check()
    return Wanted(**{each.name: (asked.given.get(each.name) or "").strip() or None
                     for each in CHANGES})  # fmt: skip


def key_of(asked: Asked) -> tuple[datetime, int] | None:
    """The change behind which the answer begins; None: it begins with the newest."""
    cursor = asked.cursor()
    if cursor is None:
        return None
    at, number = cursor
    try:
        return datetime.fromisoformat(str(at)).astimezone(UTC), int(str(number))
    except ValueError:
        raise UsageError("after is not a `next` of an earlier answer to this question") from None


def next_of(changes: tuple[PageChange, ...], *, more: bool) -> str | None:
    """What goes on behind the last of some changes; None where there are no more."""
    if not more or not changes:
        return None
    at, number = changes[-1].key
    return cursor_of((exact(at), number))


def changes(queries: Queries, asked: Asked) -> Answered:
    """What changed on pages."""
    limit = asked.number("limit") or 20
    found = queries.changes(wanted_of(asked), limit=limit, after=key_of(asked))
    rows = [change_json(each) for each in found.changes]
    return {"changes": rows, "next": next_of(found.changes, more=found.more)}


def cite(queries: Queries, asked: Asked) -> Answered:
    """How a version of a page is cited."""
    cited = queries.cite(asked.need("url"), asked.number("version"))
    return citation_json(cited, queries.snapshot(cited.url, cited.captured_at))


ROUTES = (
    ApiRoute(
        path="/api/changes",
        answer=changes,
        summary="What changed on pages from version to version, newest first",
        description="Figures, titles, lines of text, header fields; pages that are gone or back."
        " Lists are left out; so is what only a better reader finds. As a feed: /changes.atom.",
        parameters=(*CHANGES, LIMIT, AFTER),
        gives=(
            Member("changes", "array", "changes in the columns of the exported table"),
            NEXT,
        ),
        csv="changes",
        columns=COLUMNS,
        example="/api/changes",
        slow=True,
    ),
    ApiRoute(
        path="/api/cite",
        answer=cite,
        summary="How a version of a page is cited: in Chinese, in English, as BibTeX, by values",
        parameters=(URL, VERSION),
        gives=(
            Member("url", "string", "the page's URL"),
            Member("version", "integer", "the version's number"),
            Member("captured_at", "string", "when it was captured, to the microsecond"),
            Member("content_hash", "string", "what the version's content hashes to"),
            Member("warc_file", "string", "the WARC file that has the capture"),
            Member("warc_offset", "integer", "where in it the record begins"),
            Member("snapshot", "string", "where the capture is replayed", optional=True),
            Member("chinese", "string", "the citation as GB/T 7714 has it"),
            Member("english", "string", "the citation in English"),
            Member("bibtex", "string", "the citation as an entry of BibTeX"),
        ),
    ),
)
