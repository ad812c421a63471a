"""A crawl in this process: what happens behind its pages."""

import os
import signal
import subprocess
import sys

import pytest

from crawler.job import heard_behind
from tests.support.command import ROOT


def scrapy_is_deaf(_: int, __: object) -> None:
    """As its handler is once the reactor has stopped."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_behind_the_pages_is_heard(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with heard_behind(lambda: signal.signal(number, scrapy_is_deaf)) as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
    assert signal.getsignal(number) is before


def loaded_by(module: str) -> list[str]:
    """What is loaded when a module is, in that order."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def test_a_reading_process_of_a_visit_does_without_what_crawls() -> None:
    """It is spawned, and so imports the module that the visit was begun with."""
    loaded = {name.partition(".")[0] for name in loaded_by("crawler.visit")}
    assert not loaded & {"scrapy", "twisted", "sqlalchemy", "cryptography", "lxml"}


def test_scrapy_makes_its_deprecated_classes_while_few_modules_are_loaded() -> None:
    loaded = loaded_by("crawler.job")
    assert loaded.index("scrapy.core.downloader.tls") < loaded.index("sqlalchemy")
    assert "twisted.internet.reactor" not in loaded, "it would be another one than ours"
