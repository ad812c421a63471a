"""The links of a reading."""

from collections.abc import Sequence

from archive.model.reading import Link


def unique(links: Sequence[Link]) -> tuple[Link, ...]:
    """Every link once, by URL, method and body, in order of first appearance."""
    return tuple({(link.url, link.method, link.body): link for link in links}.values())
