"""A page has one portal; what waits for it there is visited for another one that names it."""

from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page
from tests.support.site import pages_of

HOME = """<html><head><meta charset="utf-8"><title>某县人民政府</title></head><body><div class="nav">
<a href="/">首页</a> <a href="/nb/index.html">政府信息公开年报</a></div>欢迎光临本网站</body></html>"""


def serve(server: RawServer) -> None:
    server.answers = {path: page(text) for path, text in pages_of(6).items()}
    server.answers |= {"/": page(HOME), "/nb/": server.answers["/nb/index.html"]}


def test_what_waits_for_one_portal_is_visited_for_another(
    gongkai: Gongkai, server: RawServer
) -> None:
    serve(server)
    gongkai.run("portals", "add", f"{server.url}/", "--key", "a", "--delay", "0")
    told = gongkai.crawl(f"{server.url}/nb/")
    assert told["reason"] == "7 of 7 URLs reached"
    assert len([row for row in gongkai.rows("documents") if row["kind"] == "report"]) == 6
    gongkai.crawl("a")
    outcomes = [(row["run"], row["url"]) for row in gongkai.rows("outcomes")]
    assert len(outcomes) == len(set(outcomes))
    reports = [path for path in server.requests if path.split("/")[-1][:-5].isdecimal()]
    assert {len(server.requests[path]) for path in reports} == {1}


def test_another_spelling_of_a_known_list_can_be_crawled_and_added(
    gongkai: Gongkai, server: RawServer
) -> None:
    serve(server)
    gongkai.run("portals", "add", f"{server.url}/", "--key", "a", "--delay", "0")
    gongkai.run("portals", "add", f"{server.url}/nb/", "--key", "b", "--delay", "0")
    told = gongkai.crawl("b")
    assert (told["verdict"], told["portals"].keys()) == ("good", {"b"})
    assert gongkai.crawl("a")["verdict"] == "good"


def test_a_visit_of_a_page_leaves_it_to_its_portal(gongkai: Gongkai, server: RawServer) -> None:
    """A URL crawled on its own takes nothing from a portal of the catalogue."""
    serve(server)
    gongkai.home.mkdir()
    row = f'[a]\nname = "某县"\nentries = ["{server.url}/"]\n'
    (gongkai.home / "portals.toml").write_text(row)
    gongkai.crawl("a")
    told = gongkai.crawl(f"{server.url}/nb/index.html")
    assert told["verdict"] == "good"
    assert {row["portal"] for row in gongkai.rows("documents")} == {"a"}
