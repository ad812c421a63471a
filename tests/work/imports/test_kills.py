"""Killed at any moment, an import loses nothing and doubles nothing: the same command goes on."""

import json
import random
import resource
import signal
import time
from pathlib import Path

import pytest

from tests.journeys.test_kill import check_warcs, kill_after
from tests.support.command import Gongkai
from tests.support.site import pages_of
from tests.work.imports.making import SITE, page, response, revisit, written

AT = "2024-03-{:02}T08:00:00Z"
_SAME = ("url", "captured_at", "status", "payload_digest", "record_type", "outcome", "source")


def county(path: Path, reports: int) -> Path:
    """A site, captured twice: some pages changed, some stand as revisits."""
    records = []
    for number, (name, text) in enumerate(sorted(pages_of(reports).items())):
        body = text.encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        records.append(response(head + body, url=SITE + name, at=AT.format(1)))
        if number % 3 == 1:
            again = revisit(url=SITE + name, at=AT.format(2), of=body, head=head)
            records.append(again)
        elif number % 3 == 2 and "index" not in name:
            changed = body.replace("主动公开".encode(), "依法公开".encode())
            records.append(response(head + changed, url=SITE + name, at=AT.format(2)))
    return written(path, *records)


def told(gongkai: Gongkai) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What an import left: captures and versions, without where they lie."""
    captures = [tuple(row[name] for name in _SAME) for row in gongkai.rows("captures")]
    versions = [
        (row["url"], row["version"], row["content_hash"], row["captured_at"])
        for row in gongkai.rows("versions")
    ]
    return sorted(captures, key=str), sorted(versions, key=str)


def survive(tmp_path: Path, gongkai: Gongkai, kills: int, reports: int, longest_s: float) -> None:
    file = county(tmp_path / "county.warc.gz", reports)
    quiet = Gongkai(tmp_path / "quiet")
    quiet.run("import", str(file))
    chance = random.Random(20261130)
    for _ in range(kills):
        if kill_after(gongkai, ["import", str(file)], chance.uniform(0.3, longest_s)) is not None:
            break
    gongkai.run("import", str(file))
    assert told(gongkai) == told(quiet)
    gongkai.run("verify", "--deep")
    check_warcs(gongkai)
    assert {row["verdict"] for row in gongkai.rows("runs")} == {"good"}


def test_three_kills_lose_nothing_and_double_nothing(tmp_path: Path, gongkai: Gongkai) -> None:
    survive(tmp_path, gongkai, 3, 40, 2.5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_lose_nothing_and_double_nothing(tmp_path: Path, gongkai: Gongkai) -> None:
    survive(tmp_path, gongkai, 20, 150, 4.0)


def test_a_killed_import_says_what_it_was_and_what_it_had_taken_in(
    tmp_path: Path, gongkai: Gongkai
) -> None:
    file = county(tmp_path / "county.warc.gz", 40)
    process = gongkai.begin("import", str(file))
    deadline = time.monotonic() + 60
    while not (list(gongkai.home.glob("warc/*.open")) and gongkai.rows("captures")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    before, said = len(gongkai.rows("captures")), gongkai.run("status")
    [crashed] = [line for line in said.splitlines() if " crashed " in line]
    assert "import" in crashed
    assert "the same command goes on" in said
    told = json.loads(gongkai.run("import", str(file), "--json"))
    everything = len(gongkai.rows("captures"))
    assert told["taken_in"] == everything - before
    assert told["reason"].startswith(
        f"{everything - before} captures taken in, {before} before this run was broken off"
    )
    assert sum(told["outcomes"].values()) == everything


def test_an_interrupted_import_says_so_and_goes_on(tmp_path: Path, gongkai: Gongkai) -> None:
    file = county(tmp_path / "county.warc.gz", 30)
    process = gongkai.begin("import", str(file))
    deadline = time.monotonic() + 60
    while not list(gongkai.home.glob("warc/*.open")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert err == "gongkai: interrupted; the same command goes on\n"
    said = json.loads(gongkai.run("import", str(file), "--json"))
    assert said["verdict"] == "good"
    assert [row["verdict"] for row in gongkai.rows("runs")] == ["good"], "one run"


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(
    tmp_path: Path, gongkai: Gongkai
) -> None:
    """No file may grow beyond 1,200 KiB: what a quota or a full disk looks like to a writer."""
    pictures = [
        response(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!--"
            + random.Random(number).randbytes(200_000).hex().encode()
            + b"-->"
            + page(number),
            url=f"{SITE}/nb/{number}.html",
        )
        for number in range(12)
    ]
    file = written(tmp_path / "large.warc.gz", *pictures)
    limit = 1200 * 1024
    small = gongkai.start(
        "import", str(file),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    _, err = small.communicate(timeout=100)
    assert small.returncode == 4, err
    assert err.count("\n") == 1, err
    assert "run the same command" in err
    gongkai.run("import", str(file))
    assert len(gongkai.rows("captures")) == 12
    gongkai.run("verify")
