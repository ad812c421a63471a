"""The words and patterns that lists of every family share, read once from data/words.toml."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_WHOLE_WORD = re.compile(r"\\b([A-Za-z]+)(?![A-Za-z?*+{])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Pager words, chrome tokens, patterns of counts: see the data file for each one's meaning."""

    first: frozenset[str]
    previous: frozenset[str]
    next: frozenset[str]
    last: frozenset[str]
    page_params: frozenset[str]
    page_param_pattern: re.Pattern[str]
    json_title: tuple[str, ...]
    json_url: tuple[str, ...]
    json_date: tuple[str, ...]
    json_total: tuple[str, ...]
    chrome: re.Pattern[str]
    frame_chrome: tuple[str, ...]
    report: re.Pattern[str]
    column: re.Pattern[str]
    other_reports: re.Pattern[str]
    called: re.Pattern[str]
    disclosure: re.Pattern[str]
    disclosure_slug: re.Pattern[str]
    departments: re.Pattern[str]
    organ: re.Pattern[str]
    tabs: re.Pattern[str]
    site_map: re.Pattern[str]
    back: re.Pattern[str]
    year: re.Pattern[str]
    extra: re.Pattern[str]
    total_items: tuple[re.Pattern[str], ...]
    total_items_text: tuple[re.Pattern[str], ...]
    total_pages: tuple[re.Pattern[str], ...]
    total_pages_text: tuple[re.Pattern[str], ...]
    current_page_text: tuple[re.Pattern[str], ...]

    def is_pager(self, text: str) -> bool:
        """Whether a link's text is one of the pager's words (not a number)."""
        if text in self.first or text in self.previous:
            return True
        return text in self.next or text in self.last

    def counts_pages(self, name: str) -> bool:
        """Whether a query name counts the pages of a list."""
        return name in self.page_params or self.page_param_pattern.search(name) is not None


@cache
def words() -> Words:
    """The shared words."""
    path = files("archive.families") / "data" / "words.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return Words(
        **{name: frozenset(rows[name]) for name in ("first", "previous", "next", "last")},
        page_params=frozenset(rows["page_params"]),
        page_param_pattern=re.compile(rows["page_param_pattern"]),
        json_title=tuple(rows["json_title"]),
        json_url=tuple(rows["json_url"]),
        json_date=tuple(rows["json_date"]),
        json_total=tuple(rows["json_total"]),
        chrome=_tokens(rows["chrome"]),
        frame_chrome=tuple(rows["frame_chrome"]),
        report=re.compile(rows["report"]),
        column=re.compile(rows["column"]),
        other_reports=re.compile(rows["navigation"]["other_reports"]),
        called=re.compile(rows["navigation"]["called"]),
        disclosure=re.compile(rows["navigation"]["disclosure"]),
        disclosure_slug=re.compile(rows["navigation"]["disclosure_slug"]),
        departments=re.compile(rows["navigation"]["departments"]),
        organ=re.compile(rows["navigation"]["organ"]),
        tabs=re.compile(rows["navigation"]["tabs"]),
        site_map=re.compile(rows["navigation"]["site_map"]),
        back=re.compile(rows["navigation"]["back"]),
        year=re.compile(rows["year"]),
        extra=re.compile(rows["extra"]),
        total_items=_compiled(rows["total_items"]),
        total_items_text=_compiled(rows["total_items_text"]),
        total_pages=_compiled(rows["total_pages"]),
        total_pages_text=_compiled(rows["total_pages_text"]),
        current_page_text=_compiled(rows["current_page_text"]),
    )


def _tokens(names: Iterable[str]) -> re.Pattern[str]:
    """A word at the beginning or the end of a token of letters: navbar, leftnav, but not canvas."""
    joined = "|".join(re.escape(name) for name in names)
    return re.compile(rf"(?<![a-z])(?:{joined})|(?:{joined})(?![a-z])")


def _compiled(rows: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(literal_first(row)) for row in rows)


def literal_first(pattern: str) -> str:
    r"""A pattern that begins with a whole word, so that it begins with the word's letters: those
    are found many times as fast as a place between words.

    >>> literal_first(r"\btotal[Rr]ecords")
    'total(?<!\\wtotal)[Rr]ecords'
    """
    found = _WHOLE_WORD.match(pattern)
    if found is None:
        return pattern
    return rf"{found[1]}(?<!\w{found[1]}){pattern[found.end() :]}"


def first_number(patterns: Iterable[re.Pattern[str]], text: str) -> int | None:
    """The number of the first pattern that is found in `text`; None when none is."""
    for pattern in patterns:
        if found := pattern.search(text):
            return int(found.group(1))
    return None


def folded(text: str) -> str:
    """`text` with every run of white space as one blank, none at the ends.

    >>> folded(" 2016年\\u3000崇川区\\n ")
    '2016年 崇川区'
    """
    return " ".join(text.split())


@lru_cache(maxsize=2048)
def is_extra(text: str) -> bool:
    """Whether a link says only what stands beside a title ([分类], 附件, 下载); asked for each link
    of a list again and again.
    """
    return words().extra.fullmatch(text) is not None


def names_body(text: str) -> bool:
    """Whether a link's text is the name of a department or township, as 教育局 is."""
    return words().organ.fullmatch(text.replace(" ", "")[:40]) is not None
