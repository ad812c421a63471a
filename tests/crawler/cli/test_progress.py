"""How far a crawl is, as its user sees it."""

import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archive import progress
from archive.model.outcome import Outcome
from archive.terminal import Ui
from crawler.cli.crawl import shower
from tests.support.command import ROOT
from tests.support.site import site_of

WATCHED = """
import json, sys
from pathlib import Path
from crawler.job import crawl
from crawler.options import CrawlRequest
if __name__ == "__main__":
    seen = []
    def show(outcomes, waiting, seconds):
        seen.append((outcomes.total(), waiting))
    crawl(CrawlRequest(home=Path(sys.argv[1]), targets=(sys.argv[2],), delay_s=0.2), progress=show)
    print(json.dumps(seen))
"""


def test_what_waits_is_part_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0)
    told = io.StringIO()
    with Ui(err=told).progress("crawling") as meter:
        shower(meter)(Counter({Outcome.NEW: 3, Outcome.GONE: 1}), 6, 2.0)
    assert told.getvalue().splitlines()[0] == "2.0 pages/s, 3 new, 1 gone: 4 of 10"


def test_a_crawl_knows_how_many_urls_wait(tmp_path: Path) -> None:
    """All that the list names, not only what is being fetched; robots.txt is none of them."""
    script = tmp_path / "watched.py"
    script.write_text(WATCHED)
    with site_of(12) as site:
        done = subprocess.run(
            [sys.executable, str(script), str(tmp_path / "home"), site.entry],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=100, check=True,
        )  # fmt: skip
    seen = [tuple(each) for each in json.loads(done.stdout)]
    assert {done + waiting for done, waiting in seen if done > 1} == {13}
