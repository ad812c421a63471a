"""Personal numbers in a text: mobile numbers, and identity card numbers whose check digit is right.

Reports print the numbers of offices on purpose; those of applicants by mistake. Where the two
cannot be told apart a number counts as an office's: precision matters more here than finding all.

An identity card number (GB 11643-1999) has 18 characters: a province of GB/T 2260, a day of birth,
and a check digit (ISO 7064, MOD 11-2). A mobile number has 11 digits and begins with 13 to 19; it
is an office's where the words before it, on its line and behind the number before, say so
(办公电话, 咨询, 监督, 联系电话 …) and no word of a person (申请人, 姓名, 联系人, 手机 …) is among
them. Landlines are nobody's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_BEFORE: Final = 24  # characters before a number that may say whose it is
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"
_PROVINCES: Final = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    " 71 81 82 83".split()
)
_NARROW: Final = str.maketrans("０１２３４５６７８９Ｘｘ＋－　", "0123456789Xx+- ")
# No part of a longer number, a decimal, a URL or a code.
_ALONE: Final = r"(?<![0-9A-Za-z./=_-])", r"(?![0-9A-Za-z/=_]|[.-][0-9A-Za-z])"
_ID_CARD: Final = re.compile(
    rf"{_ALONE[0]}[1-8]\d{{5}} ?(?:19|20)\d{{6}} ?\d{{3}}[0-9Xx]{_ALONE[1]}", re.ASCII
)
_MOBILE: Final = re.compile(
    rf"{_ALONE[0]}(?:(?:\+|00)?86[ -]?)?1[3-9]\d([ -]?)\d{{4}}\1\d{{4}}{_ALONE[1]}"
    r"(?! ?[元万亿件条次个人份页平吨米％%])", re.ASCII
)  # fmt: skip
_OFFICE: Final = re.compile(
    "办公|咨询|监督|举报|投诉|服务|值班|受理|热线|传真|查询|公开电话|联系电话|联系方式|单位电话|电话"
)
_PERSON: Final = re.compile(
    "申请人|姓名|身份证|证件|联系人|手机|移动电话|本人|家庭|住址|住所|先生|女士|信访人|原告|当事人"
)

_NUMBERS: Final = re.compile(r"\d[\d -]{6,}")


class PersonalKind(StrEnum):
    """What kind of number it is."""

    MOBILE = "mobile"
    ID_CARD = "id_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalNumber:
    """A personal number, from `start` up to `end` of the text."""

    kind: PersonalKind
    start: int
    end: int


def personal_numbers(text: str) -> list[PersonalNumber]:
    """The personal numbers of a text, in its order.

    >>> [each.kind.value for each in personal_numbers("手机 138 0013 8000，办公电话13900139000")]
    ['mobile']
    """
    narrow = text.translate(_NARROW)
    return sorted(_found(narrow), key=lambda each: each.start)


def masked(text: str) -> tuple[str, list[PersonalNumber]]:
    """A text with a star for every character of its personal numbers, and which these were.

    >>> masked("身份证号11010519491231002X")[0]
    '身份证号******************'
    """
    found = personal_numbers(text)
    for each in found:
        text = text[: each.start] + "*" * (each.end - each.start) + text[each.end :]
    return text, found


def is_id_card(number: str) -> bool:
    """Whether 18 characters are an identity card number.

    >>> is_id_card("11010519491231002X"), is_id_card("110105194912310021")
    (True, False)
    """
    if number[:2] not in _PROVINCES:
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        date(year, month, day)
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK_DIGITS[total % 11] == number[17].upper()


def _found(text: str) -> Iterator[PersonalNumber]:
    for match in _ID_CARD.finditer(text):
        if is_id_card(match[0].replace(" ", "")):
            yield PersonalNumber(kind=PersonalKind.ID_CARD, start=match.start(), end=match.end())
    for match in _MOBILE.finditer(text):
        if not _is_of_an_office(text, match.start()):
            yield PersonalNumber(kind=PersonalKind.MOBILE, start=match.start(), end=match.end())


def _is_of_an_office(text: str, start: int) -> bool:
    """What the words before the number say: an office's, and no person's (联系人：李某，电话). In a
    list of numbers they stand before the first.
    """
    line = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    words = [each for each in _NUMBERS.split(line) if re.search(r"\w", each)]
    before = words[-1] if words else ""
    return bool(_OFFICE.search(before)) and not _PERSON.search(before)
