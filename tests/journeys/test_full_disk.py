"""A disk that is full ends the crawl in one line, and costs nothing that was stored."""

import resource

from tests.journeys.test_kill import check_everything_once, check_warcs
from tests.support.command import Gongkai
from tests.support.site import site_of


def test_a_full_disk_ends_in_order_and_the_same_command_goes_on(gongkai: Gongkai) -> None:
    """No file may grow beyond 1 MiB: what a quota or a full disk looks like to a writer."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

    with site_of(1200) as site:
        process = gongkai.start(
            "crawl", site.entry, "--delay", "0", "--concurrency", "8", preexec_fn=small_disk
        )
        out, err = process.communicate(timeout=100)
        assert process.returncode == 4, out + err
        assert "Traceback" not in err
        said = [line for line in err.splitlines() if line.startswith("gongkai:")]
        assert len(said) == 1, err
        gongkai.crawl(site.entry, "--concurrency", "8")
        check_everything_once(gongkai, site)
        check_warcs(gongkai)
