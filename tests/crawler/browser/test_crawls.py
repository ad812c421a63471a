"""Whole crawls of portals that only a real Chromium can read."""

import itertools
import os
import signal
import time
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive.cli import main
from tests.crawler.browser.conftest import Gongkai
from tests.support.browser_portal import (
    YEARS,
    Answer,
    Guard,
    Request,
    plain_portal,
    running,
    scripted_portal,
    shell,
)

pytestmark = pytest.mark.usefixtures("chromium")
REPORTS = {f"nb/{year}.html" for year in YEARS}


class _CheckArguments:
    verbose = False

    def __init__(self, inputs: list[str]) -> None:
        self.inputs = inputs


def warcs(gongkai: Gongkai) -> list[str]:
    return [str(path) for path in sorted((gongkai.home / "warc").glob("*.warc.gz"))]


def records(gongkai: Gongkai) -> dict[str, tuple[str, str, str | None, bytes]]:
    """Type, URL, WARC-Concurrent-To and content of every record, by its id."""
    found = {}
    for path in warcs(gongkai):
        with Path(path).open("rb") as stream:
            for record in ArchiveIterator(stream):
                headers = record.rec_headers
                found[headers.get_header("WARC-Record-ID")] = (
                    record.rec_type,
                    headers.get_header("WARC-Target-URI"),
                    headers.get_header("WARC-Concurrent-To"),
                    record.content_stream().read(),
                )
    return found


def zombies() -> int:
    """Ended Chromium processes that nobody cleared away."""
    count = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        count += name.startswith("chrom") and rest.split()[0] == "Z"
    return count


def browsers() -> list[str]:
    """Every Chromium process of these tests that still runs."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                name = (entry / "comm").read_text().strip()
            except OSError:
                continue
            if b"gongkai-browser-" in line:
                found.append(f"{entry.name} {name}")
    return found


def test_a_portal_of_scripts_is_read_twice_and_makes_its_versions_once(gongkai: Gongkai) -> None:
    before = zombies()
    with running(scripted_portal()) as portal:
        first = gongkai.crawl(f"{portal.url}/nb/index.html")
        visited = portal.counts()
        gongkai.crawl(f"{portal.url}/nb/index.html", "--full")
    assert first["verdict"] == "good"
    assert {outcome for outcome, _ in gongkai.outcomes().values()} == {"unchanged"}
    assert set(gongkai.outcomes()) == {"nb/index.html", *REPORTS}
    versions = gongkai.rows("select url, version from versions")
    assert len(versions) == 1 + len(YEARS), "a second run makes no version"
    assert visited["/nb/index.html"] == visited["/api/list.json?page=1"] == 1, "asked for once"
    assert not {"/site.css", "/logo.png"} & set(portal.counts()), "only what texts need"
    assert max(each.at_once for each in portal.requests) == 1, "one connection at a time"
    assert len({each.headers["user-agent"] for each in portal.requests}) == 1

    kept = records(gongkai)
    rendered = [each for each in kept.values() if each[0] == "resource"]
    assert len(rendered) == 2 * (1 + len(YEARS))
    for _, url, beside, content in rendered:
        assert kept[beside][:2] == ("response", url), "linked to its exchange"
        assert len(content) > len(kept[beside][3]), "the scripts have run"
    checker = Checker(_CheckArguments(warcs(gongkai)))
    checker.process_all()
    assert checker.exit_value == 0
    assert browsers() == []
    assert zombies() == before


def test_a_cookie_challenge_is_passed_once_and_its_cookie_reused(gongkai: Gongkai) -> None:
    with running(plain_portal()) as portal:
        portal.guard = guard = Guard()
        gongkai.crawl(f"{portal.url}/nb/index.html")
    assert {path: outcome for path, (outcome, _) in gongkai.outcomes().items()} == dict.fromkeys(
        ["nb/index.html", *REPORTS], "new"
    )
    assert guard.met == 1, "after robots.txt was let in, the rest was too"
    statuses = gongkai.rows("select status from captures where url like '%robots.txt'")
    assert [status for (status,) in statuses] == [521, 404], "both answers are kept"


def test_a_challenge_that_stays_is_blocked_and_named(gongkai: Gongkai) -> None:
    with running(plain_portal()) as portal:
        portal.guard = Guard(passable=False, everywhere=False)
        verdict = gongkai.crawl(f"{portal.url}/nb/index.html")
        assert len(portal.requests) < 8, "it is not asked for ever"
    outcome, reason = gongkai.outcomes()["nb/index.html"]
    assert (verdict["verdict"], outcome) == ("bad", "blocked")
    assert "cookie challenge" in str(reason)


def test_what_a_page_asks_for_is_kept_to_its_site_and_to_robots(gongkai: Gongkai) -> None:
    with running({}) as elsewhere, running(scripted_portal()) as portal:
        other = elsewhere.url.replace("127.0.0.1", "localhost")
        script = f"""
            fetch('{other}/spy.json').catch(function () {{}});
            fetch('/secret/a.json').catch(function () {{}});
            fetch('/moved.json').catch(function () {{}});
            window.open('{other}/popup'); alert('stop'); navigator.sendBeacon('{other}/beacon');
            try {{ new WebSocket('{other.replace("http", "ws")}/socket'); }} catch (e) {{}}
            navigator.serviceWorker && navigator.serviceWorker.register('/worker.js');
            var f = document.createElement('iframe'); f.src = '/frame.html';
            document.body.appendChild(f);
            document.getElementById('list').innerHTML =
              '<li><a href="/nb/2024.html">2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>';
        """
        portal.routes["/nb/index.html"] = shell(script)
        portal.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /secret/\n")
        portal.routes["/moved.json"] = Answer("", 302, headers=(("Location", f"{other}/hop"),))
        portal.routes["/frame.html"] = Answer("<p>frame</p>")
        gongkai.crawl(f"{portal.url}/nb/index.html", delay="1")
        assert [each.path for each in elsewhere.requests] == [], "no packet to another host"
        visited = portal.counts()
        documents = [e for e in portal.requests if e.path.endswith(".html")]
    assert "/secret/a.json" not in visited
    assert "/worker.js" not in visited
    assert visited["/frame.html"] == 1
    for before, after in itertools.pairwise(documents):
        assert after.began - before.ended >= 0.95, "documents keep the host's distance"
    assert gongkai.outcomes()["nb/2024.html"][0] == "new"


def test_what_a_page_asks_of_another_host_of_its_site_keeps_that_host_s_wishes(
    gongkai: Gongkai,
) -> None:
    """Its Retry-After is kept and stored; one that is down costs the page a part, not the crawl."""
    with running({}) as gone:
        down = gone.url
    with running({}) as busy, running(scripted_portal()) as portal:
        script = f"""
            async function ask(URL) {{
              try {{ await fetch(URL, {{mode: 'no-cors'}}); }} catch (e) {{}}
            }}
            (async function () {{
              for (var n = 0; n < 3; n++) {{ await ask('{busy.url}/part' + n + '.json'); }}
              await ask('{down}/part.json');
              document.getElementById('list').innerHTML =
                '<li><a href="/nb/2024.html">2024年政府信息公开工作年度报告</a><span>2025-01-20</span></li>';
            }})();
        """
        portal.routes["/nb/index.html"] = shell(script)
        busy.guard = lambda request: (
            None if request.path == "/robots.txt"
            else Answer("", 503, headers=(("Retry-After", "86400"),))
        )  # fmt: skip
        gongkai.crawl(f"{portal.url}/nb/index.html")
        assert [path for path in busy.counts() if path != "/robots.txt"] == ["/part0.json"]
    assert gongkai.outcomes()["nb/2024.html"][0] == "new"
    held = dict(gongkai.rows("select host, not_before_at from host"))
    assert held[busy.url] is not None


def test_without_chromium_the_page_says_so_and_the_crawl_goes_on(
    gongkai: Gongkai, tmp_path: Path
) -> None:
    routes = plain_portal()
    routes["/nb/2024.html"] = scripted_portal()["/nb/2024.html"]
    with running(routes) as portal:
        gongkai.crawl(
            f"{portal.url}/nb/index.html",
            PATH=str(tmp_path),
            PLAYWRIGHT_BROWSERS_PATH=str(tmp_path),
        )
    outcomes = gongkai.outcomes()
    assert outcomes["nb/2024.html"][0] == "failed"
    assert "apt-get install chromium" in str(outcomes["nb/2024.html"][1])
    assert outcomes["nb/2023.html"][0] == "new"


def test_without_chromium_a_challenge_is_blocked_and_never_gone(
    gongkai: Gongkai, tmp_path: Path
) -> None:
    with running(plain_portal()) as portal:
        portal.guard = Guard(everywhere=False)
        told = gongkai.crawl(
            f"{portal.url}/nb/index.html",
            PATH=str(tmp_path),
            PLAYWRIGHT_BROWSERS_PATH=str(tmp_path),
        )
    outcome, reason = gongkai.outcomes()["nb/index.html"]
    assert (told["verdict"], outcome) == ("bad", "blocked")
    assert "status 521" in str(reason)


def test_nothing_lives_on_when_the_crawl_is_killed(gongkai: Gongkai) -> None:
    def slow(_asked: object) -> Answer:
        time.sleep(20)
        return Answer("{}", media_type="application/json")

    with running(scripted_portal() | {"/api/list.json?page=1": slow}) as portal:
        process = gongkai.start(f"{portal.url}/nb/index.html", "--delay", "0")
        while "/api/list.json?page=1" not in portal.counts() and process.poll() is None:
            time.sleep(0.05)
        assert browsers(), "the browser is at work"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        deadline = time.monotonic() + 10
        while (left := browsers()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == [], "the browser lived on"
        portal.routes |= scripted_portal()
        gongkai.crawl(f"{portal.url}/nb/index.html")
    assert gongkai.outcomes()["nb/index.html"][0] == "new", "what was kept is rendered now"
    assert portal.counts()["/nb/index.html"] == 1, "and not fetched again"
    assert not list(Path("/tmp").glob(f"gongkai-browser-{process.pid}-*"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pages_that_take_too_much_are_ended_and_the_crawl_goes_on(gongkai: Gongkai) -> None:
    greedy = "window.kept = []; for (;;) kept.push(new Array(1 << 20).fill(Math.random()));"
    routes = plain_portal() | {
        "/nb/2022.html": shell(f"setTimeout(function () {{ {greedy} }}, 50); x.innerHTML = 1"),
        "/nb/2023.html": shell("for (;;) { document.title += 1; } fetch('/never')"),
        "/nb/2024.html": scripted_portal()["/nb/2024.html"],
    }
    with running(routes) as portal:
        gongkai.crawl(f"{portal.url}/nb/index.html")
    outcomes = gongkai.outcomes()
    for path in ("nb/2022.html", "nb/2023.html"):
        assert outcomes[path][0] == "failed"
        assert "a browser could not show it" in str(outcomes[path][1])
    assert outcomes["nb/2024.html"][0] == "new"
    assert browsers() == []


def test_a_redirect_to_itself_is_followed_with_its_cookie(gongkai: Gongkai) -> None:
    def guard(request: Request) -> Answer | None:
        if "CT6T=1" in request.headers.get("cookie", "") or request.path == "/robots.txt":
            return None
        cookies = (("Set-Cookie", "CT6T=1; path=/"), ("Location", request.path))
        return Answer("", 302, headers=cookies)

    with running(plain_portal()) as portal:
        portal.guard = guard
        gongkai.crawl(f"{portal.url}/nb/index.html")
    assert gongkai.outcomes()["nb/index.html"][0] == "new"
    assert set(gongkai.outcomes()) == {"nb/index.html", *REPORTS}


def test_a_crawl_that_is_interrupted_leaves_the_page_for_the_next_run(gongkai: Gongkai) -> None:
    def slow(_request: Request) -> Answer:
        time.sleep(3)
        return Answer("{}", media_type="application/json")

    with running(scripted_portal() | {"/api/list.json?page=1": slow}) as portal:
        process = gongkai.start(f"{portal.url}/nb/index.html", "--delay", "0")
        while "/api/list.json?page=1" not in portal.counts() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 3, out + err
        assert browsers() == []
    waits = "select url, state from frontier join page on page.id = page_id"
    assert gongkai.rows(waits) == [(f"{portal.url}/nb/index.html", "kept")], "as after a kill"


def test_rendered_pages_are_made_again_from_the_files(gongkai: Gongkai) -> None:
    with running(scripted_portal()) as portal:
        gongkai.crawl(f"{portal.url}/nb/index.html")
    views = ("documents", "versions", "captures", "outcomes")
    queries = [f"SELECT * FROM {view}" for view in views]  # noqa: S608 - our own names
    before = [gongkai.rows(query) for query in queries]
    for path in gongkai.home.glob("archive.sqlite*"):
        path.unlink()
    assert main(["rebuild", "--home", str(gongkai.home)]) == 0
    assert [gongkai.rows(query) for query in queries] == before
