"""Labels and values in printed text: ``发布日期：2024-06-05 来源：统计局 浏览次数：``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.codebook.labels import Label, label_hits, label_of, spelled
from archive.reading.html.blocks import SEAM, folded
from archive.reading.values.dates import DAY_AND_TIME, day_of
from archive.reading.values.edges import bare_value, printed_value, value_of

_UNKNOWN = re.compile(r"^[【\[]?([\u4e00-\u9fff][\u4e00-\u9fff \u3000]{1,15})[:：﹕]")
_TRAILING_DAY = re.compile(rf"(?:^|(?<![ \u3000(（\[])[ \u3000(（\[]+)({DAY_AND_TIME})[)）\]]?$")
_LABELLIKE = re.compile(r"[\u4e00-\u9fff]{2,8}")
_BEFORE_LABEL = " \t\u3000\x1f【["
_SAY_WHO = frozenset({"source", "author", "editor"})
_MAX_PIECES = 6
_STRANGER = re.compile(r"(?<![ \u3000\x1f])[ \u3000\x1f]+(?=[\u4e00-\u9fff]{2,6}[:：])")
_EDGES = " \t|｜;；,，、[]【】—-_·•>》"
_BARS = re.compile(r"(?:(?<!\s)\s+)?[|｜]\s*")
_UNLABELLED = Label(field="published_on", kind="line", strong=False, rank=4)
MAX_VALUE_CHARACTERS = 500
"""A value longer than this is text, not a header field: it is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A printed label and what stands behind it ("" when nothing does); `printed` with the marks
    around it.
    """

    label: str
    value: str
    printed: str
    known: Label | None


def has_colon(text: str) -> bool:
    """Whether a colon stands in a text, of any width."""
    return ":" in text or "：" in text or "﹕" in text


def pairs_in(line: str) -> tuple[Pair, ...]:
    """Every known label with a colon in a line, with its value up to the next one.

    >>> [(p.label, p.value) for p in pairs_in("文 号： 主 题 词：年报 公开")]
    [('文号', ''), ('主题词', '年报 公开')]
    """
    hits = label_hits(line)
    if not hits:
        return ()
    ends = [hit.start for hit in hits[1:]] + [len(line)]
    before = bare_value(folded(line[: hits[0].start].replace(SEAM, " ")))
    found = [bare_day(before)] if _starts_with_a_day(before) else []
    if not found and (day := _TRAILING_DAY.search(before)):
        found = [bare_day(day.group(1))]
    for hit, end in zip(hits, ends, strict=True):
        value, *others = _STRANGER.split(line[hit.end : end])
        found += _split_from_day(_pair(hit.label, value))
        found += [pair for other in others if (pair := leading_pair(other))]
    return tuple(found)


def _split_from_day(pair: Pair) -> Iterator[Pair]:
    """``来源：某某局 2020-05-06 09:12``: a day behind the last value is that of publishing."""
    found = _TRAILING_DAY.search(pair.value)
    if found is None or pair.known is None or pair.known.field not in _SAY_WHO:
        yield pair
        return
    value = bare_value(pair.value[: found.start()])
    yield replace(pair, value=value, printed=value)
    yield bare_day(found.group(1))


def _starts_with_a_day(before: str) -> bool:
    """``2020-05-06 09:10 来源：某某局``: the day stands before the first label, without one."""
    return 8 <= len(before) <= 24 and before[0].isdigit() and day_of(before) is not None


def bare_day(line: str) -> Pair:
    """A day that stands under a heading without a label, as the day of publishing."""
    return Pair(label="", value=line, printed=line, known=_UNLABELLED)


def leading_pair(cell: str) -> Pair | None:
    """The pair with which a cell of a header box begins, its label known to us or not; None
    when the cell does not begin with a label and a colon.
    """
    found = _UNKNOWN.match(cell)
    return _pair(found.group(1), cell[found.end() :]) if found else None


def pairs_of_row(cells: Sequence[str], *, tells_inside: bool = False) -> Iterator[Pair]:
    """The pairs of one row of a header box: cells with label and value, or label cells followed
    by value cells; also one cell whose parts are joined with bars (``索引号: | 1 | 分类: | 2 |``).
    `tells_inside`: other rows of the box tell label and value in one cell.
    """
    split = [part for cell in cells for part in _parts(cell)]
    tells_inside = tells_inside or any(begins_label(cell) for cell in split)
    position = 0
    while position < len(split):
        cell = split[position]
        position += 1
        if _is_label(cell, split, position):
            value = ""
            if position < len(split) and _may_be_value(split, position, tells_inside=tells_inside):
                value = split[position]
                position += 1
            yield _pair(cell, value)
        else:
            yield from _inside(cell, tells_inside=tells_inside)


def _may_be_value(row: Sequence[str], position: int, *, tells_inside: bool) -> bool:
    """Whether a cell is the value of the label cell before it: not when it is a label, or tells a
    pair of its own (``文号： | 发布机构：县府办``). An unknown label counts where other cells of
    the row tell known pairs.
    """
    cell = row[position]
    if _is_label(cell, row, position + 1) or begins_label(cell):
        return False
    return not (tells_inside and (leading_pair(cell) or _by_element(cell)))


def begins_label(cell: str) -> bool:
    """Whether a cell begins with a known label and goes on with a value: behind a colon, or in a
    text node of its own.
    """
    hits = label_hits(cell)
    if hits and not cell[: hits[0].start].strip(_BEFORE_LABEL):
        return bool(cell[hits[0].end :].strip())
    pair = _by_element(cell)
    return pair is not None and pair.known is not None


def _by_element(cell: str) -> Pair | None:
    """The pair of a cell whose label is an element and not set off by a colon
    (``<b>文号</b>云政发〔2019〕4号``); None when the first text node reads like no label.
    """
    if SEAM not in cell or has_colon(cell):
        return None
    first, *rest = [part.strip() for part in cell.split(SEAM) if part.strip()]
    if not rest or (label_of(first) is None and not _LABELLIKE.fullmatch(first)):
        return None
    if any(known.strong for part in rest if (known := label_of(part))):
        return None
    return _pair(first, "".join(rest))


def _parts(cell: str) -> list[str]:
    return _BARS.split(cell.strip("|｜ ")) if "|" in cell or "｜" in cell else [cell]


def _is_label(cell: str, row: Sequence[str], following: int) -> bool:
    """A known label alone in its cell, or an unknown one with a colon and a value beside it."""
    if label_of(cell) is not None:
        return True
    bare = spelled(cell)
    return (
        cell.rstrip().endswith((":", "："))
        and 2 <= len(bare) <= 10
        and not label_hits(cell[:-1])
        and following <= len(row)
    )


def _inside(cell: str, *, tells_inside: bool) -> Iterator[Pair]:
    by_element = _by_element(cell) if tells_inside else None
    if by_element is not None:
        yield by_element
        return
    hits = label_hits(cell)
    leading = leading_pair(cell)
    if leading is not None and leading.known is None and (not hits or hits[0].start > 0):
        yield from _before(cell, hits[0].start if hits else len(cell))
    if hits:
        yield from pairs_in(cell)
        return
    if leading is None:
        yield from words_as_pairs(cell, strong=True)


def _before(cell: str, end: int) -> Iterator[Pair]:
    found = leading_pair(cell[:end])
    if found is not None:
        yield found


def words_as_pairs(cell: str, *, strong: bool) -> Iterator[Pair]:
    """``索 引 号 003110926/201510-00216 信息分类 信息公开制度`` (安庆): labels as words, without
    colons; nothing unless the cell begins with one. `strong`: only strong labels count.
    """
    words = list(_words(cell))
    known = (label_of(word) for word in words)
    starts = [n for n, label in enumerate(known) if label and (label.strong or not strong)]
    if not starts or starts[0] != 0:
        return
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield _pair(words[start], " ".join(words[start + 1 : end]))


def _words(cell: str) -> Iterator[str]:
    """The words of a cell; characters set apart (索 引 号) are one when they make a label."""
    pieces = cell.replace(SEAM, " ").split()
    position = 0
    while position < len(pieces):
        end = position + 1
        for longer in range(position + 2, min(position + _MAX_PIECES, len(pieces)) + 1):
            if len(pieces[longer - 1]) > 2:
                break
            if label_of("".join(pieces[position:longer])) is not None:
                end = longer
        yield "".join(pieces[position:end])
        position = end


def _pair(label: str, raw: str) -> Pair:
    return _read_pair(label, raw) if len(raw) <= MAX_VALUE_CHARACTERS else _made_pair(label, raw)


def _made_pair(label: str, raw: str) -> Pair:
    printed = printed_value(value_of(raw))
    printed = printed if len(printed) <= MAX_VALUE_CHARACTERS else ""
    value = bare_value(printed)
    return Pair(
        label=spelled(label),
        value=value,
        printed=printed if value else "",
        known=label_of(label),
    )


# A box is read again with every element around it.
_read_pair = lru_cache(maxsize=1024)(_made_pair)
