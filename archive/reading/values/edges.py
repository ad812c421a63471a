"""What stands around a printed value and is none of it: bars, brackets that nothing closes, and the
buttons behind the last value of a line (打印, 下载).
"""

import re

from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import SEAM, folded

_SEPARATORS = " \t|｜;；,，、_—-·•"
_PRINTED = " \t|｜;；,，、"
_CLOSING = {
    "]": "[",
    "】": "【",
    "》": "《",
    ">": "<",
    ")": "(",
    "）": "（",
    "〉": "〈",
    "」": "「",
}
_OPENING = {opening: closing for closing, opening in _CLOSING.items()}
_ALIKE = {"(": "（(", "（": "（(", ")": "）)", "）": "）)"}
_AROUND = ("[]", "【】")
_PIECES = re.compile(r"[\s\x1f|｜【】\[\]（）()]+")
_MAX_BUTTONS = 200
_MAX_PARTS = 3
_MAX_PART = 8


def bare_value(printed: str) -> str:
    """A value without what parts it from its neighbours; brackets stay where both are there.

    >>> bare_value("《云溪日报》 |"), bare_value("县府办 》"), bare_value("[2020-01-01]")
    ('《云溪日报》', '县府办', '2020-01-01')
    """
    value, before = printed.strip(_SEPARATORS), ""
    while value and value != before:
        before = value
        value = _peeled(value).strip(_SEPARATORS)
    return value


def _peeled(value: str) -> str:
    """The value without one mark at its ends that belongs to nothing in it."""
    first, last = value[0], value[-1]
    if last in _OPENING or (last in _CLOSING and _lacks(value, _CLOSING[last])):
        return value[:-1]
    if first in _CLOSING or (first in _OPENING and _lacks(value, _OPENING[first])):
        return value[1:]
    return value[1:-1] if first + last in _AROUND and value.count(first) == 1 else value


def printed_value(value: str) -> str:
    """A value as printed: only the marks between two values are taken off.

    >>> printed_value(" 政务公开 > 年报 > |")
    '政务公开 > 年报 >'
    """
    return value.strip(_PRINTED)


def without_buttons(value: str) -> str:
    """A value without the buttons behind it; words of tools count only where something parts them
    from the value.

    >>> without_buttons("云溪市教育局 【打印】 【关闭】"), without_buttons("收藏协会")
    ('云溪市教育局', '收藏协会')
    """
    if len(value) > _MAX_BUTTONS:
        return value
    cut, passed = len(value), 0
    begins = [0, *(gap.end() for gap in _PIECES.finditer(value))]
    for begin in reversed(begins):
        piece = squeezed(_PIECES.sub("", value[begin:]))
        if not piece or phrases().buttons.fullmatch(piece):
            cut, passed = begin, 0
        elif passed < _MAX_PARTS and len(piece) <= _MAX_PART:
            passed += 1  # a button may be printed in parts: 大 中 小, Word 下载
        else:
            break
    return value if cut == len(value) else folded_end(value[:cut])


def folded_end(value: str) -> str:
    """A value without the gap and the opened bracket at its end."""
    return value.rstrip(f" \t\u3000{SEAM}|｜【[（(")


def value_of(raw: str) -> str:
    """What is printed behind a label, white space folded, without buttons."""
    return folded(without_buttons(raw.strip()).replace(SEAM, ""))


def _lacks(value: str, other: str) -> bool:
    return not any(mark in value for mark in _ALIKE.get(other, other))
