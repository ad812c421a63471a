"""The labels printed beside values on information pages (索引号, 发文机关, 发布日期 …)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_GAPS = re.compile(r"[\s\x1f\u00a0\u3000\u200b\ufeff]+")
_EDGES = " :：|｜﹕∶【】[]"
_COLON = re.compile(r"[:：﹕∶]")
_BLANK = " \t\r\n\u00a0\u3000\x1f"  # the last one: a seam between two text nodes
_LONGEST = 14
_WINDOW = 40
_MAX_REMEMBERED = 200
_MAX_SHORT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What one printed label names.

    field: the contract's name. kind: box (catalogue header), line (under the heading) or noise
    (counters, tools). strong: a sign of a catalogue header by itself. rank: lower wins a field.
    """

    field: str
    kind: str
    strong: bool
    rank: int


def spelled(label: str) -> str:
    """A printed label without white space, colons and bars, as the codebook spells it.

    >>> spelled("索　引　号：")
    '索引号'
    """
    return label if label.isalnum() else _GAPS.sub("", label).strip(_EDGES)


@cache
def labels() -> dict[str, Label]:
    """Every label of the codebook by its spelling; ValueError when a spelling stands twice."""
    rows = tomllib.loads(files(__package__).joinpath("labels.toml").read_text("utf-8"))["label"]
    found: dict[str, Label] = {}
    for row in rows:
        meaning = Label(
            field=row["field"], kind=row["kind"], strong=row["strong"], rank=row["rank"]
        )
        for spelling in row["spellings"]:
            if spelling in found:
                raise ValueError(f"labels.toml: {spelling} stands twice")
            found[spelling] = meaning
    return found


def label_of(printed: str) -> Label | None:
    """The meaning of a printed label; None when the codebook does not know it.

    >>> label_of("发 文 机 关:").field
    'agency'
    """
    if len(printed) > _MAX_SHORT:
        return labels().get(spelled(printed))
    return _label_of(printed)


@lru_cache(maxsize=4096)
def _label_of(printed: str) -> Label | None:
    return labels().get(spelled(printed))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelHit:
    """A known label with its colon inside a line: where it starts, and where its value starts."""

    label: str
    start: int
    end: int


def label_hits(line: str) -> tuple[LabelHit, ...]:
    """Every known label with a colon in a line, in printed order; the longest spelling wins.

    White space may stand inside a label (``索 引 号：``); a label is no part of a longer word.

    >>> [hit.label for hit in label_hits("数据来源：甲 来 源：乙 发布时间:2017")]
    ['来源', '发布时间']
    """
    if _COLON.search(line) is None:
        return ()
    return _hits(line) if len(line) <= _MAX_REMEMBERED else _hits.__wrapped__(line)


@lru_cache(maxsize=2048)
def _hits(line: str) -> tuple[LabelHit, ...]:
    # Remembered, because a header box is read again with every element around it.
    found: list[LabelHit] = []
    for colon in _COLON.finditer(line):
        floor = found[-1].end if found else 0
        hit = _before(line, max(floor, colon.start() - _WINDOW), colon)
        if hit is not None:
            found.append(hit)
    return tuple(found)


def _before(line: str, floor: int, colon: re.Match[str]) -> LabelHit | None:
    known = labels()
    word, best = "", None
    for position in range(colon.start() - 1, floor - 1, -1):
        character = line[position]
        if character in _BLANK:
            continue
        if not ("\u4e00" <= character <= "\u9fff" or (word and character == "/")):
            break
        word = character + word
        if len(word) > _LONGEST:
            break
        if word in known and not (position > floor and "\u4e00" <= line[position - 1] <= "\u9fff"):
            best = LabelHit(label=word, start=position, end=colon.end())
    return best
