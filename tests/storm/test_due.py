"""Thousands of portals in one night, none of which answers: no packet leaves this machine."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.storm.conftest import Storm
from tests.support.command import ROOT

LISTED = Path(os.environ.get("GONGKAI_SHARED") or ROOT.parent / "shared") / "portals.csv"
IMPORT_PATIENCE_S = 10


def check_a_night(storm: Storm) -> None:
    """Every portal of the catalogue, the shipped ones too, has its verdict when the run ends."""
    known = {row["key"] for row in json.loads(storm.run("portals", "list", "--json"))}
    said = json.loads(storm.run("crawl", "--due", "--json", status=1, patience_s=900))
    assert set(said["portals"]) == known
    assert {row["verdict"] for row in said["portals"].values()} == {"bad"}
    status = json.loads(storm.run("status", "--json"))
    assert {row["portal"] for row in status["portals"] if row["verdict"] == "bad"} == known
    assert status["frontier"] == {}, "the run did not end in order"


def test_a_hundred_closed_portals_get_a_verdict_each(storm: Storm) -> None:
    storm.catalogue({f"p{n}": f"http://www.p{n}.example/" for n in range(100)})
    check_a_night(storm)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_listed_portal_gets_its_verdict(storm: Storm) -> None:
    if not LISTED.exists():
        pytest.skip(f"the list of 3,209 portals is not here: {LISTED}")
    storm.home.mkdir()
    began = time.monotonic()
    storm.run("portals", "import", str(LISTED), status=None)
    assert time.monotonic() - began < IMPORT_PATIENCE_S
    check_a_night(storm)
