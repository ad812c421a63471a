"""Commands without their start: a process that has loaded Scrapy, the reader and SQLAlchemy once
forks one for each, as the forkserver of multiprocessing does, and their reading processes too: a
crawl of a few pages takes 1.7 seconds of the processor, 4.1 where its readers are spawned, 6 where
it is started itself. What fails is tried again after a quarter of a second instead of one. What
kills a command, or measures it, starts a process of its own.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from multiprocessing import forkserver
from pathlib import Path

from archive.work.ingest import outcomes, process_pool

_PRELOADED = [
    "alembic.command",
    "archive.cli.bundle",
    "archive.cli.preservation",
    "archive.cli.query",
    "archive.cli.rebuild",
    "archive.cli.reread",
    "archive.cli.seal",
    "archive.reading.files.compound",
    "archive.reading.files.locked",
    "archive.store.write.rekeying",
    "archive.work.health.metrics",
    "archive.work.health.notify",
    "archive.work.ingest.converters",
    "archive.work.jobs.upkeep",
    "crawler.addon",
    "crawler.cli.crawl",
    "crawler.extensions.progress",
    "crawler.fetch.gate",
    "crawler.fetch.handler",
    "crawler.frontier.scheduler",
    "crawler.pipelines.ingest",
    "crawler.robots.middleware",
    "crawler.spiders.portal",
    "mako.template",
    "pygments.lexers",
    "rich.progress",
    "scrapy.core.downloader.handlers.datauri",
    "scrapy.core.downloader.handlers.file",
    "scrapy.core.downloader.handlers.ftp",
    "scrapy.core.downloader.handlers.s3",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.httpauth",
    "scrapy.downloadermiddlewares.httpcache",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.httpproxy",
    "scrapy.downloadermiddlewares.offsite",
    "scrapy.downloadermiddlewares.redirect",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.downloadermiddlewares.stats",
    "scrapy.downloadermiddlewares.useragent",
    "scrapy.extensions.corestats",
    "scrapy.logformatter",
    "scrapy.statscollectors",
    "settings.base",
    "sqlalchemy.dialects.postgresql",
    "tests.support.warm",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(_PRELOADED)


def run_forked(
    program: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Runs `python -m MODULE ARGUMENT…` (`program` is what follows -m), or `python -c CODE …`
    (`program` begins with -c), as subprocess.run does, its output captured. TimeoutError when it
    takes too long; it is killed then.
    """
    process = Forked(program, cwd=cwd, env=env)
    try:
        out, err = process.communicate(timeout_s)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate()
        raise TimeoutError(f"{program} took more than {timeout_s} s") from late
    return subprocess.CompletedProcess(list(program), process.poll() or 0, out, err)


class Forked:
    """A command that `run_forked` would run, at work: what tests ask of subprocess.Popen."""

    def __init__(self, program: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        # Open until what the command printed was read.
        self._streams = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 - see above
        names = {n: f"/proc/{os.getpid()}/fd/{s.fileno()}" for n, s in enumerate(self._streams, 1)}
        self._process = _CONTEXT.Process(
            target=live, args=(list(program), str(cwd), dict(env), names)
        )
        self._process.start()
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it printed; subprocess.TimeoutExpired where it goes on after that many seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked command", timeout or 0)
        said = []
        for stream in self._streams:
            stream.seek(0)
            said.append(stream.read().decode())
            stream.close()
        return said[0], said[1]


class Forking:
    """What `process_pool` starts its children with instead of spawning them. They end with their
    pipe, when whoever asked for them ends; nothing kills them with it.

    names: what their streams are; those of the process that forks them where they are not named.
    """

    Pipe = staticmethod(_CONTEXT.Pipe)

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = dict(names)

    def Process(  # noqa: N802 - as multiprocessing spells it
        self, *, target: Callable[..., None], args: tuple[object, ...], daemon: bool
    ) -> "multiprocessing.process.BaseProcess":
        where = (str(Path.cwd()), dict(os.environ), self._names)
        return _CONTEXT.Process(target=_live_below, args=(where, target, args), daemon=daemon)


def _live_below(
    where: tuple[str, dict[str, str], dict[int, str]],
    target: Callable[..., None],
    args: tuple[object, ...],
) -> None:
    """In a child of the command, whose parent is another process than it thinks."""
    _dress(*where)
    pipe, _, *rest = args
    target(pipe, os.getppid(), *rest)


def live(program: list[str], cwd: str, env: dict[str, str], names: dict[int, str]) -> None:
    """In the child that is the command: what `run_forked` was given, and what its streams are."""
    _dress(cwd, env, names)
    # The one that forked this process is asked again: multiprocessing would start another.
    forkserver._forkserver.ensure_running = lambda: None
    process_pool._SPAWNING = Forking(names)
    outcomes.FIRST_PAUSE = timedelta(seconds=0.25)
    module, *sys.argv[1:] = program
    if module == "-c":
        sys.argv[:2] = ["-c"]
        exec(program[1], {"__name__": "__main__"})  # noqa: S102 - a test's own
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _dress(cwd: str, env: dict[str, str], names: dict[int, str]) -> None:
    """Streams, folder and environment as a command of its own would have them."""
    for to, name in names.items():
        with suppress(FileNotFoundError):  # whoever wanted to read it is gone
            opened = os.open(name, os.O_WRONLY)
            os.dup2(opened, to)
            os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
