"""Which style sheets and images a page shows, as browsers see it."""

import time

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.requisites import MAX_REQUISITES, requisites_of

URL = "http://x.gov.cn/nb/1.html"


def shown_on(body: str, *, url: str = URL, media_type: str | None = "text/html") -> tuple[str, ...]:
    return requisites_of(Source(url=url, body=body.encode("gbk"), media_type=media_type))


def named_by(sheet: str, *, media_type: str | None = "text/css") -> tuple[str, ...]:
    url = "http://x.gov.cn/css/a.css?v=2"
    source = Source(url=url, body=sheet.encode(), media_type=media_type, role=Role.REQUISITE)
    return requisites_of(source)


def test_a_page_names_style_sheets_first_and_each_once() -> None:
    page = """<html><head><meta charset=gbk><title>政府信息公开</title><base href="/a/"></head><body background="b.gif">
    <img src=" 图.png#x "><img src="图.png"><img><img src="data:image/png;base64,AA">
    <div style="color:red; background:url( &quot;c.png&quot; )"></div><input type=image src=d.png>
    <input src=no.png><a href="no2.png">x</a><script src=no.js></script><img src="no.js">
    <link rel="alternate StyleSheet" href="e.css"><link rel=icon href=no.ico>
    <style>@import 'f.css'; p { background: URL(g.png) } /* url(no3.png) */</style></body></html>"""
    paths = ("e.css", "f.css", "g.png", "b.gif", "%E5%9B%BE.png", "c.png", "d.png")
    assert shown_on(page) == tuple(f"http://x.gov.cn/a/{path}" for path in paths)


def test_a_style_sheet_names_others_images_and_no_fonts() -> None:
    sheet = """@import url("b.css") screen; @import "//cdn.example.com/c.css";
    a { background: url(/d.png?x=1), url('e f.png') } @font-face { src: url(f.woff2?v) }
    /* url(no.png) /* url(no.png) */ b { background: url(data:image/gif;base64,R0) } /* url(no.png)"""
    assert named_by(sheet) == (
        "http://x.gov.cn/css/b.css",
        "http://cdn.example.com/c.css",
        "http://x.gov.cn/d.png?x=1",
        "http://x.gov.cn/css/e%20f.png",
    )
    assert named_by("a { background: url(a.png) }", media_type="text/plain")
    assert named_by("a { background: url(a.png) }", media_type="text/html") == ()


def test_a_file_and_an_image_name_nothing() -> None:
    assert shown_on("%PDF-1.4 <img src=a.png>") == ()
    assert shown_on("<img src=a.png>", media_type="application/json") == ()
    assert named_by("url(a.png)", media_type="image/png") == ()


def test_a_hostile_page_costs_little() -> None:
    began = time.monotonic()
    many = "".join(f"<img src={n}.png>" for n in range(10_000))
    assert len(shown_on(f"<html>{many}</html>")) == MAX_REQUISITES
    for piece in ("url(", "/*", "url( '", "@import ", "@import '", "url(\\"):
        assert len(named_by(piece * 200_000)) <= 1
    assert shown_on(f"<html><img src=http://x.cn/{'a' * 5_000}><img src='http://['></html>") == ()
    assert time.monotonic() - began < 10
