"""Runs read; a URL is visited first."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from archive.cli import read
from archive.command import DONE, INTERRUPTED, USAGE
from archive.model.errors import UsageError
from archive.terminal import Ui


def run_read(args: argparse.Namespace, ui: Ui) -> int:
    """Prints what is read of one page; a URL is visited first."""
    return read.run_read(args, ui, visited)


def visited(home: Path, url: str) -> str | None:
    """Crawls one URL into a home of its own, in a process of its own: Scrapy's loop starts once.
    Returns why it went wrong; None when it did not. The archive that the environment names is
    left alone.
    """
    ours = {"GONGKAI_HOME", "GONGKAI_DATABASE_URL", "GONGKAI_WARC_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    # -P: a settings.py or an archive/ in the user's folder is none of ours.
    command = [sys.executable, "-P", "-m", "crawler.cli", "--home", str(home), "crawl", url,
               "--max-pages", "1", "--delay", "0"]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command, no shell
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    if done.returncode == USAGE:
        raise UsageError(done.stderr.strip().removeprefix("gongkai: "))
    return None if done.returncode == DONE else (done.stdout or done.stderr).strip() or None
