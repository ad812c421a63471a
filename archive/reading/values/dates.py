"""Printed dates, in every shape portals print them, as ISO 8601 days."""

import re
from datetime import date

from archive.model.content import narrow

_DASHES = str.maketrans(dict.fromkeys("—–―‐‑‒−－﹣", "-") | {"．": ".", "／": "/"})
_NUMERIC = re.compile(
    r"(?<!\d)((?:19|20)\d{2}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?!\d) ?[日号]?"
)
DAY_AND_TIME = (
    r"(?<!\d)(?:19|20)\d{2}[-/.年] ?\d{1,2}[-/.月] ?\d{1,2}(?!\d)日?"
    r"(?:[ T\u3000]*\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2})?[分秒]?)?"
)
"""A printed day, with the time behind it when there is one."""
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DAYS = re.compile(DAY_AND_TIME)
_MAX_UNDER_TITLE = 60
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:：时](\d{2})(?:[:：分]\d{2})?(?!\d)")
_DIGITS = {character: str(n) for n, character in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": "0", "○": "0", "O": "0", "o": "0", "Ｏ": "0", "0": "0", "◯": "0", "０": "0"}
_HAN = re.compile(
    r"([一二三四五六七八九〇零○OoＯ0０◯]{4}) ?年 ?([一二三四五六七八九十]{1,3}) ?月"
    r" ?([一二三四五六七八九十廿卅]{1,4}) ?日"
)
_HAN_YEAR = re.compile(r"([一二][一二三四五六七八九〇零○OoＯ0０◯]{3}) ?年")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2}) ?年")


def day_of(printed: str) -> str | None:
    """The first printed day in a text as YYYY-MM-DD; None when there is none that exists.

    >>> day_of("2014年12月22日 10:00"), day_of("2021.01.05"), day_of("二〇一四年十二月三十一日")
    ('2014-12-22', '2021-01-05', '2014-12-31')
    >>> day_of("2014年13月40日") is None
    True
    """
    text = plain(printed)
    for found in (*_NUMERIC.finditer(text), *_COMPACT.finditer(text)):
        if day := _existing(*map(int, found.groups())):
            return day
    for found in _HAN.finditer(text):
        year, month, number = found.groups()
        if day := _existing(han_year(year) or 0, _han_number(month), _han_number(number)):
            return day
    return None


def has_time(printed: str) -> bool:
    """True when a time of day stands beside the date.

    >>> has_time("2014年12月22日 10:00")
    True
    """
    return _TIME.search(printed) is not None


def day_below_title(line: str) -> str | None:
    """The day of publishing as printed in a line right under a title, without a label: alone, or
    in figures or with a time beside a name; None when the line tells none, or more than one.

    >>> day_below_title("2023年01月31日 09时32分"), day_below_title("县府办 2020/5/6")
    ('2023年01月31日 09时32分', '2020/5/6')
    >>> day_below_title("2018年12月29日县人大常委会通过") is None
    True
    """
    found = _DAYS.findall(line)
    if len(found) != 1 or len(line) > _MAX_UNDER_TITLE or "。" in line or not day_of(found[0]):
        return None
    alone = len(found[0]) + 2 >= len(line)
    return found[0] if alone or "年" not in found[0] or has_time(found[0]) else None


def is_only_a_day(line: str) -> bool:
    """True when a line is a date and nothing more (a signature's last line).

    >>> is_only_a_day("2019年1月4日"), is_only_a_day("截至2019年1月4日")
    (True, False)
    """
    text = plain(line).strip(" 。.()（）")
    return bool(_NUMERIC.fullmatch(text) or _HAN.fullmatch(text))


def years_of(printed: str) -> tuple[int, ...]:
    """Every year written as 2016年 or 二〇一六年, in printed order.

    >>> years_of("二〇一六年（2016年度）工作报告")
    (2016, 2016)
    """
    text = plain(printed)
    found = [(hit.start(), int(hit.group(1))) for hit in _YEAR.finditer(text)]
    found += [
        (hit.start(), year) for hit in _HAN_YEAR.finditer(text) if (year := han_year(hit.group(1)))
    ]
    return tuple(year for _, year in sorted(found))


def han_year(written: str) -> int | None:
    """二〇一四 as 2014; None when it is no year.

    >>> han_year("二○一四")
    2014
    """
    digits = "".join(_DIGITS.get(character, "") for character in written)
    return int(digits) if len(digits) == 4 and digits[:2] in ("19", "20") else None


def plain(text: str) -> str:
    """Width folded (NFKC), every dash a hyphen, white space single: for matching only."""
    return " ".join(narrow(text).translate(_DASHES).split())


def _han_number(written: str) -> int:
    written = written.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return int("".join(_DIGITS.get(c, "") for c in written) or 0)
    return int(_DIGITS.get(tens, "1") if tens else 1) * 10 + int(_DIGITS.get(ones, "0") or 0)


def _existing(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
