"""What of a text is shown of a hit: the places of the words, marked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import chain, islice, pairwise, zip_longest

from archive.search.grams import Span, fold, spans

_AROUND = 40
_SNIPPETS = 3
_LOOKED_AT = 50
# From an ASCII sign to its wide form.
_WIDE = 0xFEE0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a title or text; `marked` pieces match the query."""

    text: str
    marked: bool = False


def pieces(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """`text` cut at every place where one of the folded words stands."""
    cut: list[Piece] = []
    at, folded = 0, fold(text)
    found = (_places(text, word) for word in words if word in folded)
    for span in merge(*found, key=lambda each: each.start):
        start, end = max(at, span.start), max(at, span.end)
        cut.append(Piece(text=text[at:start]))
        cut.append(Piece(text=text[start:end], marked=True))
        at = end
    cut.append(Piece(text=text[at:]))
    return tuple(piece for piece in cut if piece.text)


def snippets(text: str, words: Iterable[str]) -> tuple[tuple[Piece, ...], ...]:
    """Up to three stretches of `text`, each on one line, not overlapping: around the first place of
    each word, then around further places.
    """
    words = tuple(words)
    firsts = [span for word in words for span in islice(_places(text, word), 1)]
    chosen: list[Span] = []
    for span in chain(firsts, islice(_all_spans(text, words), _LOOKED_AT)):
        if len(chosen) == _SNIPPETS:
            break
        if all(_apart(span, other) for other in chosen):
            chosen.append(span)
    found, behind = [], 0
    for span in sorted(chosen, key=lambda each: each.start):
        start, behind = max(behind, span.start - _AROUND), min(len(text), span.end + _AROUND)
        around = "".join(" " if sign in "\t\n\r\v\f" else sign for sign in text[start:behind])
        more = "…" if start else "", "…" if behind < len(text) else ""
        found.append(_joined(more[0], pieces(around, words), more[1]))
    return tuple(found)


def _apart(one: Span, other: Span) -> bool:
    return one.start >= other.end + _AROUND or other.start >= one.end + _AROUND


def _all_spans(text: str, words: Iterable[str]) -> Iterator[Span]:
    return merge(*(_places(text, word) for word in words), key=lambda each: each.start)


def _places(text: str, word: str) -> Iterator[Span]:
    """Where the word stands as it is printed as a rule; where it nowhere does, where it stands once
    folded, which takes a hundred times as long.
    """
    printed = False
    for found in _printed(word).finditer(text):
        printed = True
        yield Span(start=found.start(), end=found.end())
    if not printed:
        yield from spans(text, word)


@lru_cache(maxsize=256)
def _printed(word: str) -> re.Pattern[str]:
    """A folded word as it is printed as a rule: white space between its signs, but not within a
    number; wide signs and capitals.
    """
    signs = [r"\s+" if sign == " " else _forms(sign) for sign in word]
    between = [
        "" if " " in pair or (pair.isascii() and pair.isdecimal()) else r"\s*"
        for pair in map("".join, pairwise(word))
    ]
    return re.compile("".join(map("".join, zip_longest(signs, between, fillvalue=""))))


def _forms(sign: str) -> str:
    """A folded sign in its forms, as a part of a pattern."""
    forms = {sign, sign.upper()}
    wide = {chr(ord(each) + _WIDE) for each in forms if "!" <= each <= "~"}
    return f"[{''.join(map(re.escape, sorted(each for each in forms | wide if len(each) == 1)))}]"


def _joined(before: str, middle: tuple[Piece, ...], behind: str) -> tuple[Piece, ...]:
    return tuple(piece for piece in (Piece(text=before), *middle, Piece(text=behind)) if piece.text)
