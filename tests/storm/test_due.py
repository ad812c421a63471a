"""Thousands of portals in one night, none of which answers: no packet leaves this machine."""

import csv
import json
import os
import time
from pathlib import Path

import pytest

from tests.crawler.conftest import ROOT
from tests.storm.conftest import Storm

LISTED = Path(os.environ.get("GONGKAI_SHARED") or ROOT.parent / "shared") / "portals.csv"


def check_a_night(storm: Storm, portals: int) -> None:
    said = json.loads(storm.run("crawl", "--due", "--json", status=1, patience_s=900))
    assert len(said["portals"]) >= portals
    assert {row["verdict"] for row in said["portals"].values()} == {"bad"}
    status = json.loads(storm.run("status", "--json"))
    judged = [row for row in status["portals"] if row["verdict"] == "bad"]
    assert len(judged) >= portals
    assert status["frontier"] == {}, "the run did not end in order"


def test_a_hundred_closed_portals_get_a_verdict_each(storm: Storm) -> None:
    storm.catalogue({f"p{n}": f"http://www.p{n}.example/" for n in range(100)})
    check_a_night(storm, 100)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_listed_portal_gets_its_verdict(storm: Storm) -> None:
    if not LISTED.exists():
        pytest.skip(f"the list of 3,209 portals is not here: {LISTED}")
    storm.home.mkdir()
    began = time.monotonic()
    storm.run("portals", "import", str(LISTED), status=None)
    assert time.monotonic() - began < 30
    with LISTED.open(encoding="utf-8-sig", newline="") as handle:
        listed = sum(1 for _ in csv.DictReader(handle))
    check_a_night(storm, int(listed * 0.8))
