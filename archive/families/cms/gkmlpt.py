"""广东 gkmlpt: a shell page whose script names the site and the tree of categories.

Source: formats.md 4.5. The entries come as JSON from ``/gkmlpt/api/all/{category}?page=N&sid=SID``.
"""

import re
from collections.abc import Iterator

from archive.families.listing.anchors import Page
from archive.families.records import ListPage
from archive.families.words import words
from archive.model.outcome import Role
from archive.model.reading import Link

_SID = re.compile(r"\bSID\s*[:=]\s*[\"']?(\w{1,40})")
_NODE = re.compile(r"\{[^{}\[\]]{1,2000}")
_ID = re.compile(r"[\"']?\bid[\"']?\s*:\s*[\"']?(\d{1,12})")
_NAME = re.compile(r"[\"']?\bname[\"']?\s*:\s*[\"']([^\"']{1,80})")
_MAX_TEXT = 2_000_000


def read(page: Page) -> ListPage | None:
    """The first window of every annual-report category of the tree; None without a tree."""
    text = page.text[:_MAX_TEXT]
    site = _SID.search(text)
    if site is None or "_CONFIG" not in text:
        return None
    found = tuple(dict.fromkeys(_categories(text)))
    pages = (_window(page, category, site.group(1)) for category in found)
    return ListPage(pages=tuple(link for link in pages if link))


def _categories(text: str) -> Iterator[str]:
    """The ids of nodes named as annual reports; names may be escaped as JSON writes them."""
    for node in _NODE.finditer(text):
        number, name = _ID.search(node.group()), _NAME.search(node.group())
        if number and name and words().report.search(_unescaped(name.group(1))):
            yield number.group(1)


def _unescaped(name: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code.group(1), 16)), name)


def _window(page: Page, category: str, site: str) -> Link | None:
    # A department's shell lies below its own folder, and so does what answers for it.
    root = page.url.partition("/gkmlpt/")[0] if "/gkmlpt/" in page.url else ""
    target = page.resolve(f"{root}/gkmlpt/api/all/{category}?page=1&sid={site}")
    return Link(url=target, text="第1页", role=Role.LIST) if target else None
