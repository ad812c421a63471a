"""Commands without their start: a process that has loaded Scrapy, the reader and SQLAlchemy once
forks one for each, as the forkserver of multiprocessing does. A crawl starts in a tenth of a second
instead of two; half of what the tests took was that. What kills a command, or measures it, starts a
process of its own.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_PRELOADED = [
    "archive.cli.arguments",
    "archive.reading.read",
    "crawler.cli.crawl",
    "crawler.fetch.handler",
    "crawler.pipelines.ingest",
    "crawler.spiders.portal",
    "rich.progress",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(_PRELOADED)


def run_forked(
    program: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Runs `python -m MODULE ARGUMENT…` (`program` is what follows -m) as subprocess.run does, its
    output captured. TimeoutError when it takes too long; it is killed then.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        streams = {1: out.fileno(), 2: err.fileno()}
        names = {to: f"/proc/{os.getpid()}/fd/{fd}" for to, fd in streams.items()}
        process = _CONTEXT.Process(target=_live, args=(list(program), str(cwd), dict(env), names))
        process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{program} took more than {timeout_s} s")
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode())
        return subprocess.CompletedProcess(list(program), process.exitcode, *said)


def _live(program: list[str], cwd: str, env: dict[str, str], names: dict[int, str]) -> None:
    """In the child: streams, folder and environment as a command of its own would have them."""
    for to, name in names.items():
        opened = os.open(name, os.O_WRONLY)
        os.dup2(opened, to)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    module, *sys.argv[1:] = program
    runpy.run_module(module, run_name="__main__", alter_sys=True)
