"""Hits of a search and their number as plain dictionaries: what --json prints and the API sends."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from archive.codebook.divisions import division
from archive.search.counts import Counts
from archive.search.query import Hit
from archive.store import Connection
from archive.store.query.body_rows import agencies_of
from archive.work.query.places import distinct_names

K = TypeVar("K")


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as scripts get it; snippets are plain text."""
    return {
        "url": hit.url,
        "portal": hit.portal,
        "kind": hit.kind,
        "title": "".join(piece.text for piece in hit.title),
        "agency": hit.agency,
        "report_year": hit.report_year,
        "published_on": hit.published_on,
        "version": hit.version,
        "superseded": hit.superseded,
        "captured_at": hit.captured_at,
        "snippets": ["".join(piece.text for piece in around) for around in hit.snippets],
    }


def agency_names(connection: Connection, hits: Sequence[Hit]) -> dict[int, str]:
    """The agencies of those hits whose body has namesakes, with its place, by version."""
    bodies = agencies_of(connection, [hit.version_id for hit in hits])
    names = distinct_names(connection, bodies.values())
    return {
        version_id: names[body_id]
        for version_id, (body_id, name, _) in bodies.items() if names[body_id] != name
    }  # fmt: skip


def counts_json(counts: Counts) -> dict[str, Any]:
    """How many hits there are, each list with the most first, years with the newest first. exact:
    whether every hit was proved by its text; else a few of those counted may be none. more: whether
    there are older ones, which are not counted.
    """
    years = sorted(counts.years.items(), key=lambda each: -(each[0] or 0))
    return {
        "total": counts.total,
        "exact": counts.exact,
        "more": counts.more,
        "years": [{"year": year, "hits": hits} for year, hits in years],
        "places": [
            {"division": code, "name": name, "hits": hits}
            for code, name, hits in _places(counts.places)
        ],
        "portals": [{"portal": key, "hits": hits} for key, hits in _by_hits(counts.portals)],
        "kinds": [{"kind": kind, "hits": hits} for kind, hits in _by_hits(counts.kinds)],
    }


def _places(places: Mapping[str | None, int]) -> Iterator[tuple[str | None, str | None, int]]:
    """Codes of six digits with names; None: the place is not known."""
    for start, hits in _by_hits(places):
        code = start and start.ljust(6, "0")
        known = division(code) if code else None
        yield code, known.name if known else None, hits


def _by_hits(found: Mapping[K, int]) -> list[tuple[K, int]]:
    return sorted(found.items(), key=lambda each: (-each[1], str(each[0])))
