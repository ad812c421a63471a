"""ASP.NET lists that page by a POST back to their own URL.

Source: formats.md 4.9: ``__doPostBack('…Pager','N')`` with ``__VIEWSTATE``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

from archive.families.listing.anchors import Page
from archive.families.records import ListPage
from archive.model.outcome import Role
from archive.model.reading import Link

_POST_BACK = re.compile(r"__doPostBack\('([\w$:.]{1,200})','(\d{1,5})'\)")
_STATE = ("__VIEWSTATE", "__VIEWSTATEGENERATOR", "__EVENTVALIDATION", "__VIEWSTATEENCRYPTED")
# Each page carries the whole state: a hundred pages of a large one are already megabytes.
_MAX_STATE = 100_000
_MAX_PAGES = 200


def read(page: Page) -> ListPage | None:
    """The pages that the pager's post-backs name, filled up from 2 to the last; None without."""
    steps = [(target, int(number)) for target, number in _steps(page)]
    state = _state(page)
    if not steps or "__VIEWSTATE" not in state or sum(map(len, state.values())) > _MAX_STATE:
        return None
    target = Counter(name for name, _ in steps).most_common(1)[0][0]
    last = min(max(number for name, number in steps if name == target), _MAX_PAGES)
    url = _form_url(page)
    encoding = page.encoding
    return ListPage(
        pages=tuple(_page(url, state, target, number, encoding) for number in range(2, last + 1)),
        total_pages=last,
    )


def _steps(page: Page) -> Iterator[tuple[str, str]]:
    for element in page.tree.iter("a"):
        if found := _POST_BACK.search(element.get("href") or ""):
            yield found.group(1), found.group(2)


def _state(page: Page) -> dict[str, str]:
    fields = {field.get("name"): field.get("value") or "" for field in page.tree.iter("input")}
    return {name: fields[name] for name in _STATE if name in fields}


def _form_url(page: Page) -> str:
    """Where the form goes: its action, else the page itself."""
    actions = (form.get("action") for form in page.tree.iter("form"))
    action = next((action for action in actions if action), "")
    return page.resolve(action) or page.url


def _page(url: str, state: dict[str, str], target: str, number: int, encoding: str) -> Link:
    form = {"__EVENTTARGET": target, "__EVENTARGUMENT": number, **state}
    # Browsers send a form in its page's character set, and a reference for what that has not.
    body = urlencode(form, encoding=encoding, errors="xmlcharrefreplace")
    return Link(url=url, text=f"第{number}页", role=Role.LIST, method="POST", body=body)
