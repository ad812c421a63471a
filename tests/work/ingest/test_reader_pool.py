"""The reading processes: how they begin and end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.work.ingest.reader_pool import worth_starting

SLOW_START = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    time.sleep(0.5)
"""
OPENED_AND_CLOSED = """
from pathlib import Path
from archive.work.ingest.reader_pool import Readers
if __name__ == "__main__":
    Readers(Path("."), processes=2).close()
"""


def test_children_stopped_half_way_into_their_start_say_nothing(tmp_path: Path) -> None:
    """Python would print a traceback of its own on the terminal, were they asked to stop."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_START)
    script = tmp_path / "script.py"
    script.write_text(OPENED_AND_CLOSED)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""


def test_few_captures_are_read_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert [worth_starting(each) for each in (0, 5, 39, 40, 60, 1_000)] == [1, 1, 1, 2, 3, 4]
