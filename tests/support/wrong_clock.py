"""The command on a machine whose clock is wrong, and so are those of the processes that it starts:
python -m tests.support.wrong_clock worker …, with TESTS_CLOCK_AHEAD_S seconds.
"""

import datetime as dt
import os
import sys
import time
from importlib import import_module

AHEAD_S = float(os.environ.get("TESTS_CLOCK_AHEAD_S", "0"))


class Wrong(dt.datetime):
    """As the system's own, but for its clock."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        return dt.datetime.fromtimestamp(time.time(), tz)


def set_wrong() -> None:
    today = time.time
    time.time = lambda: today() + AHEAD_S
    import_module("archive.work.clock").datetime = Wrong


if __name__ == "__main__":
    set_wrong()
    place = sys.argv[1] if sys.argv[1:2] and "." in sys.argv[1] else "crawler.cli"
    if place != "crawler.cli":
        sys.argv.pop(1)
    if place == "crawler.cli":
        # Its visits are processes of the same machine.
        worker = import_module("crawler.cli.worker")
        worker.PYTHON = (sys.executable, "-m", "tests.support.wrong_clock")
    sys.exit(import_module(place).main())
