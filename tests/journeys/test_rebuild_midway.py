"""A ledger that is lost in the middle of a run: what is made again goes on where the run was."""

import signal
import time

import pytest

from tests.journeys.test_kill import check_everything_once
from tests.support.command import Gongkai
from tests.support.site import site_of


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_the_same_command_goes_on_with_the_ledger_made_again(gongkai: Gongkai, how: int) -> None:
    with site_of(60, pause_s=0.03) as site:
        process = gongkai.begin("crawl", site.entry, "--delay", "0")
        while len(site.requests) < 25:
            time.sleep(0.02)
        process.send_signal(how)
        process.communicate(timeout=60)
        for path in gongkai.home.glob("archive.sqlite*"):
            path.unlink()
        gongkai.run("rebuild")
        [run] = gongkai.rows("runs")
        assert run["status"] == ("interrupted" if how == signal.SIGINT else "crashed")
        gongkai.crawl(site.entry)
        check_everything_once(gongkai, site)
        assert len(gongkai.rows("runs")) == 1
        assert "0 errors" in gongkai.run("verify")
