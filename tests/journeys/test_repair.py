"""What is lost is named, asked for again where the portal has it, and marked as lost where not."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server

LIST = "/nb/"
TEXT = "<p>全年主动公开政府信息{0}条，收到申请{0}件，均在法定期限内办结，没有发生行政复议。</p>"


def report(number: int) -> str:
    title = f"澄溪县202{number}年政府信息公开工作年度报告"
    return f"<title>{title}</title><h1>{title}</h1><div>{TEXT.format(number) * 4}</div>"


def listed(*names: str) -> str:
    items = "".join(f'<li><a href="{each}">澄溪县{each}年度报告</a></li>' for each in names)
    return f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{items}</ul>"


@pytest.fixture(scope="module")
def served() -> Iterator[RawServer]:
    with raw_server() as running:
        running.answers = {
            LIST: page(listed("a", "b", "c", "d")),
            "/nb/a": page(report(1)),
            "/nb/b": [page(report(2)), page(report(2).replace("没有", "也没有", 1))],
            "/nb/c": [page(report(3)), page("no", head="HTTP/1.1 404 Not Found")],
            "/nb/d": page(report(4)),
        }
        yield running


@pytest.fixture(scope="module")
def crawled(served: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Gongkai:
    gongkai = Gongkai(tmp_path_factory.mktemp("crawled") / "home")
    gongkai.crawl(f"{served.url}{LIST}")
    return gongkai


@pytest.fixture
def archive(crawled: Gongkai, tmp_path: Path) -> Gongkai:
    copy = Gongkai(tmp_path / "home")
    shutil.copytree(crawled.home, copy.home)
    copy.ahead = timedelta(hours=25)
    return copy


def damage(gongkai: Gongkai, *names: str) -> None:
    """Changes bytes of these pages' records; their heads and lengths stay."""
    for row in gongkai.rows("captures"):
        if str(row["url"]).rsplit("/", 1)[1] in names:
            path = gongkai.home / "warc" / str(row["warc_file"])
            raw = bytearray(path.read_bytes())
            raw[int(str(row["warc_offset"])) + 400] ^= 0xFF
            path.write_bytes(raw)


def states(gongkai: Gongkai, told: str) -> dict[str, str]:
    return {row["url"].rsplit("/", 1)[1]: row["state"] for row in json.loads(told)}


def test_a_whole_archive_has_nothing_to_repair(archive: Gongkai) -> None:
    assert "0 captures known as lost" in archive.run("repair", "--delay", "0")
    assert len(archive.rows("runs")) == 1


def test_what_the_portal_still_has_is_there_again_and_what_not_is_marked(
    archive: Gongkai, served: RawServer
) -> None:
    damage(archive, "a", "b", "c")
    archive.run("verify", status=1)
    assert "3 captures lost or damaged" in archive.run("repair", "--dry-run", status=1)
    told = json.loads(archive.run("repair", "--dry-run", "--json", status=1))
    assert (len(told["lost"]), told["dry_run"]) == (3, True)
    asked = {path: len(requests) for path, requests in served.requests.items()}
    told = archive.run("repair", "--delay", "0", "--json", status=1)
    assert states(archive, told) == {"a": "replaced", "b": "lost", "c": "lost"}
    again = {path for path, requests in served.requests.items() if len(requests) > asked[path]}
    assert again == {"/robots.txt", "/nb/a", "/nb/b", "/nb/c"}
    versions = {(str(row["url"])[-1], row["version"]) for row in archive.rows("versions")}
    assert versions == {("/", 1), ("a", 1), ("b", 1), ("b", 2), ("c", 1), ("d", 1)}
    checked = archive.run("verify")
    assert "0 errors" in checked
    assert "known as lost" in checked
    damage(archive, "d")
    assert "known as lost" in archive.run("verify", status=1)


def test_a_file_that_is_missing_is_known_afterwards(archive: Gongkai, served: RawServer) -> None:
    [path] = (archive.home / "warc").glob("*.warc.gz")
    path.unlink()
    archive.run("repair", "--delay", "0", status=1)
    assert "0 errors" in archive.run("verify")
    archive.ahead = timedelta(hours=50)
    archive.crawl(f"{served.url}{LIST}", "--full", status=None)
    assert "missing or cut" not in archive.stderr
    replaced = {row["replaced_by"] is not None for row in archive.rows("lost_capture")}
    assert replaced == {True, False}
    assert "0 errors" in archive.run("verify", "--deep")


def test_what_asking_again_brought_is_told_by_the_run_and_not_by_the_clock(
    archive: Gongkai, served: RawServer
) -> None:
    whole = served.answers["/nb/d"]
    archive.ahead = timedelta(days=2)
    served.answers["/nb/d"] = page("no", head="HTTP/1.1 410 Gone")
    archive.crawl(f"{served.url}{LIST}", "--full", status=None)
    archive.ahead, served.answers["/nb/d"] = timedelta(hours=1), whole
    damage(archive, "d")
    told = json.loads(archive.run("repair", "--delay", "0", "--json", status=None))
    [detail] = [each["detail"] for each in told if each["state"] == "replaced"]
    assert "; asked again: unchanged (same " in detail


def dated(number: int, day: int) -> bytes:
    """The same content in other bytes each day."""
    return page(report(number).replace("<title>", f'<meta name="PubDate" content="{day}"><title>'))


def test_another_content_never_stands_in_for_a_lost_one_though_a_clock_was_behind(
    gongkai: Gongkai, server: RawServer
) -> None:
    """By their times the second content was there before the first."""
    for ahead, (number, day) in ((0, (1, 1)), (-900, (2, 2)), (0, (2, 3))):
        server.answers = {LIST: page(listed("a")), "/nb/a": dated(number, day)}
        gongkai.ahead = timedelta(days=ahead)
        gongkai.crawl(f"{server.url}{LIST}", "--full", status=None)
        if day == 1:
            damage(gongkai, "a")
    gongkai.ahead = timedelta(hours=1)
    told = gongkai.run("repair", "--delay", "0", "--json", status=1)
    assert states(gongkai, told) == {"a": "lost"}


def test_what_is_asked_again_stands_in_for_what_a_clock_ahead_saw(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = {LIST: page(listed("a")), "/nb/a": [dated(1, 1), dated(1, 2)]}
    gongkai.ahead = timedelta(days=900)
    gongkai.crawl(f"{server.url}{LIST}", status=None)
    damage(gongkai, "a")
    gongkai.ahead = timedelta(0)
    told = gongkai.run("repair", "--delay", "0", "--json", status=None)
    assert states(gongkai, told) == {"a": "replaced"}
    gongkai.run("verify", "--deep")


def test_an_index_without_a_file_names_it(
    archive: Gongkai, served: RawServer, tmp_path: Path
) -> None:
    archive.crawl(f"{served.url}{LIST}", "--full", status=None)
    first, second = sorted((archive.home / "warc").glob("*.warc.gz"))
    index = tmp_path / "a.cdxj"
    archive.run("index", "-o", str(index))
    whole = index.read_text().splitlines()
    second.unlink()
    archive.run("index", "-o", str(index), status=1)
    assert f"the ledger names: {second.name}" in archive.stderr
    assert index.read_text().splitlines() == [line for line in whole if first.name in line]
    assert archive.run("index", status=1) == index.read_text()
    told = json.loads(archive.run("index", "-o", str(index), "--json", status=1))
    assert (told["warc_files"], told["missing"]) == (1, [second.name])
    first.unlink()
    left = index.read_text()
    archive.run("index", "-o", str(index), status=1)
    assert first.name in archive.stderr, "nothing is there, and what is missing is not told"
    assert f"no WARC files in {archive.home / 'warc'}" in archive.stderr
    assert index.read_text() == left, "an index was replaced by an empty one"
    archive.run("repair", "--delay", "0", status=1)
    archive.run("index")
    assert archive.stderr == "", "told though it is known as lost"


def test_the_ledger_is_made_again_with_what_was_brought_back(archive: Gongkai) -> None:
    damage(archive, "a")
    archive.run("repair", "--delay", "0")
    before = sorted(map(repr, archive.rows("documents")))
    for path in archive.home.glob("archive.sqlite*"):
        path.unlink()
    archive.run("rebuild", status=1)
    assert sorted(map(repr, archive.rows("documents"))) == before


def test_a_repair_that_was_killed_goes_on(archive: Gongkai) -> None:
    damage(archive, "a", "d")
    for seconds in (1.0, 2.0):
        process = archive.begin("repair", "--delay", "0.5")
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    told = archive.run("repair", "--delay", "0", "--json")
    assert states(archive, told) == {"a": "replaced", "d": "replaced"}
    assert {row["version"] for row in archive.rows("versions")} <= {1, 2}
    assert "0 errors" in archive.run("verify")
