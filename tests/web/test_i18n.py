"""Chinese and English: which is spoken, that nothing is left in the other, and the form of dates."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.change import ChangeKind
from archive.model.outcome import Outcome, Verdict
from archive.model.reading import BodyKind, CellState, Finding, Kind, Severity
from archive.web import i18n, words
from archive.web.app import _templates
from archive.web.i18n import Speaking, accepted
from archive.web.sentences import PATTERNS, finding_words, placed, told
from archive.work.query.coverage import State
from tests.support.invented import YUNHE, url
from tests.web.messages import chinese, said

REPORT = f"/page?url={url(YUNHE, 2021)}"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]+>")
ENUMS: dict[str, type[StrEnum]] = {
    "kind": Kind, "figure": CellState, "severity": Severity, "outcome": Outcome,
    "verdict": Verdict, "coverage": State, "body_kind": BodyKind, "change": ChangeKind,
}  # fmt: skip


def ids(message_id: object) -> tuple[str, ...]:
    return (message_id,) if isinstance(message_id, str) else tuple(message_id)  # type: ignore[arg-type]


def test_the_chinese_catalogue_is_complete_and_has_nothing_else() -> None:
    """`make messages` brings it up to date; then translate what it added."""
    wanted = {each.id for each in said() if each.id}
    assert {each.id for each in chinese() if each.id} == wanted
    assert [e.id for e in chinese() if e.id and (e.fuzzy or not all(ids(e.string)))] == []


def test_translations_keep_the_placeholders_and_the_tags() -> None:
    for each in filter(lambda each: each.id, chinese()):
        for text in ids(each.string):
            english = ids(each.id)[-1]
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english)), text


@pytest.mark.parametrize("subject", sorted(ENUMS))
def test_every_state_and_kind_has_its_words(subject: str) -> None:
    assert {str(each) for each in ENUMS[subject]} <= words.WORDS[subject].keys()


def test_every_word_is_there_in_both_languages() -> None:
    for subject, spelled in words.WORDS.items():
        for english, zh in spelled.values():
            assert english.isascii(), subject
            assert not zh.isascii(), subject


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,en;q=0.9,zh;q=0.8", "en"), ("fr", "en"),
     ("fr, zh-Hant;q=0.1", "zh"), ("ZH", "zh"), ("zh;q=0", "en"), ("zh;q=x", "en"), ("", "en"),
     ("zh;q=nan, en;q=0.1", "en"), (";;,,=;q", "en"), ("en;q=0.5, zh; q=0.7", "zh")],
)  # fmt: skip
def test_the_browser_says_which_language(header: str, language: str) -> None:
    assert accepted(header) == language


def test_the_switch_wins_is_remembered_and_can_be_shared(client: httpx.Client) -> None:
    asked = client.get("/runs?lang=zh", headers={"Accept-Language": "en"})
    assert "运行与判定" in asked.text
    assert '<html lang="zh-Hans">' in asked.text
    assert asked.headers["content-language"] == "zh-Hans"
    assert "SameSite=lax" in asked.headers["set-cookie"]
    after = httpx.get(f"{client.base_url}/runs", cookies={"lang": "zh"})
    assert "运行与判定" in after.text
    assert "set-cookie" not in after.headers
    assert "Cookie" in after.headers["vary"]


def test_the_switch_keeps_what_was_asked(client: httpx.Client) -> None:
    page = client.get("/reports?portal=yunhe&year=2021").text
    assert 'href="/reports?portal=yunhe&amp;year=2021&amp;lang=zh"' in page


@pytest.mark.parametrize(
    "path", ["/nothing", "/page?url=x", "/reports?lang=fr", "/reports?years=1"]
)
def test_errors_speak_too(client: httpx.Client, path: str) -> None:
    page = client.get(path, headers={"Accept-Language": "zh"})
    assert page.status_code in {400, 404}
    assert re.search("没有找到|请求有误", page.text)
    assert '<html lang="zh-Hans">' in page.text


def test_sentences_of_other_layers_are_translated_where_they_are_known(
    client: httpx.Client,
) -> None:
    """Else they stay and say that they are English."""
    asking = {"Accept-Language": "zh"}
    page = client.get("/reports?year=x&portal=yunhe", headers=asking).text
    assert "参数 year 须为 1990 至 2100 的整数" in page
    page = client.get("/reports?portal=yunhee", headers=asking).text
    assert "档案中没有门户网站 &#39;yunhee&#39;；是否指 yunhe？" in page
    assert "个网址都没有取得内容" in client.get("/runs", headers=asking).text
    assert '<span lang="en">总计 is not the sum' in client.get(REPORT, headers=asking).text


@pytest.mark.parametrize(("path", "chinese"), [
    ("/search?q=公", "没有两个字以上的词"), ("/changes?body=x", "没有名为"),
])  # fmt: skip
def test_errors_beside_a_form_speak_too(client: httpx.Client, path: str, chinese: str) -> None:
    page = client.get(path, headers={"Accept-Language": "zh"})
    assert page.status_code == 400
    assert chinese in page.text


def test_a_template_keeps_no_language() -> None:
    """Whoever asks first: constants in templates are spelled for each page."""
    with speaking_as("zh"):
        template = _templates().from_string('{{ "absent" | word("figure") }}')
    with speaking_as("en"):
        assert template.render() == "absent"
    with speaking_as("zh"):
        assert template.render() == "无此格"


@contextmanager
def speaking_as(language: str) -> Iterator[None]:
    token = i18n._now.set(Speaking(language=language))
    try:
        yield
    finally:
        i18n._now.reset(token)


BLANK = "1 × cells are blank or hold a placeholder: not given, not zero"
SUM = "主动公开政府信息 ≤ 各渠道之和（一条信息至少有一个渠道）: 12917 > 46+8452"


@pytest.mark.parametrize(("rule", "message", "english", "chinese"), [
    ("R16", SUM, "items disclosed are at most the sum of the channels", "主动公开政府信息 ≤ 各渠道之和"),
    ("R6", "s2.i1.normative: 现行有效 = 上年现行有效 + 制发 - 废止: 119 and 112",
     "s2.i1.normative: in force = in force the year before", "本年制发 − 本年废止</span>: 119、112"),
    ("blank_cells", BLANK, "1 × cells are blank", "1 个单元格为空白或占位符号"),
    ("R16", "unknown words", "unknown words", '<span lang="en">unknown words</span>'),
])  # fmt: skip
def test_a_finding_is_told_in_the_language_of_the_page(
    rule: str, message: str, english: str, chinese: str
) -> None:
    finding = Finding(rule=rule, severity=Severity.WARNING, message=message)
    with speaking_as("en"):
        assert english in finding_words(finding)
        assert placed("a (table 1 row 62 column 3)") == "a (table 1 row 62 column 3)"
    with speaking_as("zh"):
        assert chinese in finding_words(finding)
        assert placed("a (table 1 row 62 column 3)") == "a (表 1 第 62 行第 3 列)"
        assert placed("line 7: 文字") == "第 7 行: 文字"


@given(st.text(max_size=700) | st.sampled_from(PATTERNS))
def test_no_sentence_is_lost(said: str) -> None:
    token = i18n._now.set(Speaking(language="zh"))
    try:
        assert told(said) is not None
    finally:
        i18n._now.reset(token)


def test_titles_of_documents_stay_chinese_and_say_so(client: httpx.Client) -> None:
    assert '<title lang="zh-Hans">云河县2021年' in client.get(REPORT).text


def test_the_api_speaks_one_language(client: httpx.Client) -> None:
    answers = [
        client.get("/api/page?url=x", headers={"Accept-Language": each}).json()
        for each in ("zh", "en")
    ]
    assert answers[0] == answers[1]


def test_dates_and_shares_have_the_form_of_the_language() -> None:
    at = datetime(2026, 4, 2, 1, 30, tzinfo=UTC)
    told = (
        words.instant(at),
        words.day(date(2026, 4, 2)),
        words.day("2026-04-02"),
        words.share(1, 3),
    )
    assert told == ("2 Apr 2026, 01:30 UTC", "2 Apr 2026", "2 Apr 2026", "33 %")
    token = i18n._now.set(Speaking(language="zh"))
    try:
        told = (words.instant(at), words.day(date(2026, 4, 2)), words.share(1, 3))
        assert told == ("2026年4月2日 01:30 UTC", "2026年4月2日", "33%")
        assert words.word("late", "coverage") == "逾期发布"
    finally:
        i18n._now.reset(token)
