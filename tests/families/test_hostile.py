"""Whatever the web sends, a list page is read in bounded time and without an exception."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from archive.families.listing.anchors import prepare
from archive.families.lists import looks_like_list, read_list
from archive.families.navigation import navigation_links
from archive.families.registry import families, recognise

ADDRESS = "http://x.example/nb/list_2.htm"
PIECES = [
    "<ul>", "</ul>", "<li>", "</li>", "<table><tr><td>", "</td></tr></table>", "<div class=nav>",
    "</div>", '<a href="a.htm">2016年年报</a>', '<a href="list_3.htm">3</a>', "<a href='", "<a>",
    '<a href="javascript:__doPostBack(\'p\',\'3\')">3</a>', "<input name=__VIEWSTATE value=x>",
    "2017-02-22", "共9页", "1/9", 'createPageHTML(9, 0, "index", "html")', "<script>",
    "</script>", "document.write('<li>", "');", "<datastore>", "<record><![CDATA[", "]]></record>",
    "</datastore>", '<nextgroup><![CDATA[<a href="dataproxy.jsp?page=1">]]></nextgroup>',
    "totalRecord:9", "perPage:3", "window._CONFIG = {SID:'1', TREE:[{\"id\":9,\"name\":\"年报\"}]}",
    "/gkmlpt/", "<iframe src=nr.htm>", "<select><option value=list_4.htm>4</option></select>",
    '{"data":[{"title":"年报","url":"a.htm"}],"total":9}', "result(", ")", "<base href='//['>",
    '<a href="http://[bad">x</a>', "&#0;", "\ue000",
]  # fmt: skip


def parsed(text):
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return html.document_fromstring(text.encode("utf-8", "replace") or b"<p>", parser=parser)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40), st.sampled_from([None, "all"]))
def test_soup_of_list_pieces_never_raises(pieces, keys):
    text = "".join(pieces)
    try:
        tree = parsed(text)
    except etree.ParserError:
        return
    looks_like_list(tree, text, ADDRESS)
    navigation_links(prepare(tree, text, ADDRESS, None), bodies=False)
    for key in [None] if keys is None else [known.key for known in families()]:
        page = read_list(tree, text, ADDRESS, key)
        assert all(link.url.startswith("http") for link in (*page.items, *page.pages))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_any_text_never_raises(text):
    tree = parsed(f"<html><body>{text}</body></html>")
    read_list(tree, text, ADDRESS, None)
    recognise(tree, text, ADDRESS)


@pytest.mark.parametrize(
    "text",
    [
        "<ul>" + '<li><a href="a.htm">2016年年报</a></li>' * 12_000 + "</ul>",
        "".join(f'<div><a href="list_{n}.htm">{n}</a></div>' for n in range(9_000)),
        "<div>" * 240 + '<a href="a.htm">年报</a>' * 3_000,
        "<div><p>" * 5_000 + "<a href=a.htm>年报</a>",
        "<script>" + "document.write('<li>' + (" * 60_000,
        "<datastore>" + "<record>" * 100_000,
        "<datastore>"
        + "<record><![CDATA[<a href=a.htm>年报</a>]]></record>" * 3_000
        + "</datastore>",
        f"<a href=a.htm>{'.' * 500_000}</a>",
        "createPageHTML(" * 100_000,
        "countPage=9" + '"a"+"_"+' * 100_000,
        "{" * 200_000,
        "<a href='" + "1/2_3" * 200_000 + "'>2</a>",
    ],
    ids=range(12),
)
def test_a_hostile_page_is_read_in_bounded_time(text):
    tree = parsed(text)
    begun = time.process_time()
    looks_like_list(tree, text, ADDRESS)
    read_list(tree, text, ADDRESS, None)
    assert time.process_time() - begun < 10


def test_the_given_tree_is_not_changed():
    text = "<ul><script>document.write('<li><a href=\"a.htm\">2016年年报</a></li>')</script></ul>"
    tree = parsed(text)
    before = etree.tostring(tree)
    read_list(tree, text, ADDRESS, None)
    assert etree.tostring(tree) == before
