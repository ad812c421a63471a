"""One rule for what a search compares, and the index terms that follow from it.

A text is folded (NFKC, case folding, white space removed but for one blank between two digits, so
that the cells 130, 7 and 11 are never read as 130711); a query is found when its folded form is a
substring of the folded title or text. Every pair of neighbouring characters of a folded text is an
index term, whatever its script, and so is every stretch of three to five digits: pairs of digits
stand in every statistics table and distinguish nothing. Any query of two characters and up is a set
of terms that every text containing it has: candidates can be too many, never too few.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

GRAMS_VERSION = 2
"""Goes up whenever `fold` or `grams` changes: an index of another version is rebuilt."""

# ASCII signs would end a term in SQLite's `ascii` tokenizer; every other character is part of one.
# They move to the private use area. A real private-use character then shares a term: a candidate
# more, that verification drops.
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
_TERM = _SIGNS | _SURROGATES
_STRETCH = 2_000
_DIGITS = frozenset("0123456789")
_NUMBER = re.compile(r"[0-9]{3,}")
# The blank that keeps two numbers apart; a pattern that begins with what it looks for is quick.
_APART = re.compile(" (?=[0-9])(?<=[0-9] )")
_MAX_DIGITS = (
    5  # longer stretches are matched by their fives; a hostile text has 111,000 terms at most
)


def fold(text: str) -> str:
    """`text` as search compares it.

    >>> fold("通州区 供销社２０１８年\\n Annual Report"), fold("130 7\\t11件")
    ('通州区供销社2018年annualreport', '130 7 11件')
    """
    words = " ".join(_nfkc(text).casefold().split())
    return _APART.sub("\n", words).replace(" ", "").replace("\n", " ")


# ASCII, Han and their signs: NFKC leaves them as they are, whatever stands beside them.
_STRANGE = re.compile(
    "[^\x00-\x7f\u2010\u2012-\u2016\u2018-\u201f\u3001-\u3017\u3400-\u4dbf\u4e00-\u9fff]"
)
# Blocks whose characters neither compose with a neighbour nor change their order (Unicode, annex
# 15): what NFKC makes of a text of them is what it makes of each. Few pages have others; the rest
# is normalised 40 times as fast.
_ALONE = (
    (0x0000, 0x02FF), (0x2000, 0x20CF), (0x2100, 0x2CEE), (0x2E80, 0x3029), (0x3030, 0x3098),
    (0x30A0, 0x312F), (0x3190, 0x31FF), (0x3220, 0x325F), (0x3280, 0xA4CF), (0xE000, 0xFAFF),
    (0xFF00, 0xFF9D), (0xFFE0, 0xFFEF),
)  # fmt: skip


def _nfkc(text: str) -> str:
    for sign in set(_STRANGE.findall(text)):
        alone = _normalized_alone(sign)
        if alone is None:
            return unicodedata.normalize("NFKC", text)
        text = text.replace(sign, alone)
    return text


@lru_cache(maxsize=4_096)
def _normalized_alone(sign: str) -> str | None:
    """What NFKC makes of a sign whatever stands beside it; None where that matters."""
    is_alone = any(first <= ord(sign) <= last for first, last in _ALONE)
    return unicodedata.normalize("NFKC", sign) if is_alone else None


def grams(text: str) -> list[str]:
    """The index terms of `text`, each once, pairs first; [] below two characters.

    >>> grams("局2016")
    ['局2', '20', '01', '16', '201', '016', '2016']
    """
    return folded_grams(fold(text))


def grams_of(title: str | None, content: str) -> list[str]:
    """The index terms of a version: of its title and of its text, never across the two."""
    return list(dict.fromkeys(grams(title or "") + grams(content)))


def folded_grams(folded: str) -> list[str]:
    """`grams` of a text that is folded already."""
    terms = dict.fromkeys(map("".join, pairwise(folded.translate(_TERM))))
    for number in _NUMBER.findall(folded):
        for length in range(3, min(len(number), _MAX_DIGITS) + 1):
            terms.update(dict.fromkeys(_stretches(number, length)))
    return list(terms)


def query_terms(folded: str) -> list[str]:
    """The most selective terms of a folded query, numbers first; all are `folded_grams` of it.

    >>> query_terms("局2016")
    ['2016', '局2']
    """
    terms: dict[str, None] = {}
    pairs, covered = list(map("".join, pairwise(folded.translate(_TERM)))), set[int]()
    for number in _NUMBER.finditer(folded):
        stretches = _stretches(number[0], min(len(number[0]), _MAX_DIGITS))
        terms.update(dict.fromkeys(stretches))
        covered.update(range(number.start(), number.end() - 1))
    terms.update((pair, None) for at, pair in enumerate(pairs) if at not in covered)
    return list(terms)


def _stretches(number: str, length: int) -> list[str]:
    return [number[at : at + length] for at in range(len(number) - length + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A hit in the text as stored: text[start:end]."""

    start: int
    end: int


def contains(text: str, folded_query: str) -> bool:
    """Whether the folded `text` contains `folded_query`.

    >>> contains("复 议１２件", "议12")
    True
    """
    return folded_query in text or folded_query in fold(text)


def spans(text: str, folded_query: str) -> Iterator[Span]:
    """Where `folded_query` stands in `text`, from the front, without overlaps.

    Both ends are widened to whole characters of the stored text (㈱ folds to three), so two
    spans may touch the same character. Folds no more of the text than is needed.
    """
    lines, start = _Lines(text), 0
    while folded_query:
        at = lines.folded.find(folded_query, start)
        if at >= 0:
            start = at + len(folded_query)
            yield Span(start=lines.place(at)[0], end=lines.place(start - 1)[1])
            continue
        start = max(start, len(lines.folded) - len(folded_query) + 1)
        if not lines.grow():
            return


class _Lines:
    """Maps places of a folded text back to the stored one, folding line by line: a line break is
    white space and never composes, so this gives the same as folding the whole.
    """

    def __init__(self, text: str) -> None:
        self.folded = ""
        self._raw = text.splitlines(keepends=True)
        self._offset = 0
        self._offsets: list[int] = []
        self._starts: list[int] = []
        self._maps: dict[int, list[tuple[int, int]]] = {}

    def grow(self) -> bool:
        """Folds more lines, each time as much again; False when there are no more."""
        first, start = len(self._starts), len(self.folded)
        wanted, size, fresh = max(_STRETCH, start), start, [self.folded]
        last = self.folded[-1:]
        for line in self._raw[first:]:
            folded = fold(line)
            if last in _DIGITS and folded[:1] in _DIGITS:  # the blank belongs to no line
                fresh.append(" ")
                size += 1
            self._starts.append(size)
            self._offsets.append(self._offset)
            self._offset += len(line)
            fresh.append(folded)
            size += len(folded)
            last = folded[-1:] or last
            if size >= start + wanted:
                break
        self.folded = "".join(fresh)
        return len(self._starts) > first

    def place(self, at: int) -> tuple[int, int]:
        """The stretch of stored text (from, to) that the folded character `at` came from."""
        line = bisect_right(self._starts, at) - 1
        if line not in self._maps:
            self._maps[line] = _places(self._raw[line])
        places = self._maps[line]
        if at - self._starts[line] == len(places):  # the blank between two lines of digits
            end = self._offsets[line] + len(self._raw[line])
            return end - 1, end
        start, end = places[at - self._starts[line]]
        return self._offsets[line] + start, self._offsets[line] + end


def _places(line: str) -> list[tuple[int, int]]:
    """For every character of the folded `line` the stretch of `line` it came from."""
    folded = fold(line)
    places: list[tuple[int, int]] = []
    start, last, blank = 0, "", None
    for cluster in _clusters(line):
        end = start + len(cluster)
        for sign in unicodedata.normalize("NFKC", cluster).casefold():
            if sign.isspace():
                blank = blank or (start, end)
                continue
            if blank and last in _DIGITS and sign in _DIGITS:
                places.append(blank)
            places.append((start, end))
            last, blank = sign, None
        start = end
    if len(places) != len(folded):  # composed across clusters (old Hangul): mark the whole line
        return [(0, len(line))] * len(folded)
    return places


def _clusters(line: str) -> Iterator[str]:
    cluster = ""
    for character in line:
        if cluster and not unicodedata.combining(character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster
