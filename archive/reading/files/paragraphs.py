"""Printed lines put together to paragraphs: PDF and OFD files know lines only.

A Chinese paragraph begins two characters in and fills its lines to the margin; so a line goes on
when it reaches the right margin and the next one begins at the left one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_PAGE_NUMBER: Final = re.compile(
    r"[-—–－·\s]{0,8}(?:\d{1,4}|第\s{0,3}\d{1,4}\s{0,3}页(?:[\s,，/]{0,3}共\s{0,3}\d{1,4}\s{0,3}页)?"
    r"|\d{1,4}\s?/\s?\d{1,4})[-—–－·\s]{0,8}"
)

_HEADING: Final = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]")
_NARROWEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line and its box; `top` grows downward. Units are the file's own."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    page: int


def joined(one: str, other: str) -> str:
    """Two lines as one text: a blank between words, none beside Chinese characters.

    >>> joined("政府信", "息"), joined("open", "data")
    ('政府信息', 'open data')
    """
    joint = " " if one[-1:].isascii() and other[:1].isascii() else ""
    return one + joint + other


def is_page_number(text: str) -> bool:
    """Whether a line is nothing but the number of its page.

    >>> is_page_number("- 3 -"), is_page_number("第 3 页 共 9 页"), is_page_number("2024 年")
    (True, True, False)
    """
    return len(text) < 40 and _PAGE_NUMBER.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Where full lines begin and end, and the size of a character."""

    left: float
    right: float
    em: float

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Margins":
        """The margins that most of the lines keep; nothing goes on where there are no lines."""
        full = [line for line in lines if len(line.text) > 1]
        if not full:
            return cls(left=0.0, right=float("inf"), em=0.0)
        em = median(line.bottom - line.top for line in full)
        lefts = sorted(line.left for line in full)
        rights = sorted(line.right for line in full)
        return cls(left=lefts[len(lefts) // 10], right=rights[len(rights) * 8 // 10], em=em)

    def goes_on(self, line: Line, following: Line) -> bool:
        """Whether a paragraph of `line` goes on in the next line."""
        return (
            line.right >= self.right - 1.7 * self.em
            and line.right - line.left >= _NARROWEST * self.em
            and line.left <= self.left + 3.5 * self.em
            and following.left <= self.left + 0.9 * self.em
            and _HEADING.match(following.text) is None
        )
