"""A hit of a search as a plain dictionary: what --json prints and what the API sends."""

from typing import Any

from archive.search.query import Hit


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
        "captured_at": hit.captured_at,
        "snippets": ["".join(piece.text for piece in around) for around in hit.snippets],
    }
