"""A report whose url answers with something else stays: a soft 404 never becomes a version."""

from dataclasses import replace

import pytest

from archive.model.outcome import Verdict
from archive.store.rows import Expected, PortalFacts
from archive.work.ingest.verdict import judge_portal
from tests.crawler.fetch.test_wire import listing
from tests.journeys.test_outcomes import outcomes, report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

TITLED = "<title>政府信息公开年报</title><h1>政府信息公开年报</h1><div id=zoom>{}</div>"
BARE_TITLES = "".join(f"<p>某县20{n}年政府信息公开工作年度报告</p>" for n in (17, 18, 19, 20))
LONG = "全年主动公开政府信息120条。依申请公开政府信息若干件，均已在法定期限内答复申请人。" * 8
SOFT = {
    "list": listing("/a", "/b", "/c", "/d", "/e"),
    "welcome": page("<title>IIS7</title><h1>Welcome</h1>"),
    "titled": page(TITLED.format("")),
    "titles": page(TITLED.format(BARE_TITLES)),
    "sentence": page("<h1>通知</h1><div id=zoom><p>本站正在改版，请稍后访问。</p></div>"),
}
REAL = {
    "corrected": report(2020, "全年主动公开政府信息125条。"),
    "renamed": page(
        "<title>某县政务公开工作总结</title><h1>某县政务公开工作总结</h1>"
        f"<div id=zoom><p>{LONG}</p></div>"
    ),
}


def test_what_is_no_report_takes_no_reports_place(gongkai: Gongkai, server: RawServer) -> None:
    paths = [f"/{name}" for name in (*SOFT, *REAL)]
    server.answers = {"/index.html": listing(*paths), **dict.fromkeys(paths, report())}
    for number, path in enumerate(paths):
        server.answers[path] = report(2011 + number)
    gongkai.crawl(f"{server.url}/index.html")
    server.answers |= {f"/{name}": answer for name, answer in (SOFT | REAL).items()}
    verdict = gongkai.crawl(f"{server.url}/index.html", "--full", status=1)
    ends = outcomes(gongkai)
    assert {name: ends[name][0] for name in SOFT} == dict.fromkeys(SOFT, "soft_404")
    assert {name: ends[name][0] for name in REAL} == dict.fromkeys(REAL, "changed")
    assert "a list stands where a report was" in ends["list"][1]
    assert ends["welcome"][1].startswith("a page without a report's title")
    documents = {row["url"].rsplit("/", 1)[1]: row for row in gongkai.rows("documents")}
    assert {documents[name]["version"] for name in SOFT} == {1}
    assert {documents[name]["kind"] for name in SOFT} == {"report"}
    assert "6 reports of before are lost: " in verdict["reason"]  # the renamed one is no report
    captures = [row for row in gongkai.rows("captures") if row["outcome"] == "soft_404"]
    assert len(captures) == len(SOFT), "what was answered is kept"
    # What was missed before is told again, and is no new alarm.
    server.answers["/list"] = report(2011)
    again = gongkai.crawl(f"{server.url}/index.html", "--full")
    assert "4 reports of before are lost: " in again["reason"]
    assert outcomes(gongkai)["list"][0] == "unchanged"


WELL = PortalFacts(counts={"unchanged": 14, "soft_404": 2}, lists_read=1, reports=15)
KNOWN = Expected(lists=1, reports=15, others=0)


@pytest.mark.parametrize(
    ("lost", "known", "verdict"),
    [(2, 15, Verdict.GOOD), (3, 15, Verdict.BAD), (5, 15, Verdict.BAD), (9, 100, Verdict.GOOD),
     (10, 100, Verdict.BAD)],
)  # fmt: skip
def test_reports_lost_are_named_and_many_are_bad(lost: int, known: int, verdict: Verdict) -> None:
    urls = tuple(f"http://a.test/{n}" for n in range(lost))
    facts = replace(WELL, lost=urls, newly_lost=lost)
    found = judge_portal(facts, replace(KNOWN, reports=known), None)
    assert found.verdict is verdict
    assert f"{lost} reports of before are lost: http://a.test/0, http://a.test/1" in found.reason


def test_one_lost_report_is_named() -> None:
    found = judge_portal(replace(WELL, lost=("http://a.test/0",), newly_lost=1), KNOWN, None)
    assert found.verdict is Verdict.GOOD
    assert found.reason.endswith("1 report of before is lost: http://a.test/0")
