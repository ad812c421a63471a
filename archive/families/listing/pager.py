"""The pager as the page prints it: numbers, 下一页, 尾页, options of a select.

Pages are named by a template: the run of digits in which the printed URLs differ. Pages
between the printed ones ("1 2 3 … 56") are filled in, so that losing one page loses nothing.
Only links of the list's own path count; others lead into other columns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from archive.families.listing.anchors import Anchor, Page, folder, same_host, structural_text
from archive.families.listing.declared_pager import MAX_PAGES
from archive.families.words import first_number, folded, words

_NUMBER = re.compile(r"\A[\[【(（]?\s*(?:第\s*)?(\d{1,4})(?:\s*页)?\s*[\]】)）]?")
_DIGITS = re.compile(r"\d{1,6}")
_QUERY_NAME = re.compile(r"[?&](\w+)=$")
_TOKEN = re.compile(r"[0-9A-Za-z]+")
# Chance digits (a hash, a session, a time in milliseconds) stand in words like these.
_BY_CHANCE = re.compile(r"\d{7,}|(?=.*[a-fA-F])(?=.*\d)[0-9a-fA-F]{8,}|.{16,}")
_MAX_PAGER_TEXT = 600
_MAX_STEPS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link of a pager: the page number it prints, or None for a word such as 下一页."""

    number: int | None
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A URL with its page digits cut out; `width` of zero-padded digits, else 0."""

    before: str
    after: str
    width: int

    def at(self, value: int) -> str:
        """The URL of the page with those digits."""
        return f"{self.before}{value:0{self.width}d}{self.after}"

    def value(self, url: str) -> int | None:
        """The page digits of a URL of this template; None when it is not of it."""
        if not (url.startswith(self.before) and url.endswith(self.after)):
            return None
        digits = url[len(self.before) : len(url) - len(self.after)]
        return int(digits) if _DIGITS.fullmatch(digits) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What the printed pager names: the URLs that stand there, those of every page by its
    template (in their order; empty without one), the anchors it is made of, and its count.

    total_pages is None when the pager does not tell.
    """

    urls: tuple[str, ...]
    filled: tuple[str, ...]
    anchors: tuple[Anchor, ...]
    total_pages: int | None
    text: str


def read_printed(page: Page) -> Printed:
    """The pager printed on the page; empty when there is none."""
    anchors = tuple(anchor for anchor in page.anchors if _is_step(page, anchor))[:_MAX_STEPS]
    steps = [_step(anchor) for anchor in anchors] + list(_options(page))
    text = _pager_text(anchors)
    total = _total(page, text)
    return Printed(
        urls=tuple(dict.fromkeys(step.url for step in steps)),
        filled=tuple(_filled(page, steps, total, text)),
        anchors=anchors,
        total_pages=total,
        text=text,
    )


def is_own_list(page_url: str, url: str) -> bool:
    """Whether a URL can be a page of this list: same host, same path prefix.

    >>> is_own_list("http://x.gov.cn/nb/index.html", "http://x.gov.cn/nb/index_1.html")
    True
    >>> is_own_list("http://x.gov.cn/nb/", "http://x.gov.cn/zcwj/index_1.html")
    False
    """
    if not same_host(page_url, url):
        return False
    path, own = urlsplit(url).path, folder(page_url)
    stem = re.sub(r"(?:_\d+)?\.\w{1,6}$", "", urlsplit(page_url).path)
    return (
        folder(url) == own
        or path == urlsplit(page_url).path
        or (not stem.endswith("/") and path.startswith(stem + "/") and path.count("/") <= 40)
        or re.sub(r"\.\w{1,6}$", "/", path) == own
    )


def _is_step(page: Page, anchor: Anchor) -> bool:
    if anchor.element.tag == "option":
        return False  # see _options
    text = folded("".join(anchor.element.itertext())) or anchor.text
    if words().is_pager(text):
        return is_own_list(page.url, anchor.url)
    number = _NUMBER.fullmatch(text)
    return bool(
        number
        and is_own_list(page.url, anchor.url)
        and _may_be_page(page, anchor.url, int(number.group(1)))
    )


def _may_be_page(page: Page, url: str, number: int) -> bool:
    """A number counts when the URL counts as well; pictures of a slide show do not."""
    if page.family and any(pattern.search(url) for pattern in page.family.pages):
        return False
    parts = urlsplit(url)
    if any(words().counts_pages(name) for name, _ in parse_qsl(parts.query)):
        return True
    runs = _DIGITS.findall(parts.path.rpartition("/")[2])
    return number == 1 or (bool(runs) and len(runs[-1]) <= 4)


def _step(anchor: Anchor) -> Step:
    text = folded("".join(anchor.element.itertext())) or anchor.text
    number = _NUMBER.fullmatch(text)
    return Step(number=int(number.group(1)) if number else None, text=text, url=anchor.url)


def _options(page: Page) -> Iterator[Step]:
    """The options of a page-choosing <select>."""
    for option in page.tree.iter("option"):
        number = _NUMBER.fullmatch(folded(option.text or ""))
        value = option.get("value") or ""
        if number is None or not ("." in value or "=" in value):
            continue
        target = page.resolve(value)
        if target and is_own_list(page.url, target):
            yield Step(number=int(number.group(1)), text=option.text or "", url=target)


def _pager_text(anchors: tuple[Anchor, ...]) -> str:
    """The text around the pager's links, where 共N页 and 1/11 stand."""
    texts: list[str] = []
    for anchor in anchors[:1] + anchors[-1:]:
        for element in reversed(anchor.line[-4:-1]):
            text = structural_text(element)
            if len(text) > _MAX_PAGER_TEXT:
                break
            texts.append(text)
    return " ".join(reversed(texts))


def _total(page: Page, pager_text: str) -> int | None:
    known = words()
    return first_number(known.total_pages_text, pager_text) or first_number(
        known.total_pages, page.text
    )


def _filled(page: Page, steps: list[Step], total: int | None, text: str) -> list[str]:
    """Every page the template gives between the printed ones, and up to the printed total."""
    template = _template(page, steps)
    if template is None:
        return []
    numbered = [(step, template.value(step.url)) for step in steps]
    values = [value for _, value in numbered if value is not None]
    own = template.value(page.url)
    values += [own] if own is not None else []
    low, high = min(values), max(values)
    reach = _reach(numbered, total, text)
    if not _counts(template, numbered, values, total):
        return []
    if reach is not None:
        low, high = min(low, reach[0]), max(high, reach[1])
    return [template.at(value) for value in range(low, min(high, low + MAX_PAGES) + 1)]


def _counts(
    template: Template,
    numbered: list[tuple[Step, int | None]],
    values: list[int],
    total: int | None,
) -> bool:
    """Whether the digits count pages, so that those between may be named: by the query's name, by
    what the links print, or because they lie together. Numbers far apart are chance (rnd=…).
    """
    span = max(values) - min(values)
    name = _QUERY_NAME.search(template.before)
    if span > MAX_PAGES or (name and words().counts_pages(name.group(1))):
        return span <= MAX_PAGES
    pairs = [(s.number, v) for s, v in numbered if s.number is not None and v is not None]
    offsets = {abs(number - pairs[0][0]) - abs(value - pairs[0][1]) for number, value in pairs}
    if name is None or (offsets == {0} and len(pairs) > 1):
        return True
    return span <= max(total or 0, 2 * len(set(values)))


def _reach(
    numbered: list[tuple[Step, int | None]], total: int | None, text: str
) -> tuple[int, int] | None:
    """The digits of page 2 and of the last page, when the printed total and one known pair of
    page number and digits tell them.
    """
    pairs = [(s.number, v) for s, v in numbered if s.number is not None and v is not None]
    if not pairs:
        current = first_number(words().current_page_text, text) or 1
        pairs = [
            (current + 1, value)
            for step, value in numbered
            if step.text in words().next and value is not None
        ]
    if total is None or not 1 < total <= MAX_PAGES or not pairs:
        return None
    (number, value), slope = pairs[0], _slope(pairs)
    ends = sorted((value + slope * (2 - number), value + slope * (total - number)))
    return (ends[0], ends[1]) if ends[0] >= 0 else None


def _slope(pairs: list[tuple[int, int]]) -> int:
    """-1 on lists that count their pages backwards (VSB), else 1."""
    (one, first), (other, last) = pairs[0], pairs[-1]
    return -1 if (other - one) * (last - first) < 0 else 1


def _template(page: Page, steps: list[Step]) -> Template | None:
    """The template that most of the pager's URLs share; of equals the one with the digits
    furthest back.
    """
    votes: dict[Template, set[int]] = {}
    for step in steps:
        for template, value in _templates(step.url):
            votes.setdefault(template, set()).add(value)
    if own := dict(_templates(page.url)):
        for template in votes.keys() & own.keys():
            votes[template].add(own[template])
    if not votes:
        return None
    best = max(votes, key=lambda template: (len(votes[template]), _rank(template)))
    return best if len(votes[best]) > 1 or _rank(best)[0] else None


def _rank(template: Template) -> tuple[bool, int]:
    """Whether the digits stand where page numbers stand, and how far back."""
    name = _QUERY_NAME.search(template.before)
    if name:
        return words().counts_pages(name.group(1)), len(template.before)
    in_name = "?" not in template.before and "/" not in template.after
    return in_name, len(template.before)


def _templates(url: str) -> Iterator[tuple[Template, int]]:
    """Every cut of one run of digits out of the path's last part or the query; digits of a
    longer number, a hash and the like are no run.
    """
    start = url.find("/", url.find("//") + 2)
    name = max(url.partition("?")[0].rfind("/"), start)
    runs = (
        run
        for token in _TOKEN.finditer(url, name)
        if not _BY_CHANCE.fullmatch(token.group())
        for run in _DIGITS.finditer(url, token.start(), token.end())
    )
    for run in runs:
        digits = run.group()
        width = len(digits) if digits.startswith("0") and len(digits) > 1 else 0
        yield (
            Template(before=url[: run.start()], after=url[run.end() :], width=width),
            int(digits),
        )
