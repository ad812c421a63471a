"""Is this page an annual report, of which year, and who signed it?"""

import re
from collections import Counter
from collections.abc import Sequence

from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Field
from archive.reading.text.title import REPORT_TITLE, SUMMARY_TITLE
from archive.reading.values.dates import day_of, is_only_a_day, years_of

_PERIOD = re.compile(r"自?((?:19|20)\d{2})年1月1日.{0,12}(?:至|到|-|—|起).{0,12}12月31日")
_NAMED = re.compile(
    r"((?:19|20)\d{2})年(?:度)?[^,。;]{0,30}(?:政府信息|政务|信息)公开[^,。;]{0,12}(?:年度报告|年报|报告|统计表)"
)
_COMPILED = re.compile(
    r"(?:编制|编写|公布|发布|撰写|形成|作出).{0,40}(?:年度报告|年报)|本(?:年度)?报告(?:根据|是根据|由|所列|中)"
    r"|根据《(?:中华人民共和国)?政府信息公开条例》.{0,120}(?:年度报告|年报|本报告|报告如下|编制)"
)
_ORGAN = re.compile(
    r"(?:政府|委员会|管委会|办公室|局|厅|委|办|中心|院|署|处|部|会|公司|街道|镇|乡|县|市|区|站|所|队|总队|支队|大队|校|馆|社|团|组|行|府)$"
)
_BARE_YEAR = re.compile(r"(?<![\d-])(20[0-4]\d)(?![\d-])")
_BEHIND_AND = re.compile(r"(?<=结)(?:及|和|暨|与|以及).{0,16}$")
_MAX_TITLE = 120
_LEAD = 12
_TAIL = 12


def is_report(title: str | None, lines: Sequence[str], *, among_reports: bool = False) -> bool:
    """True when title or first lines say that this is an annual report on open government
    information; a plan or notice beside it in the column is none. `among_reports`: the page stands
    in the section of the annual reports, where a summary of the year's work is its report, too.
    """
    bare = squeezed(title or "")
    if REPORT_TITLE.search(bare) and not bare.startswith("关于"):
        return not _about_reports(bare)
    if among_reports and account_word(title) is not None:
        return True
    if bare and SUMMARY_TITLE.search(bare):
        return False
    if bare and not re.search(r"年报|年度|报告|公开", bare):
        return False
    return any(_COMPILED.search(squeezed(line)) for line in lines[:_LEAD])


def account_word(title: str | None) -> str | None:
    """What a title calls the account of a year's work on open government information, when it does
    not call it a report of the year; None for every other title.

    >>> account_word("2014年政府信息公开工作总结"), account_word("2014年政府信息公开工作要点")
    ('工作总结', None)
    >>> account_word("2014年上半年政府信息公开工作总结") is None
    True
    """
    bare = squeezed(title or "")
    book = phrases()
    if not bare or len(bare) > _MAX_TITLE or book.not_account.search(_BEHIND_AND.sub("", bare)):
        return None
    found = (pattern.search(bare) for pattern in book.account)
    return next((hit["word"] for hit in found if hit), None)


def called_field(title: str | None, *, among_reports: bool) -> tuple[Field, ...]:
    """The field `report_word` of a report that its office called otherwise (工作总结)."""
    bare = squeezed(title or "")
    word = account_word(title) if among_reports else None
    if word is None or (REPORT_TITLE.search(bare) and not bare.startswith("关于")):
        return ()
    return (Field(name="report_word", value=word, printed=word, origin="title"),)


def report_year(
    title: str | None, lines: Sequence[str], *, listed: str | None = None
) -> int | None:
    """The year a report covers: from its title, a line that names the report, the period, what a
    list calls it, or what its first lines speak of most; None when nothing says it.
    """
    printed = years_of(title or "") or _bare_years(title or "")
    if printed:
        return printed[0]
    for pattern in (_NAMED, _PERIOD):
        for line in lines:
            if found := pattern.search(squeezed(line)):
                return int(found.group(1))
    if named := year_of_title(listed):
        return named
    spoken = Counter(year for line in lines[:40] for year in years_of(line))
    return spoken.most_common(1)[0][0] if spoken else None


def _bare_years(title: str) -> tuple[int, ...]:
    """Years printed without 年: 清河县（2021）政府信息公开年报; one and no more."""
    found = _BARE_YEAR.findall(title) if REPORT_TITLE.search(squeezed(title)) else []
    return (int(found[0]),) if len(found) == 1 else ()


def year_of_title(title: str | None) -> int | None:
    """The year in the title of a document about open government information; None for others."""
    bare = squeezed(title or "")
    named = REPORT_TITLE.search(bare) or SUMMARY_TITLE.search(bare)
    if not named and account_word(title) is None:
        return None
    return next(iter(years_of(title or "")), None)


def signature(lines: Sequence[str]) -> tuple[Field, ...]:
    """Who signed at the foot of the text, and the day: fields signed_by and signed_on."""
    for n in range(len(lines) - 1, max(len(lines) - _TAIL, len(lines) // 2 - 1), -1):
        line = lines[n]
        if "\t" in line or not is_only_a_day(line):
            continue
        fields = [_field("signed_on", day_of(line), line)]
        organ = lines[n - 1].strip() if n else ""
        if 3 <= len(organ) <= 40 and _ORGAN.search(squeezed(organ)) and "。" not in organ:
            fields.insert(0, _field("signed_by", squeezed(organ), organ))
        return tuple(fields)
    return ()


def _about_reports(bare: str) -> bool:
    """A notice on how to write reports, a score card, a plan, a report retold in pictures."""
    return (
        re.search(
            r"^(?:一图|图解|图说|图表|长图|数说|动画)"
            r"|(?:通知|方案|办法|要求|格式|模板|考核|评分|成绩单|解读|图解|培训|培训会|部署会|自查(?:情况)?的?报告|情况通报)(?:的)?$",
            bare,
        )
        is not None
    )


def _field(name: str, value: str | None, printed: str) -> Field:
    return Field(name=name, value=value, printed=printed, origin="signature")
