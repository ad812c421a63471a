"""The first page of the replay: portals and newest captures, as HTML without scripts."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import quote

from archive.store import Store
from archive.store.query.newest_captures import (
    CapturedPortal,
    NewestCapture,
    captured_portals,
    newest_captures,
)

MAX_PORTALS: Final = 500
MAX_CAPTURES: Final = 50

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #22262b; --paper: #fbfaf7; --quiet: #6d7278;
  --line: #e4e0d8; --seal: #9c2f23; }
@media (prefers-color-scheme: dark) { :root { --ink: #dddad3; --paper: #191a1c; --quiet: #94979b;
  --line: #35373b; --seal: #e2796a; } }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.05rem; margin-top: 2.2rem; }
form { display: flex; gap: .6rem; }
input, button { font: inherit; padding: .5rem .8rem; border: 1px solid var(--line);
  border-radius: 7px; color: inherit; background: transparent; }
input { flex: 1; min-width: 0; } button { background: var(--seal); color: #fff; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; } th, td { padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; unicode-bidi: isolate; }
.at { white-space: nowrap; font-variant-numeric: tabular-nums; }
.right { text-align: right; } .quiet { color: var(--quiet); } a { color: inherit; }
"""


def first_page(store: Store, collection: str, pages_url: str | None) -> str:
    """The page, made anew from the ledger. pages_url: where `gongkai serve` shows the reports'
    pages; None: nowhere.
    """
    with store.read() as connection:
        portals = captured_portals(connection)
        captures = newest_captures(connection, limit=MAX_CAPTURES)
    elsewhere = (
        f'<p class="quiet">Search, figures and versions: <a href="{escape(pages_url)}/">'
        f"{escape(pages_url)}/</a> (<code>gongkai serve</code>).</p>"
        if pages_url
        else ""
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>公开 Gongkai – snapshots</title><style>{_STYLE}</style></head>
<body><h1><span lang="zh-Hans">公开</span> Snapshots</h1>
<form action="/{collection}/find"><input name="url" type="search" required autofocus
 placeholder="http://…" aria-label="URL of a page"><button>All its captures</button></form>
{elsewhere}
<h2>Newest captures</h2>
{_captures(captures, collection)}
<h2>Portals</h2>
{_portals(portals, collection)}
</body></html>
"""


def _captures(captures: Sequence[NewestCapture], collection: str) -> str:
    if not captures:
        return '<p class="quiet">Nothing has been captured yet: <code>gongkai crawl</code>.</p>'
    return _table(
        ("Captured (UTC)", "Page", "Portal"),
        (
            f'<td class="at"><a href="{_snapshot(collection, each.url, each.captured_at)}">'
            f"{each.captured_at.astimezone(UTC):%Y-%m-%d %H:%M}</a></td>"
            f'<td lang="zh-Hans">{escape(each.title or each.url)}</td>'
            f'<td lang="zh-Hans">{escape(each.portal_name)}</td>'
            for each in captures
        ),
    )


def _portals(portals: Sequence[CapturedPortal], collection: str) -> str:
    if not portals:
        return '<p class="quiet">None yet.</p>'
    left = len(portals) - MAX_PORTALS
    more = f'<p class="quiet">and {left:,} more: <code>gongkai portals list</code></p>'
    rows = (
        f'<td lang="zh-Hans">{_linked(each, collection)}</td>'
        f'<td class="right">{each.pages:,}</td>'
        f'<td class="at">{each.last_captured_at.astimezone(UTC):%Y-%m-%d %H:%M}</td>'
        for each in portals[:MAX_PORTALS]
    )
    return _table(("Portal", "Pages", "Last captured (UTC)"), rows) + (more if left > 0 else "")


def _linked(portal: CapturedPortal, collection: str) -> str:
    if portal.entry is None:
        return escape(portal.name)
    at = _snapshot(collection, portal.entry, portal.last_captured_at)
    return f'<a href="{at}">{escape(portal.name)}</a>'


def _snapshot(collection: str, url: str, at: datetime) -> str:
    spelled = escape(quote(url, safe=":/?#[]@!$&'()*+,;=%~"))
    return f"/{collection}/{at.astimezone(UTC):%Y%m%d%H%M%S}/{spelled}"


def _table(headings: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
