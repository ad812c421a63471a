"""Automatic numbers of Word paragraphs (一、 （一） 1.), which stand in no run of text.

Numbers come from word/numbering.xml through the paragraph or its style (ECMA-376 part 1, 17.9).
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from archive.reading.files.markup import attribute, child, children, parsed
from archive.reading.files.packed import Packed
from archive.reading.files.refusal import RefusedError

_LEVELS: Final = 9
_DIGITS: Final = "〇一二三四五六七八九"
_CHINESE: Final = frozenset(
    {
        "chineseCounting", "chineseCountingThousand", "japaneseCounting",
        "taiwaneseCountingThousand", "ideographDigital", "japaneseDigitalTenThousand",
    }
)  # fmt: skip
_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    form: str
    text: str
    start: int


class Numbering:
    """Counts the numbered paragraphs of one document in reading order."""

    def __init__(
        self,
        lists: dict[str, tuple[str, dict[int, _Level]]],
        styles: dict[str, tuple[str, int]],
    ) -> None:
        self._lists = lists
        self._styles = styles
        self._counts: dict[str, list[int | None]] = {}

    @classmethod
    def of(cls, packed: Packed) -> "Numbering":
        """The numbering of a document; without the part, or with a damaged one, there is none."""
        numbers, styles = (_part(packed, f"word/{n}.xml") for n in ("numbering", "styles"))
        return cls(
            {} if numbers is None else _lists(numbers), {} if styles is None else _styled(styles)
        )

    def mark(self, paragraph: etree._Element) -> str:
        """What stands before the text of a paragraph; "" when it is not numbered."""
        key, level = self._of(paragraph)
        family, levels = self._lists.get(key, ("", {}))
        if level not in levels:
            return ""
        counts = self._counts.setdefault(family, [None] * _LEVELS)
        before = counts[level]
        counts[level] = levels[level].start if before is None else before + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        return _spelled(levels, levels[level].text, counts)

    def _of(self, paragraph: etree._Element) -> tuple[str, int]:
        properties = child(paragraph, "pPr")
        own = child(properties, "numPr")
        if own is not None:
            return _reference(own)
        style = attribute(child(properties, "pStyle"), "val")
        return self._styles.get(style or "", ("", 0))


def _spelled(levels: dict[int, _Level], text: str, counts: list[int | None]) -> str:
    def number(found: re.Match[str]) -> str:
        level = int(found.group(1)) - 1
        known = levels.get(level)
        count = counts[level]
        return _number(1 if count is None else count, known.form if known else "decimal")

    return _PLACE.sub(number, text)


def _number(count: int, form: str) -> str:
    if form in _CHINESE and 0 < count < 100:
        return _chinese(count)
    if form in ("upperLetter", "lowerLetter") and 0 < count <= 26:
        letter = chr(ord("a") + count - 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 0 < count <= 20:
        return chr(ord("①") + count - 1)
    if form in ("upperRoman", "lowerRoman") and 0 < count < 40:
        return _roman(count).upper() if form == "upperRoman" else _roman(count)
    return str(count)


def _chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    head = "" if not tens else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "")


def _roman(count: int) -> str:
    spelled = ""
    for value, letters in _ROMAN:
        times, count = divmod(count, value)
        spelled += letters * times
    return spelled


def _part(packed: Packed, name: str) -> etree._Element | None:
    try:
        return parsed(packed.read(name), name)
    except RefusedError:
        return None


def _lists(root: etree._Element) -> dict[str, tuple[str, dict[int, _Level]]]:
    """For every w:num the list it counts in, and its levels."""
    known = {
        attribute(abstract, "abstractNumId") or "": _levels(abstract)
        for abstract in children(root, "abstractNum")
    }
    found: dict[str, tuple[str, dict[int, _Level]]] = {}
    for number in children(root, "num"):
        family = attribute(child(number, "abstractNumId"), "val") or ""
        key = attribute(number, "numId") or ""
        restarts = child(number, "lvlOverride") is not None
        found[key] = (f"{family}/{key}" if restarts else family, known.get(family, {}))
    return found


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for level in children(abstract, "lvl"):
        form = attribute(child(level, "numFmt"), "val") or "decimal"
        text = attribute(child(level, "lvlText"), "val") or ""
        if form not in ("bullet", "none") and len(text) <= 40:
            start = _count(attribute(child(level, "start"), "val"), 1)
            place = _count(attribute(level, "ilvl"), 0)
            if place < _LEVELS:
                levels[place] = _Level(form=form, text=text, start=start)
    return levels


def _styled(root: etree._Element) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for style in children(root, "style"):
        numbered = child(child(style, "pPr"), "numPr")
        if numbered is not None:
            found[attribute(style, "styleId") or ""] = _reference(numbered)
    return found


def _reference(numbered: etree._Element) -> tuple[str, int]:
    key = attribute(child(numbered, "numId"), "val") or ""
    return key, _count(attribute(child(numbered, "ilvl"), "val"), 0)


def _count(printed: str | None, usual: int) -> int:
    return int(printed) if printed and printed.isdecimal() and len(printed) < 6 else usual
