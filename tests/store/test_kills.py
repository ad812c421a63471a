"""Killed at any instant, nothing is lost and nothing is doubled (promise 1)."""

import json
import subprocess
import sys

import pytest

from tests.store.killed_job import SITE


def homes(root, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.killed_job", *map(str, arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def whole(home) -> bool:
    """Every URL of the site once, one finished run, nothing left; a capture that was not
    committed is fetched again, so captures are exactly as many as pages.
    """
    return (
        home["runs"] == ["finished"]
        and home["left"] == 0
        and home["outcomes"] == home["versions"] == home["captures"] == len(SITE)
        and home["addresses"] == sorted(SITE)
    )


def test_a_job_killed_at_some_statement_ends_whole(root, tmp_path):
    ended = homes(root, tmp_path, "each", 11)
    assert len(ended) > 8
    assert [home["killed_at"] for home in ended if not whole(home)] == []


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_a_job_killed_at_any_statement_ends_whole(root, tmp_path):
    ended = homes(root, tmp_path, "each", 1)
    assert len(ended) > 80
    assert [home["killed_at"] for home in ended if not whole(home)] == []


def test_a_job_killed_again_and_again_ends_whole(root, tmp_path):
    [home] = homes(root, tmp_path, "random", 12, 1)
    assert home["kills"] > 2
    assert whole(home)
