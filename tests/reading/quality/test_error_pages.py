"""Missing pages, refusals, shells, copies: told apart from pages that only speak of them."""

import pytest

from archive.model.reading import Kind, Source
from archive.reading.read import read
from tests.reading.pages import ADDRESS, FOOT, NAVIGATION, PARAGRAPHS, page, read_html

MISSING = {
    "a polite template": page("<div>抱歉，您访问的页面不存在或已删除！</div>"),
    "the server's own": "<html><head><title>404 Not Found</title></head><h1>404 Not Found</h1>nginx</html>",
    "an error page": "<html><body>系统发生错误，请联系管理员</body></html>",
    "a removed document": page("<p>该信息不存在或已被删除</p>"),
    "nothing": "",
    "a stub": "<html></html>",
    "a shell": '<html><head><title>首页</title></head><div id="app"></div><script src="a.js"></script>',
    "a redirect": '<script>window.location.href="/index.html"</script>',
    "a refresh": '<html><head><meta http-equiv="refresh" content="0;url=/index.html"></head></html>',
}
BLOCKED = {
    "jsl": "<script>document.cookie=('__jsl_clearance_s=1');location.href=location.pathname</script>",
    "rs": '<html><head><meta id="x"><script>$_ts=window["$_ts"];</script></head><body></body></html>',
    "c3vk": '<script>document.cookie="C3VK=ab12; max-age=300";location.reload()</script>',
    "waf": "<html><title>访问拦截</title><h1>您的请求可能存在攻击行为，已被网站防火墙阻断</h1></html>",
    "captcha": "<html><body><p>请输入验证码后继续访问</p></body></html>",
}
NOTICE = "<h1>关于清理网站错误的通知</h1><p>近期检查发现，部分网站存在页面不存在、访问被拦截等问题，现通报如下。</p>"


@pytest.mark.parametrize("case", MISSING, ids=list(MISSING))
def test_a_missing_page_is_told(case: str) -> None:
    assert read_html(MISSING[case]).soft_404


@pytest.mark.parametrize("case", BLOCKED, ids=list(BLOCKED))
def test_a_refusal_is_told(case: str) -> None:
    assert read_html(BLOCKED[case]).blocked


def test_a_notice_about_missing_pages_is_a_page() -> None:
    long = PARAGRAPHS * 4
    reading = read_html(page(NOTICE + long))
    assert (reading.soft_404, reading.blocked) == (None, None)


def test_a_page_of_pictures_is_a_page() -> None:
    text = page('<h1>图解</h1><div class="TRS_Editor"><img src="a.jpg"></div>')
    assert read_html(text.replace(NAVIGATION, "").replace(FOOT, "")).soft_404 is None


def test_a_page_that_is_only_a_table_is_a_page() -> None:
    table = "<table border=1><tr><td>指标</td><td>数量</td></tr><tr><td>申请</td><td>12</td></tr></table>"
    assert read_html(f"<html><body>{table}</body></html>").soft_404 is None


def farm(*marks: str) -> str:
    return page(f"<h1>政府信息公开工作年度报告</h1><p>{'</p><p>'.join(marks)}</p>{PARAGRAPHS}")


def test_two_marks_of_a_document_farm_make_a_copy() -> None:
    reading = read_html(farm("上传人:pm****9 文档编号:210021896", "第1页 / 共8页"))
    assert reading.official is False


def test_one_mark_of_a_document_farm_is_no_proof() -> None:
    assert read_html(farm("第1页 / 共8页")).official


def test_a_copy_gives_no_figures_and_says_why() -> None:
    reading = read_html(farm("上传人:pm****9", "第1页 / 共8页"))
    assert (reading.figures, reading.findings[0].rule) == ((), "rehosted_copy")


def test_a_foreign_host_alone_proves_nothing() -> None:
    reading = read_html(page(PARAGRAPHS), url="http://www.example.com/a.html")
    assert reading.official


def test_a_betting_brand_in_a_sentence_is_a_finding() -> None:
    text = page(PARAGRAPHS + "<p>公开渠道主要有bt365在线投注网站、区档案馆。</p>")
    assert "hijack_words" in [finding.rule for finding in read_html(text).findings]


def test_a_police_notice_about_gambling_is_no_hijack() -> None:
    text = page(PARAGRAPHS + "<p>县公安局严厉打击网络博彩、赌场等违法犯罪活动，取得明显成效。</p>")
    assert read_html(text).findings == ()


def test_a_lottery_report_is_no_hijack() -> None:
    assert read_html(page(PARAGRAPHS + "<p>福利彩票公益金使用情况</p>")).findings == ()


def test_links_to_a_betting_site_are_a_finding() -> None:
    text = page(PARAGRAPHS + '<a href="http://x.example">澳门百家乐娱乐城</a>')
    assert [finding.rule for finding in read_html(text).findings] == ["hijack_words"]


@pytest.mark.parametrize(
    "body",
    [b"%PDF-1.4 x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, b"PK\x03\x04" + b"\0" * 99],
)
def test_a_file_is_told_by_its_first_bytes(body: bytes) -> None:
    reading = read(Source(url=ADDRESS, body=body, media_type="text/html", file_name="年报.doc"))
    assert (reading.kind, reading.title, reading.lines) == (Kind.ATTACHMENT, "年报.doc", ())


def test_files_with_different_bytes_have_different_hashes() -> None:
    one, two = (read(Source(url=ADDRESS, body=b"%PDF-" + end)) for end in (b"1", b"2"))
    assert one.content_hash != two.content_hash


def test_a_page_named_like_a_file_is_a_page() -> None:
    source = Source(url="http://x.gov.cn/a.doc", body=page(PARAGRAPHS).encode())
    assert read(source).kind is Kind.ARTICLE


def test_the_site_says_who_it_is() -> None:
    found = {mark.name: mark.value for mark in read_html(page(PARAGRAPHS)).identity}
    assert found == {
        "site_code": "1304000009",
        "icp": "冀ICP备05029117号-1",
        "police": "13042002000523",
    }


def test_marks_of_two_provinces_are_a_finding() -> None:
    text = page(PARAGRAPHS).replace("冀公网安备 1304", "川公网安备 5114")
    assert [finding.rule for finding in read_html(text).findings] == ["rehosted_copy"]
