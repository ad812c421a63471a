"""The further windows of a list that is asked for by POST: the same body with another number.

Sources: formats.md 4.1 (xxgk module: a form with currpage), 4.7 (Epoint: JSON with pageIndex), 4.9.
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from archive.families.listing.anchors import Page
from archive.families.listing.declared_pager import MAX_PAGES
from archive.families.listing.queries import pairs_of, query_of
from archive.families.words import words
from archive.model.outcome import Role
from archive.model.reading import Link

_MAX_BODY = 20_000


def post(url: str, body: Mapping[str, object], text: str, *, as_json: bool = False) -> Link:
    """A list's window that is asked for by POST, with a form (in UTF-8, as scripts write it) or
    with JSON as its body.
    """
    form = json.dumps(body, ensure_ascii=False) if as_json else urlencode(body)
    return post_again(url, form, text)


def post_again(url: str, form: str, text: str) -> Link:
    """The same for a body that is written already."""
    return Link(url=url, text=text, role=Role.LIST, method="POST", body=form)


def posted_pages(page: Page, last: int | None) -> Iterator[Link]:
    """The windows behind the first one, up to number `last`; nothing when the page answers no POST,
    or one for a later window, or `last` is not known.

    Servers that count from 0 have one window less; the one too many is empty and costs nothing.
    """
    post_body = (page.post_body or "")[:_MAX_BODY]
    body = _body(post_body)
    counting = next((name for name in body if words().counts_pages(name)), None)
    first = str(body[counting]) if counting is not None else ""
    if counting is None or last is None or first not in ("0", "1"):
        return
    for number in range(int(first) + 1, min(last, MAX_PAGES) + 1):
        value = number if isinstance(body[counting], int) else str(number)
        renumbered = {**body, counting: value}
        yield (
            post(page.url, renumbered, f"第{number}页", as_json=True)
            if post_body[:1] == "{"
            else post_again(page.url, query_of(renumbered), f"第{number}页")
        )


def _body(post_body: str) -> Mapping[str, object]:
    if post_body[:1] != "{":
        return dict(pairs_of(post_body))
    try:
        body = json.loads(post_body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
