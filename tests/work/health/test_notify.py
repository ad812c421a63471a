"""Who is told what: one message a night, nothing twice after a kill, no secret in a log."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.cli import main
from archive.model.errors import CannotRunError, HomeLockedError, UsageError
from archive.store.query.health import PortalVerdict, SilentBody
from archive.work.health.digest import MAX_BODY, Known, Standing, digest, known_after
from archive.work.health.notify import NIGHT, Service, disk_low, notify, services_named
from archive.work.health.told import Told, holding, read_alerts, write_alerts
from archive.work.home import Home
from tests.work.health.conftest import NOW
from tests.work.preservation.seal.archives import change

apprise = pytest.importorskip("apprise", reason="pip install 'gongkai[alerts]'")
SECRET = "s3cr3t-token"
WELL = Standing(portals=(), silent=(), disk=None)


def portals(count: int, verdict: str) -> list[PortalVerdict]:
    return [
        PortalVerdict(portal=f"p{n}", name=f"第{n}县", verdict=verdict, reason="everything is gone")
        for n in range(count)
    ]


def silent(count: int) -> list[SilentBody]:
    return [
        SilentBody(body_id=n, body=f"第{n}局", division=None, portal="p1", year=2025,
                   due_on="2026-01-31")
        for n in range(count)
    ]  # fmt: skip


def standing(**changes: object) -> Standing:
    return replace(WELL, **changes)  # type: ignore[arg-type]  # as the test names them


def test_fifty_bad_portals_are_one_message_of_few_lines() -> None:
    made = digest(Known(), standing(portals=portals(50, "bad"), silent=silent(400)), "archive")
    assert made is not None
    assert made.title == (
        "Gongkai archive: 50 portals turned bad; 400 reports missing after the deadline, of bodies"
        " that had one every year"
    )
    assert "- 第0县 (p0): everything is gone\n" in made.body
    assert "- and 45 more\n\n400 reports" in made.body
    assert len(made.body) <= MAX_BODY


def test_damaged_files_are_told_once_and_that_they_are_mended() -> None:
    damaged = standing(damaged=("a.warc.gz", "b.warc.gz"))
    made = digest(Known(), damaged, "a")
    assert made is not None
    assert "2 WARC files with damage:\n- a.warc.gz\n- b.warc.gz\n" in made.body
    known = known_after(Known(), damaged)
    assert digest(known, damaged, "a") is None
    better = digest(known, standing(damaged=("b.warc.gz",)), "a")
    assert better is not None
    assert "1 WARC file without damage again, or known as lost:\n- a.warc.gz\n" in better.body


def test_what_was_told_is_read_back_and_so_is_what_an_older_release_told(tmp_path: Path) -> None:
    told = Told(known=Known(portals={"p": "bad"}, silent={1: 2025}, disk=True, damaged=("a.warc",)))
    write_alerts(tmp_path / "told.json", told)
    assert read_alerts(tmp_path / "told.json") == told
    older = json.loads((tmp_path / "told.json").read_text())
    del older["known"]["damaged"]
    (tmp_path / "told.json").write_text(json.dumps(older))
    assert read_alerts(tmp_path / "told.json").known == replace(told.known, damaged=())


def test_only_what_changed_is_told() -> None:
    stands = standing(portals=[*portals(2, "bad"), *portals(4, "good")[2:]], silent=silent(2))
    known = known_after(Known(), stands)
    assert digest(known, stands, "a") is None
    better = digest(known, standing(portals=portals(4, "good")), "a")
    assert better is not None
    assert "2 portals good again:\n- 第0县 (p0)" in better.body
    assert "2 reports missing before and there now" in better.body
    assert digest(Known(), standing(portals=portals(4, "good")), "a") is None, "no news"
    assert digest(known, standing(portals=portals(2, "interrupted"), silent=silent(2)), "a") is None
    low = digest(known, replace(stands, disk="0.3 GB free at /data"), "a")
    assert low is not None
    assert low.body.startswith("the disk is low:\n- 0.3 GB free at /data")
    following = [replace(each, year=2026) for each in silent(2)]
    assert "2 reports missing after" in digest(known, replace(stands, silent=following), "a").title  # type: ignore[union-attr]


def test_hostile_names_stay_on_their_line() -> None:
    evil = [replace(portals(1, "bad")[0], name="甲\u202e县\nTo: all", reason="x" * 9_000)]
    made = digest(Known(), standing(portals=evil), "a\u202eb")
    assert made is not None
    assert "\u202e" not in made.title + made.body
    assert "甲 县 To: all" in made.body
    assert len(made.body) <= MAX_BODY


def test_room_is_low_before_a_crawl_ends(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert disk_low(home, 1_000, free=lambda _: 2_000) is None
    assert "crawls end below" in (disk_low(home, 1_000, free=lambda _: 1_999) or "")


class Postbox(ThreadingHTTPServer):
    """Takes what apprise's json:// sends. status: what it answers; pause_s: how late."""

    status, pause_s = 200, 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Postman)
        self.taken: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self.server_address[1]}/"


class _Postman(BaseHTTPRequestHandler):
    server: Postbox

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(json.loads(content))
        time.sleep(self.server.pause_s)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_real_service_gets_one_message_a_night(tmp_path: Path, postbox: Postbox) -> None:
    home, services = Home(tmp_path), services_named(postbox.url)
    bad = standing(portals=portals(50, "bad"))

    def tell(stands: Standing, hours: float, **options: bool) -> int:
        at = NOW + timedelta(hours=hours)
        return notify(home, stands, services, name="a", now=at, **options).sent

    assert tell(bad, 0) == 1
    assert tell(bad, 1) == 0
    assert tell(standing(portals=portals(60, "bad")), 2) == 0, "its night has not come"
    assert tell(standing(portals=portals(60, "bad")), NIGHT / timedelta(hours=1)) == 1
    assert tell(standing(portals=portals(60, "good")), 21, at_once=True) == 1
    assert [each["title"] for each in postbox.taken] == [
        f"Gongkai a: {what}"
        for what in ("50 portals turned bad", "10 portals turned bad", "60 portals good again")
    ]
    assert SECRET not in (tmp_path / "alerts" / "told.json").read_text()


def test_a_service_that_fails_is_asked_again_and_the_others_are_not(
    tmp_path: Path, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    home, bad = Home(tmp_path), standing(portals=portals(1, "bad"))
    taken: list[str] = []

    def raises(title: str, body: str) -> bool:
        raise RuntimeError(postbox.url)

    fine = Service("service 1 (x)", "one", lambda title, _: not taken.append(title))  # type: ignore[func-returns-value]
    broken = Service("service 2 (y)", "two", raises)
    [deaf] = services_named(postbox.url)
    postbox.status = 500
    with caplog.at_level(logging.DEBUG):
        first = notify(home, bad, [fine, broken, deaf], name="a", now=NOW)
        assert (first.sent, len(first.problems)) == (1, 2)
        assert "service 2 (y) did not take the message" in first.problems[0]
        postbox.status = 200
        second = notify(home, bad, [fine, broken, deaf], name="a", now=NOW + timedelta(hours=1))
    assert (second.sent, len(second.problems), len(taken)) == (1, 1, 1)
    late = notify(home, bad, [broken], name="a", now=NOW + timedelta(days=4))
    assert (late.sent, late.problems) == (0, ()), "old news is not sent"
    assert SECRET not in caplog.text


KILLED = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from archive.work.health.notify import notify, services_named
from archive.work.home import Home
from tests.work.health.test_notify import NOW, portals, standing
notify(Home(Path(sys.argv[1])), standing(portals=portals(3, "bad")), services_named(sys.argv[2]),
       name="a", now=NOW)
"""


def test_nothing_is_sent_twice_after_a_kill(tmp_path: Path, postbox: Postbox, root: Path) -> None:
    postbox.pause_s = 30.0
    process = subprocess.Popen([sys.executable, "-c", KILLED, tmp_path, postbox.url], cwd=root)
    while not postbox.taken:
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    postbox.pause_s = 0.0
    home, services = Home(tmp_path), services_named(postbox.url)
    bad = standing(portals=portals(3, "bad"))
    after = notify(home, bad, services, name="a", now=NOW + timedelta(days=1))
    assert (after.sent, len(postbox.taken)) == (0, 1)
    assert "is not known: the process that sent it was ended" in after.problems[0]
    again = notify(home, bad, services, name="a", now=NOW + timedelta(days=2))
    assert (again.sent, again.problems, len(postbox.taken)) == (0, (), 1)


def test_killed_before_it_was_sent_it_is_sent(tmp_path: Path) -> None:
    home, bad = Home(tmp_path), standing(portals=portals(3, "bad"))
    never = Service("service 1 (x)", "one", lambda *_: False)
    notify(home, bad, [never], name="a", now=NOW)
    taken: list[str] = []
    works = Service("service 1 (x)", "one", lambda title, _: not taken.append(title))  # type: ignore[func-returns-value]
    assert notify(home, bad, [works], name="a", now=NOW + timedelta(hours=1)).sent == 1
    assert taken == ["Gongkai a: 3 portals turned bad"]


def test_two_do_not_tell_at_once_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with holding(home) as path, pytest.raises(HomeLockedError, match="another process"):
        notify(home, WELL, [], name="a", now=NOW)
    for damaged in ("{", "[]", '{"known": 1, "messages": [], "made_at": null}'):
        path.write_text(damaged)
        with pytest.raises(CannotRunError, match=r"told\.json is damaged; remove it"):
            read_alerts(path)


def test_a_url_that_is_none_is_named_without_its_secret() -> None:
    with pytest.raises(UsageError) as told:
        services_named(f"nosuch://user:{SECRET}@host")
    assert str(told.value) == "GONGKAI_ALERTS: service 1 (nosuch) has no URL that apprise knows"
    with pytest.raises(UsageError) as told:
        services_named("SEKRIT:PW")
    assert "SEKRIT" not in str(told.value)
    assert services_named(None) == services_named("  ") == []


def test_without_the_package_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(CannotRunError, match=r"pip install 'gongkai\[alerts\]'"):
        services_named("json://x")


def test_the_command_tells_tests_and_shows(
    home: Path, postbox: Postbox, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    change(home, "INSERT INTO run_portal (run_id, portal_key, verdict, reason, counts)"
           " SELECT 1, key, 'bad', 'everything is gone', '{}' FROM portal")  # fmt: skip
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", "0")

    def run(*words: str) -> tuple[int, str]:
        status = main(["notify", *words, "--home", str(home)])
        out, err = capsys.readouterr()
        return status, out + err

    assert run() == (2, "gongkai: GONGKAI_ALERTS names nobody to tell; set it to apprise's URLs\n")
    status, told = run("--dry-run")
    assert (status, "4 portals turned bad" in told, postbox.taken) == (0, True, [])
    assert json.loads(run("--dry-run", "--json")[1]).keys() == {"title", "body"}
    assert not (home / "alerts").exists()
    monkeypatch.setenv("GONGKAI_ALERTS", postbox.url)
    assert run("--test") == (0, "1 message taken\n")
    assert run() == (0, "1 message taken\n")
    assert run() == (0, "nothing is new, or its night has not come (--now does not wait)\n")
    assert ["a test" in each["title"] for each in postbox.taken] == [True, False]
    postbox.status = 500
    status, told = run("--test")
    assert (status, "did not take the message" in told) == (1, True)
    change(home, "UPDATE run_portal SET verdict = 'good'")
    for line in ("0 messages taken", "no message was taken"):
        status, told = run("--now")
        assert (status, told.splitlines()[0]) == (1, line)
    postbox.status = 200
    assert run("--now") == (0, "1 message taken\n")
    assert run("--now") == (0, "nothing is new\n")
