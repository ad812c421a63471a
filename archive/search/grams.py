"""One rule for what a search compares, and the index terms that follow from it.

A text is folded (NFKC, case folding, white space removed); a query is found when its folded form
is a substring of the folded title or text. Every pair of neighbouring characters of a folded text
is an index term, whatever its script, so any query of two characters and up is a set of terms
that every text containing it has: candidates can be too many, never too few.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

GRAMS_VERSION = 1
"""Goes up whenever `fold` or `grams` changes: an index of another version is rebuilt."""

# ASCII signs would end a term in SQLite's `ascii` tokenizer; every other character is part of one.
# They move to the private use area. A real private-use character then shares a term: a candidate
# more, that verification drops.
_SIGNS = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
_TERM = _SIGNS | _SURROGATES
_STRETCH = 2_000


def fold(text: str) -> str:
    """`text` as search compares it.

    >>> fold("通州区 供销社２０１８年\\n Annual Report")
    '通州区供销社2018年annualreport'
    """
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(text: str) -> list[str]:
    """The index terms of `text`, each once, in order of appearance; [] below two characters.

    >>> grams("局2016")
    ['局2', '20', '01', '16']
    """
    return folded_grams(fold(text))


def folded_grams(folded: str) -> list[str]:
    """`grams` of a text that is folded already."""
    spelled = folded.translate(_TERM)
    return list(dict.fromkeys(map("".join, pairwise(spelled))))


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
    spans may touch the same character. Folds no more of the text than is asked for.
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
        wanted, fresh = max(_STRETCH, start), ""
        for line in self._raw[first:]:
            self._starts.append(start + len(fresh))
            self._offsets.append(self._offset)
            self._offset += len(line)
            fresh += fold(line)
            if len(fresh) >= wanted:
                break
        self.folded += fresh
        return len(self._starts) > first

    def place(self, at: int) -> tuple[int, int]:
        """The stretch of stored text (from, to) that the folded character `at` came from."""
        line = bisect_right(self._starts, at) - 1
        if line not in self._maps:
            self._maps[line] = _places(self._raw[line])
        start, end = self._maps[line][at - self._starts[line]]
        return self._offsets[line] + start, self._offsets[line] + end


def _places(line: str) -> list[tuple[int, int]]:
    """For every character of the folded `line` the stretch of `line` it came from."""
    folded = fold(line)
    places: list[tuple[int, int]] = []
    start = 0
    for cluster in _clusters(line):
        end = start + len(cluster)
        places += [(start, end)] * len(fold(cluster))
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
