"""What follows a run: its report, its numbers, the message; none of it changes the verdict."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.command import Gongkai
from tests.support.site import site_of
from tests.work.health.test_notify import SECRET, Postbox

PORTAL = '[{key}]\nname = "{key}"\nentries = ["{url}"]\ndelay_s = 0\n'


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def environment(
    gongkai: Gongkai, postbox: Postbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Of commands whose numbers and messages go somewhere; a home is there."""
    told = {"GONGKAI_METRICS_FILE": str(tmp_path / "gongkai.prom"), "GONGKAI_ALERTS": postbox.url}
    environment = gongkai.environment() | told
    monkeypatch.setattr(gongkai, "environment", lambda: environment)
    gongkai.home.mkdir()
    return environment


def test_what_is_due_ends_with_a_report_numbers_and_one_message(
    gongkai: Gongkai, postbox: Postbox, tmp_path: Path, environment: dict[str, str]
) -> None:
    numbers = Path(environment["GONGKAI_METRICS_FILE"])
    with site_of(2) as site:
        gone = [PORTAL.format(key=f"gone{n}", url=f"{site.entry}{n}") for n in range(5)]
        rows = [PORTAL.format(key="well", url=site.entry), *gone]
        (gongkai.home / "portals.toml").write_text("\n".join(rows))
        postbox.status = 500
        gongkai.run("crawl", "--due", status=1)
        assert "warning: alerts: service 1 (json) did not take the message" in gongkai.stderr
        assert "5 portals turned bad" in postbox.taken[0]["title"]
        environment["GONGKAI_METRICS_FILE"] = str(tmp_path / "no.prom")
        (tmp_path / "no.prom").mkdir()
        gongkai.run("crawl", "well", "--full")
        assert "warning: the numbers of this run:" in gongkai.stderr
    assert len(postbox.taken) == 1, "a portal that is named is visited by hand"
    families = {each.name: each for each in text_string_to_metric_families(numbers.read_text())}
    verdicts = {s.labels["verdict"]: s.value for s in families["gongkai_portals"].samples}
    assert verdicts == {"good": 1, "bad": 5, "interrupted": 0}
    first = (gongkai.home / "runs" / "1.txt").read_text("utf-8")
    assert "Run 1: bad" in first
    assert "Portals that are bad: 5" in first
    assert "New reports: 2" in first
    assert (gongkai.home / "runs" / "2.html").is_file()
    assert SECRET not in (gongkai.home / "logs" / "crawl.log").read_text()


def test_a_file_that_rots_makes_a_good_night_end_with_1(
    gongkai: Gongkai, postbox: Postbox, environment: dict[str, str]
) -> None:
    numbers = Path(environment["GONGKAI_METRICS_FILE"])
    with site_of(2) as site:
        (gongkai.home / "portals.toml").write_text(PORTAL.format(key="well", url=site.entry))
        gongkai.run("crawl", "--due")
        assert "WARC" not in gongkai.stderr
        assert "gongkai_warc_files_damaged 0.0" in numbers.read_text()
        assert "gongkai_verified_timestamp_seconds 1" in numbers.read_text()
        [path] = (gongkai.home / "warc").glob("*.warc.gz")
        whole = bytearray(path.read_bytes())
        rotten = whole.copy()
        rotten[len(rotten) // 2] ^= 1
        path.write_bytes(rotten)
        said = gongkai.run("crawl", "--due", status=1)
        assert said.startswith("good: ")
        assert f"damaged: {path}, offset" in gongkai.stderr
        assert "1 of 1 WARC file, round 2 (at its end)" in gongkai.stderr
        assert "gongkai_warc_files_damaged 1.0" in numbers.read_text()
        assert path.name in postbox.taken[-1]["message"]
        path.write_bytes(whole)
        gongkai.run("crawl", "--due")
    assert "bad   fixity" not in gongkai.run("doctor", status=None)
