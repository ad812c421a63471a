"""Links that scripts make: a click, a choice, a target spelled out; and code that makes none."""

import time

import pytest
from lxml import html

from archive.families.listing.targets import refresh_of, targets_of
from archive.families.lists import read_list
from archive.model.outcome import Role
from tests.reading.pages import PARAGRAPHS, page, read_html

HOME = "http://x.example/nb/index.html"
TITLE = "某县{}年政府信息公开工作年度报告"


def items(text):
    tree = html.document_fromstring(text)
    found = read_list(tree, text, HOME, None).items
    return [(item.url.removeprefix("http://x.example/nb/"), item.text) for item in found]


def three(row):
    """Rows of three years: N, TITLE and HREF of the row are filled in."""
    return "".join(
        row.replace("TITLE", TITLE.format(2020 + n))
        .replace("HREF", f"{n}.html")
        .replace("N", str(n))
        for n in (1, 2, 3)
    )


LISTS = {
    "opened": """<li><a href="javascript:void(0)" onclick="window.open('HREF')">TITLE</a></li>""",
    "opened by name": """<li><a href="#" onclick="openNews('HREF');return false">TITLE</a></li>""",
    "gone to": """<li><a href="#" onclick="location.href='./HREF'">TITLE</a></li>""",
    "gone to by script": """<li><a href="javascript:window.location='HREF'">TITLE</a></li>""",
    "joined": """<li><a onclick="location.href='/nb/' + 'HREF'">TITLE</a></li>""",
    "escaped": """<li><a href="javascript:window.open(%27HREF%27)">TITLE</a></li>""",
    "no href": """<li><a onclick="self.location.replace('HREF')">TITLE</a></li>""",
    "told beside": """<li><a href="javascript:;" data-url="/nb/HREF">TITLE</a></li>""",
    "told alone": """<li data-href="HREF">TITLE</li>""",
    "a row": """<tr onclick="location='HREF'"><td>N</td><td>TITLE</td></tr>""",
    "a row over a dead link": """<tr onclick="go('HREF')"><td><a href="#">TITLE</a></td></tr>""",
    "an entry": """<li onclick="window.open('HREF','_blank','width=1')">TITLE</li>""",
    "a block": """<div class="x" onclick="location='HREF'"><p>TITLE</p></div>""",
    "a word": """<p><span onclick="location.href='HREF'">TITLE</span></p>""",
    "a button": """<p>TITLE <button onclick="location.href='HREF'">查看</button></p>""",
    "an input": """<p><input type="button" value="TITLE" onclick="location='HREF'"></p>""",
    "an area": """<area href="HREF" title="TITLE">""",
}


@pytest.mark.parametrize("case", LISTS)
def test_what_opens_a_page_is_a_link_with_the_text_of_its_element(case):
    row = LISTS[case]
    rows = three(row)
    text = f"<table>{rows}</table>" if row.startswith("<tr") else f"<div>{rows}</div>"
    assert items(text) == [(f"{n}.html", TITLE.format(2020 + n)) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "code", ["location=this.value", "MM_jumpMenu('parent',this,0)", "window.open(this.value)"]
)
def test_what_a_box_goes_to_is_a_list_where_nothing_else_is(code):
    options = '<option value="">请选择</option>' + three('<option value="HREF">TITLE</option>')
    box = f'<select onchange="{code}">{options}</select>'
    assert [url for url, _ in items(box)] == ["1.html", "2.html", "3.html"]
    rows = "".join(
        f'<li><a href="t{n}.html">{TITLE.format(n)}</a></li>' for n in (2010, 2011, 2012)
    )
    beside = [url for url, _ in items(f"<ul>{rows}</ul>{box}")]
    assert beside == ["t2010.html", "t2011.html", "t2012.html"]


NO_LINKS = {
    "counting": """<li onclick="_hmt.push(['_trackEvent', '/nb/HREF'])">TITLE</li>""",
    "counting by name": """<li onclick="ga('send', 'event', '/nb/HREF')">TITLE</li>""",
    "a home page": """<li onclick="SetHome(this,'http://x.example/HREF')">TITLE</li>""",
    "a bookmark": """<li onclick="AddFavorite('http://x.example/HREF')">TITLE</li>""",
    "joined": """<li onclick="location.href='/nb/' + id + '.html'">TITLE</li>""",
    "a number": """<li onclick="openNews('N')">TITLE</li>""",
    "another page of itself": """<li onclick="location.reload()">TITLE</li>""",
    "mail": """<li onclick="location.href='mailto:a@x.example'">TITLE</li>""",
    "nothing": """<li onclick="window.open('')">TITLE</li>""",
    "a field": """<li><input type="text" value="TITLE" data-url="pending"></li>""",
    "a picture": """<li><img onclick="window.open('HREF')" alt="TITLE"></li>""",
    "a choice of words": """<option value="HREF">TITLE</option>""",
    "a request": """<li onclick="x.open('GET', '/nb/HREF')">TITLE</li>""",
    "a comparison": """<li onclick="if (location.href == '/nb/HREF') stay()">TITLE</li>""",
}


@pytest.mark.parametrize("case", NO_LINKS)
def test_code_that_opens_no_page_makes_no_link(case):
    assert items(f"<div>{three(NO_LINKS[case])}</div>") == []


def test_of_two_inside_each_other_one_is_the_link():
    inner = three("""<li onclick="open('/wrong/HREF')"><a href="HREF">TITLE</a></li>""")
    outer = three(
        """<li><a href="HREF"><span onclick="open('/wrong/HREF')">TITLE</span></a></li>"""
    )
    rows = three("""<div onclick="go('/wrong/HREF')"><p onclick="go('HREF')">TITLE</p></div>""")
    for text in (inner, outer, rows):
        assert [url for url, _ in items(f"<div>{text}</div>")] == [
            "1.html",
            "2.html",
            "3.html",
        ]


def test_a_pager_may_be_clicked():
    rows = three('<li><a href="HREF">TITLE</a></li>')
    text = (
        f"""<ul>{rows}</ul><div><span onclick="location.href='index_1.html'">下一页</span></div>"""
    )
    found = read_list(html.document_fromstring(text), text, HOME, None).pages
    assert [link.url for link in found] == ["http://x.example/nb/index_1.html"]


@pytest.mark.parametrize(
    "link",
    [
        """<a href="#" onclick="window.open('/files/a.pdf')">附表</a>""",
        """<button onclick="location.href='/files/a.pdf'">附表</button>""",
        """<a href="javascript:download('/files/x')" data-url="/files/a.pdf">附表</a>""",
    ],
)
def test_a_file_may_be_opened_by_a_click(link):
    (found,) = read_html(page(f"<h1>{TITLE.format(2019)}</h1>{PARAGRAPHS}<p>{link}</p>")).links
    assert found.url.endswith("/files/a.pdf")
    assert (found.role, found.text) == (Role.ATTACHMENT, "附表")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("0;url=/a", (0, "/a")),
        ("0; URL = '/a b' x", (0, "/a b")),
        ("3,/a", (3, "/a")),
        ("1.5;url=/a", (1, "/a")),
        (";url=/a", (0, "/a")),
        (" 5 url=/a", (5, "/a")),
        ("300", None),
        ("0;", None),
        ("0;url=", None),
        ("", None),
    ],
)
def test_a_refresh_is_read_as_browsers_read_it(told, found):
    assert refresh_of(told) == found


HOSTILE = [
    "location = ", "location='", "location=a;", "window.open('", "open(", "goto", "to(", "/*", ";//",
    "\\", "'", '"', " ", "a", "0", "x=", "openopen", "window . open ", "u=location=u;",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_code_is_looked_at_in_time(piece):
    started = time.process_time()
    code = piece * (100_000 // len(piece))
    targets_of(code, calls=True)
    refresh_of(code)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "<div onclick=\"location='a.html'\">" * 250 + "x",
        "<p onclick=\"location='a.html'\">x</p>" * 20_000,
        f"<select onchange='location=value'>{'<option value=/a.html>x</option>' * 20_000}</select>",
        "<b data-url='/a.html'>x" * 300,
    ],
)
def test_hostile_pages_of_made_links_are_read_in_time(text):
    started = time.process_time()
    items(text)
    assert time.process_time() - started < 5
