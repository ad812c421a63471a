"""Imports of a few captures, read in this process: a reading process takes longer to start."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from archive.work.imports import importing
from archive.work.ingest.reader_pool import Answer, ReadingTask, read_capture
from tests.support.command import gongkai, server

__all__ = ["gongkai", "server"]


class HereReaders:
    """The reading of `archive.work.ingest.reader_pool.Readers`, without its processes."""

    def __init__(self, folder: Path, *, processes: int) -> None:
        self._folder = folder

    def read(self, task: ReadingTask) -> "Future[Answer]":
        done: Future[Answer] = Future()
        try:
            done.set_result(read_capture(self._folder, task))
        except Exception as error:  # noqa: BLE001 - as a reading process hands it over
            done.set_exception(error)
        return done

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "Readers", HereReaders)
