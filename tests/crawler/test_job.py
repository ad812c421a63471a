"""A crawl in this process: what happens behind its pages."""

import os
import signal

import pytest

from crawler.job import heard_behind


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
