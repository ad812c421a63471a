"""The command with a double of what recognises pictures: python -m tests.support.other_engine ocr …

It knows pictures made by tests.support.pictures.scan. ENGINE_WAITS names a file: while that is
there, it says in the file beside it that it has begun, and waits. ENGINE_DIES names a file: while
that is there, it dies over every picture. ENGINE_MISSING: the package is not there. ENGINE_NIGHT: when
workers put the reading of pictures into their queue, as cron writes it with seconds at its end.
"""

import os
import signal
import sys
import time
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


def _pretend() -> None:
    double = import_module("tests.support.pictures")

    def recognise(bodies, *, limits=None, spent=None, alarm=None):
        waits = os.environ.get("ENGINE_WAITS")
        if bodies and waits and Path(waits).exists():
            Path(f"{waits}.begun").touch()
            while True:
                time.sleep(1)
        dies = os.environ.get("ENGINE_DIES")
        if bodies and dies and Path(dies).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return double.recognised(bodies)

    import_module("archive.reading.optical.recognise").recognise = recognise
    if os.environ.get("ENGINE_MISSING"):
        sys.modules["rapidocr"] = None  # as if it could not be found
    elif "rapidocr" not in sys.modules:
        stands_in = ModuleType("rapidocr")
        stands_in.__spec__ = ModuleSpec("rapidocr", None)
        sys.modules["rapidocr"] = stands_in


if __name__ in {"__main__", "__mp_main__"}:  # the children import this module too
    _pretend()
if __name__ == "__main__":
    place = sys.argv.pop(1) if sys.argv[1:2] and "." in sys.argv[1] else "crawler.cli"
    if place == "crawler.cli":
        # The parts that a worker begins have the double, too.
        worker = import_module("crawler.cli.worker")
        worker.PYTHON = (sys.executable, "-m", "tests.support.other_engine")
        if night := os.environ.get("ENGINE_NIGHT"):
            import_module("archive.work.jobs.worker").EVERY_NIGHT = night
    sys.exit(import_module(place).main())
