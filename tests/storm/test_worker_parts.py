"""Reread, pictures, import and export by workers: parts of one command, shared by machines, killed in the
middle of them, with what the command itself would have made.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.frontier.worker_leases import free_leases, take_leases
from archive.work.jobs.worker import EVERY_NIGHT
from tests.journeys.test_pictures import SHOWN, TITLE
from tests.journeys.test_pictures import pictures as pages_of_report
from tests.storm.county import Answer, Weather, county_of
from tests.storm.crew import ROW, crew, keep_up, strike
from tests.storm.portals import county_site, fair, listing, report, title
from tests.support.engines import SERVER, copied
from tests.support.other_reader import WORSE
from tests.support.pictures import scan
from tests.support.workers import LEASE_S, Crew, wait_for
from tests.warc.making import answer
from tests.work.imports.making import page, response, written

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")

__all__ = ["crew"]

TABLES = ("documents", "versions", "figures", "figures_current", "findings", "coverage", "changes")
READ = re.compile(r"ocr --portal (\w+): (\d+) reports? read from pictures")
BIG = "127.8.0.1"
PAGES = 110  # some portions of a reread


def large_site() -> dict[str, bytes]:
    names = {f"/nb/{n}.html": title(2012 + n % 12, f"某县第{n // 12}局") for n in range(PAGES)}
    pages = {path: report(name, n) for n, (path, name) in enumerate(names.items())}
    return {"/nb/index.html": listing(names), **pages}


def parts_wait(crew: Crew) -> int:
    [row] = crew.ask("SELECT count(*) AS n FROM procrastinate_jobs WHERE task_name = 'part'")
    return int(row["n"])


def read_today(crew: Crew) -> int:
    """How many versions of the large portal were read again."""
    rows = crew.ask(
        "SELECT reader_version FROM version JOIN page ON page.id = version.page_id"
        " WHERE portal_key = 'big'"
    )
    return [row["reader_version"] for row in rows].count(READER_VERSION)


def told(crew: Crew) -> dict[str, list[str]]:
    """What the archive says, its rows in one order; bodies are numbered as they are met."""
    found = {}
    for table in TABLES:
        rows = map(json.loads, crew.run("export", table, "-o", "-").splitlines())
        found[table] = sorted(json.dumps({**row, "body_id": None}, sort_keys=True) for row in rows)
    return found


@contextmanager
def twin(crew: Crew, home: Path) -> Iterator[Crew]:
    """The same archive once more."""
    shutil.copytree(crew.home, home)
    with copied(crew.url) as url:
        yield Crew(home, url)


@pytest.mark.timeout(900)
def test_a_reread_that_workers_share_outlives_one_and_ends_as_the_command_does(
    crew: Crew, tmp_path: Path
) -> None:
    hosts = {"big": BIG, "p001": "127.8.0.2"}
    sites = {host: fair(county_site()) for host in hosts.values()} | {BIG: fair(large_site())}
    with county_of(sites) as county:
        rows = {key: county.url(host, "/nb/index.html") for key, host in hosts.items()}
        crew.catalogue(rows, ROW)
        crew.reader = WORSE
        crew.run("crawl", *hosts, "--delay", "0", patience_s=600)
        crew.reader = None
    with twin(crew, tmp_path / "twin") as alone:
        alone.run("reread", patience_s=600)
        wanted = told(alone)
    assert told(crew) != wanted

    assert json.loads(crew.run("reread", "--job", "--json")) == {"enqueued": 2, "waiting": 0}
    assert "0 jobs enqueued, 2 wait already" in crew.run("reread", "--job")
    crew.hire("one", at_once=1)
    wait_for(lambda: 0 < read_today(crew) < PAGES, every_s=0.05)
    strike(crew, "one")
    assert 0 < read_today(crew) < PAGES, "in the middle of it"
    state = crew.run("worker", "--status")
    assert "\nreread: 1 under way, 1 wait\n" in state

    crew.hire("two", at_once=2)
    wait_for(lambda: bool(crew.schedule()) and not parts_wait(crew), every_s=LEASE_S)
    said = crew.dismiss()["two"]
    assert "reread --portal big" in said
    assert crew.run("reread", "--job").startswith("nothing to read again")
    keep_up(crew)
    assert told(crew) == wanted


class Doubled(Crew):
    """The crew with a double of what recognises pictures; it waits over the first one while the
    file `waits` is there.
    """

    def __init__(self, crew: Crew, waits: Path) -> None:
        super().__init__(crew.home, crew.url)
        self.workers, self.waits = crew.workers, waits

    def program(self) -> list[str]:
        return ["tests.support.other_engine"]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"ENGINE_WAITS": str(self.waits)}


def scanned_site(number: int) -> dict[str, bytes]:
    """Reports that are pictures, and one whose page shows them."""
    names = {f"/nb/{year}.png": title(year, f"第{number}县") for year in range(2015, 2019)}
    pictures = {
        path: scan([name, f"全年收到申请 {17 * place + number} 件。"])
        for place, (path, name) in enumerate(names.items())
    }
    shown = {f"/img/{part}.png": body for part, body in enumerate(pages_of_report())}
    images = "".join(f'<p><img src="{path}"></p>' for path in shown)
    whole = SHOWN.format(TITLE, images).encode()
    return {
        "/nb/index.html": listing({**names, "/nb/2023.html": TITLE}),
        **pictures, **shown, "/nb/2023.html": whole,
    }  # fmt: skip


def drawn(site: dict[str, bytes]) -> Weather:
    """Answers as it should, pictures as such."""

    def answered(path: str, _: int) -> Answer | None:
        kind = "image/png" if path.endswith(".png") else "text/html; charset=utf-8"
        return Answer(body=site[path], media_type=kind) if path in site else None

    return answered


def logs_of(crew: Crew, name: str) -> list[Path]:
    return [*(crew.home / "logs").glob(f"worker-{name}.log")]


@pytest.mark.timeout(900)
def test_pictures_that_workers_share_outlive_one_and_are_read_as_the_command_does(
    crew: Crew, tmp_path: Path
) -> None:
    hosts = {"p000": "127.8.0.1", "p001": "127.8.0.2"}
    sites = {host: drawn(scanned_site(place)) for place, host in enumerate(hosts.values())}
    with county_of(sites) as county:
        rows = {key: county.url(host, "/nb/index.html") for key, host in hosts.items()}
        crew.catalogue(rows, ROW)
        crew.run("crawl", *hosts, "--delay", "0", patience_s=600)
    doubled = Doubled(crew, tmp_path / "waits")
    with twin(crew, tmp_path / "twin") as other:
        alone = Doubled(other, tmp_path / "never")
        assert "10 reports read from pictures" in alone.run("ocr")
        wanted = told(alone)
    assert told(crew) != wanted

    doubled.run("ocr", "--limit", "2")
    doubled.waits.touch()
    assert json.loads(doubled.run("ocr", "--job", "--json")) == {"enqueued": 2, "waiting": 0}
    assert "0 jobs enqueued, 2 wait already" in doubled.run("ocr", "--job")
    doubled.hire("one", at_once=2)
    wait_for(lambda: Path(f"{doubled.waits}.begun").exists())
    strike(doubled, "one")
    doubled.waits.unlink()
    assert "\nocr: " in doubled.run("worker", "--status")
    assert len(crew.ask("SELECT 1 FROM optical_reading")) == 2, "in the middle of it"

    with Store.open(crew.url) as store:
        with store.write_beside() as connection:
            lasts = timedelta(hours=1)
            take_leases(connection, ["visit:p001"], holder="h", who="a visit", lasts=lasts)
        doubled.hire("two", at_once=2)
        busy = "ocr --portal p001: gongkai: a visit has what this one needs: visit:p001"
        wait_for(lambda: any(busy in log.read_text("utf-8") for log in logs_of(crew, "two")))
        with store.write_beside() as connection:
            free_leases(connection, "h", {})
    wait_for(lambda: bool(doubled.schedule()) and not parts_wait(crew), every_s=LEASE_S)
    said = doubled.dismiss()["two"]
    # Which two were read before is chance: pages of both portals come as they come.
    read = {key: int(count) for key, count in READ.findall(said)}
    assert read.keys() == hosts.keys()
    assert sum(read.values()) == 8
    assert "no report waits" in doubled.run("ocr", "--job")
    assert not json.loads(doubled.run("ocr", "--json"))["versions"], "each was read once"
    keep_up(crew)
    assert told(crew) == wanted
    # Both portals show the pictures of one report.
    assert len(crew.ask("SELECT 1 FROM optical_document")) == 9, "what is seen is kept once"


EVERY_TEN_SECONDS = "* * * * * */10"
NOTHING_WAITS = "pictures: no report waits for its pictures to be read"


def by_night(crew: Crew, tmp_path: Path, **more: str) -> Doubled:
    """A portal with five reports that are pictures, crawled, and a worker for whom it is night
    every ten seconds.
    """
    with county_of({"127.8.0.1": drawn(scanned_site(0))}) as county:
        crew.catalogue({"p000": county.url("127.8.0.1", "/nb/index.html")}, ROW)
        crew.run("crawl", "p000", "--delay", "0", patience_s=600)
    doubled = Doubled(crew, tmp_path / "never")
    doubled.more = {"ENGINE_NIGHT": EVERY_TEN_SECONDS, **more}
    doubled.hire("one", at_once=2)
    return doubled


def said(crew: Crew) -> str:
    return "".join(log.read_text("utf-8") for log in logs_of(crew, "one"))


@pytest.mark.timeout(900)
def test_pictures_are_read_by_night_without_being_asked_for_and_once(
    crew: Crew, tmp_path: Path
) -> None:
    doubled = by_night(crew, tmp_path)
    wait_for(lambda: "5 reports read from pictures" in said(crew))
    read = crew.ask("SELECT * FROM optical_reading ORDER BY version_id")
    wait_for(lambda: said(crew).count(NOTHING_WAITS) >= 2)
    assert said(crew).count("pictures: 1 job enqueued") >= 1
    doubled.dismiss()
    assert said(crew).count("read from pictures") == 1, "later nights read nothing again"
    assert crew.ask("SELECT * FROM optical_reading ORDER BY version_id") == read
    assert len(read) == 5
    state = json.loads(doubled.run("worker", "--status", "--json"))
    assert not state["given_up"]


def test_the_night_is_that_of_china() -> None:
    minute, hour, *days = EVERY_NIGHT.split()
    assert days == ["*"] * 3
    night = datetime(2026, 11, 30, int(hour), int(minute), tzinfo=UTC)
    assert night.astimezone(ZoneInfo("Asia/Shanghai")).isoformat() == "2026-12-01T02:00:00+08:00"


@pytest.mark.timeout(900)
def test_a_worker_without_the_package_says_so_once_and_gives_back_what_it_cannot_do(
    crew: Crew, tmp_path: Path
) -> None:
    doubled = by_night(crew, tmp_path, ENGINE_MISSING="1")
    wait_for(lambda: bool(logs_of(crew, "one")))
    assert "1 job enqueued" in doubled.run("ocr", "--job")

    wait_for(lambda: "ocr --portal p000: gongkai: reading pictures needs a package" in said(crew))
    doubled.dismiss()
    assert said(crew).count("this worker reads no pictures: reading pictures needs a package") == 1
    assert "pictures: " not in said(crew).replace("reads no pictures: ", ""), "no night of its own"
    assert parts_wait(crew) == 1, "whoever has the package takes it"
    assert not crew.ask("SELECT 1 FROM optical_reading")


@pytest.mark.timeout(900)
def test_files_are_taken_in_by_workers_one_behind_the_other_and_never_beside_a_visit(
    crew: Crew, tmp_path: Path
) -> None:
    files = [
        written(
            tmp_path / f"{year}.warc.gz",
            response(answer(page(year, year)), url=f"http://www.chengxi.gov.cn/nb/{year}.html",
                     at=f"{year + 1}-03-01T08:00:00Z"),
        )
        for year in (2021, 2022, 2023)
    ]  # fmt: skip
    crew.catalogue({})
    with twin(crew, tmp_path / "twin") as alone:
        for file in files:
            alone.run("import", str(file))
        wanted = told(alone)
        [portal] = alone.ask("SELECT DISTINCT portal_key AS key FROM page")
    assert len(wanted["versions"]) == len(files)
    crew.run("import", *map(str, files), "--job")
    key = f"visit:{portal['key']}"
    with Store.open(crew.url) as store, store.write_beside() as connection:
        lasts = timedelta(seconds=LEASE_S * 2)
        take_leases(connection, [key], holder="h", who="a visit", lasts=lasts)
    [visit] = crew.ask("SELECT until_at AS at FROM worker_lease WHERE who = 'a visit'")
    crew.hire("one", at_once=2)
    crew.hire("two", at_once=2)
    wait_for(lambda: not parts_wait(crew))
    said = "".join(crew.dismiss().values())
    assert said.count("good: ") == len(files)
    keep_up(crew)
    assert told(crew) == wanted
    # The shipped catalogue's own portal is due, too, and visited beside it.
    [first] = crew.ask("SELECT min(ended_at) AS at FROM run WHERE job = 'import'")
    assert first["at"] > visit["at"]
    assert " 0 errors" in crew.run("verify", "--deep")


@pytest.mark.timeout(900)
def test_an_export_by_workers_has_the_rows_of_the_whole_one(crew: Crew, tmp_path: Path) -> None:
    hosts = {"p000": "127.8.0.1", "p001": "127.8.0.2"}
    with county_of({host: fair(county_site()) for host in hosts.values()}) as county:
        rows = {key: county.url(host, "/nb/index.html") for key, host in hosts.items()}
        crew.catalogue(rows, ROW)
        crew.run("crawl", *hosts, "--delay", "0")
    folder = tmp_path / "share"
    folder.mkdir()
    crew.run("export", "documents", "--by", "year", "-o", str(folder / "all.jsonl"), "--job")
    crew.hire("one")
    wait_for(lambda: not parts_wait(crew))
    crew.dismiss()
    whole = crew.run("export", "documents", "-o", "-").splitlines()
    parts = {path.name: path.read_text("utf-8").splitlines() for path in folder.iterdir()}
    years = {f"all-{json.loads(row)['report_year'] or 'none'}.jsonl" for row in whole}
    assert parts.keys() == years
    assert len(years) == 13, "one for what names no year"
    assert sorted(row for rows in parts.values() for row in rows) == sorted(whole)
