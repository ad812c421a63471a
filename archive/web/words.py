"""How values are spelled on a page, in the language that is spoken there: the one table of the
words of states and kinds, and the forms of dates and numbers.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Protocol
from urllib.parse import urlencode

from archive.codebook.divisions import division
from archive.codebook.prose import concept_names
from archive.web.i18n import spoken

WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "kind": {
        "report": ("report", "年度报告"),
        "list": ("list", "列表页"),
        "article": ("article", "文章"),
        "attachment": ("attachment", "附件"),
        "other": ("other page", "其他页面"),
    },
    "figure": {
        "given": ("printed", "已填"),
        "blank": ("blank", "空白"),
        "placeholder": ("placeholder", "占位符号"),
        "stated_none": ("stated none", "注明无"),
        "absent": ("absent", "无此格"),
    },
    "change": {
        "figure": ("figure", "数据"),
        "title": ("title", "标题"),
        "text": ("text", "正文"),
        "field": ("header field", "字段"),
        "gone": ("gone", "已撤下"),
        "back": ("back", "恢复"),
    },
    "severity": {
        "info": ("note", "说明"),
        "warning": ("doubt", "存疑"),
        "error": ("error", "错误"),
    },
    "period": {
        "year": ("in the year", "本年"),
        "cumulative": ("since the beginning", "历年累计"),
    },
    "certainty": {
        "table": ("from the table", "表格"),
        "prose": ("from prose", "正文表述"),
    },
    "sure": {
        "confirmed": ("confirmed", "已核实"),
        "contradicted": ("contradicted", "有矛盾"),
        "unconfirmed": ("unconfirmed", "未核实"),
    },
    "sure_means": {
        "confirmed": ("confirmed: a sum that includes it holds", "已核实：所在的合计成立"),
        "contradicted": (
            "contradicted: a sum that includes it fails; not counted",
            "有矛盾：所在的合计不成立，不计入统计",
        ),
        "unconfirmed": ("unconfirmed: no sum could be looked at", "未核实：没有可供核对的合计"),
    },
    "outcome": {
        "new": ("new", "新增"),
        "changed": ("changed", "有变更"),
        "unchanged": ("unchanged", "未变更"),
        "redirected": ("redirected", "重定向"),
        "gone": ("gone", "已撤下"),
        "blocked": ("blocked", "被拦截"),
        "robots": ("refused by robots.txt", "robots.txt 禁止"),
        "out_of_scope": ("out of scope", "超出范围"),
        "soft_404": ("not found, with status 200", "内容不存在（状态码 200）"),
        "failed": ("failed", "失败"),
    },
    "verdict": {
        "good": ("good", "正常"),
        "bad": ("bad", "异常"),
        "interrupted": ("interrupted", "中断"),
        "running": ("running", "进行中"),
        "crashed": ("crashed", "崩溃"),
        "finished": ("finished", "已结束"),
    },
    "record": {
        "response": ("response", "完整响应"),
        "revisit": ("revisit", "重复内容"),
        "resource": ("resource", "渲染文档"),
        "conversion": ("conversion", "转换件"),
    },
    "coverage": {
        "present": ("present", "已收录"),
        "late": ("late", "逾期发布"),
        "missing": ("missing", "缺失"),
        "not_looked_at": ("not looked at", "尚未查看"),
        "refused": ("refused", "拒绝访问"),
    },
    "body_kind": {
        "government": ("government", "政府"),
        "department": ("department", "部门"),
        "township": ("township", "乡镇街道"),
        "all": ("all bodies", "全部"),
    },
    "level": {
        "country": ("country", "国家级"),
        "province": ("province", "省级"),
        "prefecture": ("prefecture", "地级"),
        "county": ("county", "县级"),
        "township": ("township", "乡级"),
    },
    "applicant": {
        "natural": ("natural persons", "自然人"),
        "business": ("businesses", "商业企业"),
        "research": ("research institutions", "科研机构"),
        "charity": ("charities", "社会公益组织"),
        "legal": ("legal services", "法律服务机构"),
        "other_org": ("other organisations", "其他"),
        "total": ("all applicants", "总计"),
    },
    "field": {
        "index_number": ("index number", "索引号"),
        "agency": ("publisher", "发布机构"),
        "document_number": ("document number", "文号"),
        "category": ("category", "主题分类"),
        "published_on": ("published on", "发布日期"),
        "written_on": ("written on", "成文日期"),
        "title": ("title", "名称"),
        "source": ("source", "来源"),
        "column": ("section", "栏目"),
        "column_type": ("kind of section", "栏目类别"),
        "catalogue_title": ("title in the catalogue", "目录标题"),
        "signed_by": ("signed by", "落款"),
        "listed_title": ("title in the list", "列表中的标题"),
        "signed_on": ("signed on", "落款日期"),
    },
}
"""By subject and stored value: the English and the Chinese word."""

_LEVELS = 3
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def word(value: object, subject: str) -> str:
    """The word of a stored state or kind; a value without one as it is, "" for None.

    >>> word("late", "coverage"), word("x", "coverage"), word(None, "kind")
    ('late', 'x', '')
    """
    if value is None:
        return ""
    english, chinese = WORDS[subject].get(str(value), (str(value), str(value)))
    return chinese if spoken().language == "zh" else english


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


def named(what: _Named) -> str:
    """The name of a concept or an indicator in the language that is spoken."""
    return what.name if spoken().language == "zh" else what.name_en


def label(name: str) -> str:
    """The Chinese word of a known header field; any other name as it is.

    >>> label("agency")
    '发布机构'
    """
    return WORDS["field"].get(name, (name, name))[1]


def place(code: str | None) -> str:
    """The place of a division code with those above it, in Chinese; "" for none or an unknown one.

    >>> place("320613"), place("110000"), place(None)
    ('江苏省南通市崇川区', '北京市', '')
    """
    names: list[str] = []
    while code and (found := division(code)) is not None and len(names) < _LEVELS:
        names.insert(0, found.name)
        code = found.parent
    return "".join(names)


def concept(key: str) -> str:
    """What a stated number counts, by its concept; the key itself where it has no name."""
    names = concept_names().get(key, (key, key))
    return names[0] if spoken().language == "zh" else names[1]


def instant(value: datetime | None) -> str:
    """An instant in UTC to the minute; a dash when there is none.

    >>> instant(datetime(2026, 4, 2, 1, 30, tzinfo=UTC))
    '2 Apr 2026, 01:30 UTC'
    """
    if value is None:
        return "–"
    then = value.astimezone(UTC)
    between = " " if spoken().language == "zh" else ", "
    return f"{day(then)}{between}{then:%H:%M} UTC"


def day(value: date | str | None) -> str:
    """A day, also as ISO 8601 spells it, or that of an instant in UTC; a dash when there is none,
    and what is no day as it is.

    >>> day(date(2026, 4, 2)), day("2026-04-02"), day("2026-04")
    ('2 Apr 2026', '2 Apr 2026', '2026-04')
    """
    if not value:
        return "–"
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    then = value.astimezone(UTC) if isinstance(value, datetime) else value
    if spoken().language == "zh":
        return f"{then.year}年{then.month}月{then.day}日"
    return f"{then.day} {_MONTHS[then.month - 1]} {then.year}"


def number(value: Decimal | int | None) -> str:
    """A number with thousands separated, as both languages do it; a dash when there is none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value.normalize():,f}"


def share(part: int, whole: int) -> str:
    """How much of a whole, in per cent; a dash of nothing. Only all is 100 %, only none is 0 %.

    >>> share(1, 3), share(999, 1000), share(1, 1000), share(0, 0)
    ('33 %', '99 %', '1 %', '–')
    """
    if not whole:
        return "–"
    percent = round(100 * part / whole)
    bounded = percent if part in (0, whole) else min(99, max(1, percent))
    return f"{bounded}%" if spoken().language == "zh" else f"{bounded} %"


def query(parameters: dict[str, object]) -> str:
    """Parameters as a query string; None leaves one out, a list gives one several times."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return urlencode(given, doseq=True)
