"""Links as servers and pages write them: where a crawl goes, and what it tells of the rest."""

from archive.model.url import MAX_URL
from tests.journeys.test_outcomes import outcomes, report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

YEARS = (2021, 2022, 2023)
TITLE = "某县{}年政府信息公开工作年度报告"


def listed(*links: str, charset: str = "utf-8") -> str:
    """A list page: one row a link, whose attributes are given."""
    rows = "".join(
        f"<li><a {attributes}>{TITLE.format(2021 + n)}</a><span>2024-01-1{n}</span></li>"
        for n, attributes in enumerate(links)
    )
    return (
        f'<html><head><meta charset="{charset}"><title>政府信息公开年报</title></head><body>'
        f'<div class="list"><h2>政府信息公开年报</h2><ul>{rows}</ul></div></body></html>'
    )


def gbk(text: str) -> bytes:
    raw = page(text.encode("gbk"))
    return raw.replace(b"charset=utf-8", b"charset=gb2312", 1)


def test_a_query_goes_out_in_the_character_set_of_its_page(
    gongkai: Gongkai, server: RawServer
) -> None:
    links = [f'href="年/show.asp?lm=年报&id={year}"' for year in YEARS]
    pager = '<a href="list.asp?lm=年报&page=2">下一页</a>'
    text = listed(*links, charset="gb2312").replace("</ul>", f"</ul><div>{pager}</div>")
    server.answers["/nb/index.html"] = gbk(text)
    more = listed("href='show.asp?lm=%C4%EA%B1%A8&id=2020'", charset="gb2312")
    server.answers["/nb/list.asp?lm=%C4%EA%B1%A8&page=2"] = gbk(more)
    server.answers |= {
        f"/nb/%E5%B9%B4/show.asp?lm=%C4%EA%B1%A8&id={year}": report(year) for year in YEARS
    }
    server.answers["/nb/show.asp?lm=%C4%EA%B1%A8&id=2020"] = report(2020)
    gongkai.crawl(f"{server.url}/nb/index.html")
    ends = [outcome for path, (outcome, _) in outcomes(gongkai).items() if path != "robots.txt"]
    assert ends == ["new"] * 6


def test_a_link_that_is_too_long_has_its_row(gongkai: Gongkai, server: RawServer) -> None:
    long = "x" * (MAX_URL + 1)
    picture = f'href="data:image/png;base64,{long}"'
    server.answers["/nb/index.html"] = page(
        listed('href="1.html"', f'href="2.html?{long}"', f'href="3.html?{long}"', picture)
    )
    server.answers["/nb/1.html"] = report(2021)
    gongkai.crawl(f"{server.url}/nb/index.html", status=None)
    told = [(end, why) for end, why in outcomes(gongkai).values() if end == "out_of_scope"]
    assert [end for end, _ in told] == ["out_of_scope"] * 2
    assert all("characters, at most 4,000" in why for _, why in told)
    assert not [path for path in server.requests if "xxx" in path]


def test_a_report_on_another_site_has_its_row(gongkai: Gongkai, server: RawServer) -> None:
    elsewhere = "http://www.another.example/nb/2022.html"
    server.answers["/nb/index.html"] = page(
        listed(
            'href="1.html"', f'href="{elsewhere}"', 'href="http://www.another.example/2023.pdf"'
        ).replace("</ul>", '<li><a href="http://www.another.example/xw/1.html">要闻</a></li></ul>')
    )
    server.answers["/nb/1.html"] = report(2021)
    for status in (0, 0):  # the second night as the first
        gongkai.crawl(f"{server.url}/nb/index.html", status=status)
        rows = gongkai.rows("outcomes")
        told = {row["url"]: row["reason"] for row in rows if row["outcome"] == "out_of_scope"}
        assert sorted(told) == [
            "http://www.another.example/2023.pdf#another-site", f"{elsewhere}#another-site",
        ]  # fmt: skip
        why = (
            "a list names this report on another site (www.another.example): only the portal's own"
        )
        assert all(each.startswith(why) for each in told.values())
    assert gongkai.rows("documents") != []


def test_odd_links_cost_nothing_but_themselves(gongkai: Gongkai, server: RawServer) -> None:
    odd = (
        "//a／b.cn/", "http://[::1/", "http://x:99999/", "http://℀.cn/", "http://a..cn/",
        "http://u:p@/", "&#55296;", "/a&#0;b.html", "http://xn--/", "/℀／.html",
        "http://a b/", "//256.1.1.1/",
    )  # fmt: skip
    links = [f'href="{each}"' for each in odd] + ['href="..\\nb\\1.html"']
    server.answers["/nb/index.html"] = page(listed(*links))
    server.answers["/nb/1.html"] = report(2021)
    gongkai.crawl(f"{server.url}/nb/index.html", status=None)
    ends = outcomes(gongkai)
    assert ends["nb/1.html"][0] == "new"
    assert "failed" not in {end for end, _ in ends.values()}


def test_pages_that_send_their_reader_on_are_redirects(gongkai: Gongkai, server: RawServer) -> None:
    def meta(target: str) -> bytes:
        return page(f'<meta http-equiv="refresh" content="0;url={target}">')

    server.answers = {
        "/index.html": meta("nb/"),
        "/nb/": page("<script>location.replace('list.html')</script>"),
        "/1.html": meta("/real/1.html"),
        "/2.html": page("<script>window.location.href='/real/2.html'</script>"),
        "/3.html": page("", headers="Refresh: 0;url=/real/3.html\r\n"),
        "/away.html": meta("http://www.example.com/1.html"),
        "/one.html": meta("/other.html"),
        "/other.html": page("<script>location='/one.html'</script>"),
        "/home.html": meta("/"),
    }
    stubs = ("1", "2", "3", "away", "one", "home")
    server.answers["/nb/list.html"] = page(listed(*(f'href="/{each}.html"' for each in stubs)))
    server.answers |= {f"/real/{n}.html": report(2020 + n) for n in (1, 2, 3)}
    gongkai.crawl(f"{server.url}/index.html", status=None)
    ends = outcomes(gongkai)
    assert {path: end for path, (end, _) in ends.items() if path != "robots.txt"} == {
        "index.html": "redirected", "nb/": "redirected", "nb/list.html": "new",
        "1.html": "redirected", "2.html": "redirected", "3.html": "redirected",
        "real/1.html": "new", "real/2.html": "new", "real/3.html": "new",
        "away.html": "out_of_scope", "one.html": "redirected", "other.html": "failed",
        "home.html": "soft_404",
    }  # fmt: skip
    assert ends["1.html"][1] == f"to {server.url}/real/1.html (meta refresh)"
    assert ends["3.html"][1].endswith("(Refresh header)")
    assert "another site" in ends["away.html"][1]
    assert "redirect loop" in ends["other.html"][1]
    reports = {row["url"] for row in gongkai.rows("documents") if row["kind"] == "report"}
    assert reports == {f"{server.url}/real/{n}.html" for n in (1, 2, 3)}


def test_a_list_in_frames_is_found_with_its_reports(gongkai: Gongkai, server: RawServer) -> None:
    head = "<html><head><title>政府信息公开年报</title></head>"
    server.answers = {
        "/nb/index.html": page(
            f'{head}<frameset rows="80,*"><frame src="/top.html"><frame src="main.html"></frameset>'
        ),
        "/nb/main.html": page(f'{head}<body><iframe src="/data/list.html"></iframe></body></html>'),
        "/data/list.html": page(listed('href="1.html"', 'href="2.html"', 'href="3.html"')),
        "/data/3.html": page('<frameset rows="*"><frame src="/real/3.html"></frameset>'),
    }
    server.answers |= {f"/data/{n}.html": report(2020 + n) for n in (1, 2)}
    server.answers["/real/3.html"] = report(2023)
    gongkai.crawl(f"{server.url}/nb/index.html")
    ends = {path: end for path, (end, _) in outcomes(gongkai).items()}
    assert ends == {
        "robots.txt": "gone", "nb/index.html": "new", "nb/main.html": "new",
        "data/list.html": "new", "data/1.html": "new", "data/2.html": "new", "data/3.html": "new",
        "real/3.html": "new",
    }  # fmt: skip
