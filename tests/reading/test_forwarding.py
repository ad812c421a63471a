"""Pages that only send their reader on, and pages that do not."""

import time

import pytest

from archive.model.outcome import Role
from archive.model.reading import Reading, Source
from archive.reading.read import read
from tests.reading.pages import ADDRESS, PARAGRAPHS, page, read_html

TARGET = "http://www.example.gov.cn/real/1.html"
SELF = ADDRESS.rpartition("/")[2]
HREF = "/real/1.html"


def script(code: str) -> str:
    return f"<html><head><title>x</title></head><body><script>{code}</script></body></html>"


def refresh(content: str, body: str = "") -> str:
    return f'<head><meta http-equiv="Refresh" content="{content}"></head><body>{body}</body>'


SENT = {
    "meta": (refresh(f"0;url={HREF}"), "meta refresh"),
    "meta with quotes": (refresh(f"0; URL = '{HREF}'"), "meta refresh"),
    "meta without url": (refresh(f"0, {HREF}"), "meta refresh"),
    "meta after a while": (refresh(f"5;url={HREF}", "页面正在跳转，请稍候"), "meta refresh"),
    "meta over a page": (refresh(f"0;url={HREF}", PARAGRAPHS), "meta refresh"),
    "meta by a base": (f'<base href="/real/">{refresh("0;url=1.html")}', "meta refresh"),
    "replace": (script(f'location.replace("{HREF}")'), "script"),
    "assign": (script(f"window.location.assign('{HREF}');"), "script"),
    "bare": (f'<script>window.location.href="{HREF}"</script>', "script"),
    "bare and long": (f'<script>window.location.href="{HREF}";{"x=1;" * 30}</script>', "script"),
    "top": (script(f"top.location='{HREF}'"), "script"),
    "escaped": (script(r"location.href='\/real\x2f1.html'"), "script"),
    "in time": (script(f"setTimeout(\"location.href='{HREF}'\", 3000)"), "script"),
    "a name": (script(f"var url = '{HREF}';\nlocation.href = url;"), "script"),
    "onload": (f"<body onload=\"location='{HREF}'\"></body>", "script"),
    "with a hint": (script(f"location='{HREF}'") + f'<p>请<a href="{HREF}">点击</a></p>', "script"),
    "joined literals": (script("location.href = '/real/' + '1' + \".html\";"), "script"),
    "encoded": (script(f"location.href = encodeURI('{HREF}')"), "script"),
    "clicked": (
        f"<a id='x' href='{HREF}'></a>{script('document.getElementById(`x`).click()')}",
        "script",
    ),
    "navigate": (script(f"window.navigate('{HREF}')"), "script"),
    "the other for phones": (
        script(
            f"if(/Android/.test(navigator.userAgent)){{location='/wap/'}}else{{location='{HREF}'}}"
        ),
        "script",
    ),
    "a frame-buster": (script(f"if(self!=top){{}}; location.href='{HREF}'"), "script"),
    "the last of two": (script(f"location='/a.html';location='{HREF}'"), "script"),
    "after a remark": (
        script(f"// location='/old.html'\n/* location='/o' */location='{HREF}'"),
        "script",
    ),
    "one link": (
        f'<html><title>x</title><p><a href="{HREF}">2019年年度报告</a></p></html>',
        "its only link",
    ),
}


@pytest.mark.parametrize("case", SENT)
def test_a_stub_sends_its_reader_on(case: str) -> None:
    text, how = SENT[case]
    reading = read_html(text)
    assert reading.forward is not None
    assert (reading.forward.url, reading.forward.how) == (TARGET, how)
    assert (reading.soft_404, reading.needs_browser, reading.links) == (None, None, ())


STAYS = {
    "a window of its own": script(f"window.open('{HREF}'); open('{HREF}', '_blank')"),
    "reloads itself": refresh("300", PARAGRAPHS),
    "reloads itself by name": refresh(f"0;url={SELF}", PARAGRAPHS),
    "reloads itself by script": script("location.href='show.html'"),
    "goes on after it was read": refresh(f"20;url={HREF}", PARAGRAPHS),
    "goes on after minutes": refresh(f"300;url={HREF}"),
    "without scripts only": f'<noscript>{refresh(f"0;url={HREF}")}</noscript>{PARAGRAPHS}',
    "in a remark": f'<!-- <meta http-equiv="refresh" content="0;url={HREF}"> -->{PARAGRAPHS}',
    "nowhere": refresh("0;url=javascript:void(0)", PARAGRAPHS),
    "a page with a script": page(f"{PARAGRAPHS}<script>location.href='{HREF}'</script>"),
    "a button's script": page(f"{PARAGRAPHS}<a onclick=\"location='{HREF}'\">x</a>"),
    "joined": script("location.href='/real/' + id + '.html'"),
    "a name given twice": script(f"u='{HREF}'; u='/b.html'; location.href=u"),
    "compared": script(f"if (location.href == '{HREF}') go()"),
    "decided": script("if (a) location='/a.html'; else location='/b.html'"),
    "decided by a program": f'<script src="app.js"></script>{script(f"if (!ok) location=`{HREF}`")}',
    "the way back": '<p><a href="/nb/">返回列表</a></p>',
    "a file": '<p><a href="/a.pdf">2019年年度报告</a></p>',
    "a home page": refresh("0;url=/"),
    "another home page": script("location='http://xxgk.example.gov.cn/index.html'"),
    "a refusal": "<script>document.cookie=('__jsl_clearance_s=1');location.href='/a'</script>",
    "not found": refresh(f"3;url={HREF}", "抱歉，您访问的页面不存在或已删除！"),
    "an answer": f'{{"url": "location=\'{HREF}\'"}}',
}  # fmt: skip


@pytest.mark.parametrize("case", STAYS)
def test_other_pages_do_not(case: str) -> None:
    assert read_html(STAYS[case]).forward is None


def asked_as(role: Role, text: str = "", **known: str) -> Reading:
    return read(Source(url=ADDRESS, body=text.encode(), role=role, **known))


@pytest.mark.parametrize("role", [Role.ENTRY, Role.NAVIGATION, Role.LIST, Role.PAGE])
def test_a_header_sends_on_as_the_tag_does(role: Role) -> None:
    forward = asked_as(role, refresh=f"0; url={HREF}").forward
    assert forward is not None
    assert (forward.url, forward.how) == (TARGET, "Refresh header")


def test_lists_may_be_forwarded_to_a_home_page_and_reports_are_lost() -> None:
    stub = refresh("0;url=/")
    assert asked_as(Role.ENTRY, stub).forward is not None
    assert asked_as(Role.PAGE, stub).soft_404 == "only sends the reader elsewhere"


def test_a_list_of_one_is_a_list() -> None:
    one = '<ul><li><a href="/nb/t20200101_1.html">2019年政府信息公开年度报告</a></li></ul>'
    assert asked_as(Role.LIST, one).forward is None


def test_the_query_of_a_gbk_stub_is_written_in_gbk() -> None:
    text = f'<meta charset="gbk">{refresh("0;url=/show.asp?lm=年报")}'
    forward = read_html(text, encoding="gbk").forward
    assert forward is not None
    assert forward.url.endswith("/show.asp?lm=%C4%EA%B1%A8")


@pytest.mark.parametrize(
    "text",
    [
        refresh("0" * 100_000),
        refresh(" " * 100_000),
        script("location='" * 290),
        script("/*" * 1_400),
        script("if(" * 900 + "location=a;" * 20),
        "<!--" * 700 + script(f"location='{HREF}'"),
    ],
)
def test_hostile_stubs_are_read_in_time(text: str) -> None:
    started = time.process_time()
    read_html(text)
    assert time.process_time() - started < 2
