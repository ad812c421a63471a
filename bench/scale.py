"""How fast an archive of the whole country answers: `gongkai serve` over one that bench.filling
made, asked one question at a time, then by fifty clients at once; and its figures exported.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import text

from archive.store import Connection, Store
from bench.filling import Filled, filled
from bench.ledger import bytes_by_table
from bench.measure import run
from bench.questions import Question, Sample, drawn, questions
from bench.report import MIB

CLIENTS: Final = 50
_PAUSE_S: Final = 0.2
_MANY: Final = 200
_BACKENDS: Final = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type IN ('client backend', 'parallel worker') AND pid <> pg_backend_pid()"
)
_TABLES: Final = (
    "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables ORDER BY 2 DESC"
)
_SETTINGS: Final = (
    "SELECT split_part(current_setting('server_version'), ' ', 1),"
    " current_setting('shared_buffers'), current_setting('work_mem')"
)
_Answer = tuple[int, http.client.HTTPMessage, bytes]


@dataclass(slots=True)
class Waits:
    """How long the answers to one kind of question took, in ms, and what the server spent on them.
    aim: what p95 may be at most. failed: answers by status that were none.
    """

    aim: float
    ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)

    def row(self, name: str) -> str:
        """A row of the table."""
        p95, cpu = _p95(self.ms), _p95(self.cpu_ms)
        failed = ", ".join(f"{count} × {status}" for status, count in self.failed.items())
        kept = "yes" if p95 <= self.aim else "by CPU" if cpu <= self.aim else "**no**"
        medians = f"{statistics.median(self.ms):.0f} | {statistics.median(self.cpu_ms):.0f}"
        aims = f"{self.aim:.0f} | {failed or kept}"
        return f"| {name} | {len(self.ms)} | {medians} | {p95:.0f} | {cpu:.0f} | {aims} |"


def _p95(found: Sequence[float]) -> float:
    return sorted(found)[int(len(found) * 0.95)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What many clients at once got, by status. what: they asked for. bare: answers 503 that do not
    say when to come again. runs_ms: how long /runs took beside them.
    """

    what: str
    answers: Mapping[int, int]
    bare: int
    runs_ms: Sequence[float]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """All that was measured of an archive. held, found: pages that have one of the numbers, and how
    many of these its search gives. export_s, export_bytes: of `export figures`. sizes: bytes of the
    ledger by table.
    """

    filled: Filled
    engine: str
    waits: Mapping[str, Waits]
    held: int
    found: int
    loads: Sequence[Load]
    export_s: float
    export_bytes: int
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is asked. process: its id. place: of its archive."""

    port: int
    process: int
    place: str

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept open."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def processes(self) -> list[int]:
        """Itself, and the processes of a database on this machine that answer it now."""
        if not self.place.startswith("postgresql"):
            return [self.process]
        with Store.open(self.place, read_only=True) as store, store.read() as connection:
            others = list(connection.scalars(text(_BACKENDS)))
        names = [Path(f"/proc/{each}/comm") for each in others]
        here = all(name.exists() and name.read_text() == "postgres\n" for name in names)
        return [self.process, *others] if here else [self.process]


def measured(place: str, seconds: float = 20.0) -> Scale:
    """Everything about the archive at a home or database URL."""
    with Store.open(place, read_only=True) as store, store.read() as connection:
        sample, facts = drawn(connection), filled(connection)
        engine, sizes = _engine(connection), _sizes(connection, place)
    with serving(place) as server:
        waits = {each.name: ask(server, each) for each in questions(sample)}
        waits["200 numbers of five digits"], held, found = recall(server, sample)
        loads = [load(server, what, paths, seconds) for what, paths in _loads(sample).items()]
    export_s, export_bytes = exported(place)
    return Scale(
        filled=facts,
        engine=engine,
        waits=waits,
        held=held,
        found=found,
        loads=loads,
        export_s=export_s,
        export_bytes=export_bytes,
        sizes=sizes,
    )


def _engine(connection: Connection) -> str:
    """What answers the server, with what it may remember."""
    if connection.dialect.name == "sqlite":
        return "sqlite"
    version, buffers, memory = connection.execute(text(_SETTINGS)).one()
    return f"postgresql {version}, {buffers} of buffers, {memory} to sort in"


def _sizes(connection: Connection, place: str) -> Mapping[str, int]:
    if connection.dialect.name == "sqlite":
        return bytes_by_table(Path(place) / "archive.sqlite")
    return dict(tuple(row) for row in connection.execute(text(_TABLES)))


@contextmanager
def serving(place: str) -> Iterator[Server]:
    """`gongkai serve` over an archive, as users start it."""
    command = [sys.executable, "-m", "archive.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=_environment(place), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    ) as server:  # fmt: skip
        try:
            yield Server(_port(server), server.pid, place)
        finally:
            server.terminate()


def _environment(place: str) -> dict[str, str]:
    """What leads a command to an archive."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI")}
    if "://" not in place:
        return known | {"GONGKAI_HOME": place}
    return known | {"GONGKAI_DATABASE_URL": place}


def _port(server: "subprocess.Popen[str]") -> int:
    said = []
    for line in server.stdout or ():
        said.append(line)
        if "http://127.0.0.1:" in line:
            return int(line.split("http://127.0.0.1:")[1].split("/")[0])
    raise RuntimeError(f"the server does not start: {''.join(said)}")


def ask(server: Server, question: Question) -> Waits:
    """One kind of question, one answer at a time; each is asked once before it counts."""
    connection = server.connect()
    for path in dict.fromkeys(question.paths):
        _get(connection, path)
    waits, processes = Waits(question.aim), server.processes()
    for path in question.paths:
        _timed(processes, connection, path, waits)
    print(waits.row(question.name), flush=True)
    return waits


def recall(server: Server, sample: Sample) -> tuple[Waits, int, int]:
    """Numbers of five digits: how long the first hits took, how many pages have one of them, and
    how many of these were found.
    """
    connection, waits, held, found = server.connect(), Waits(300), 0, 0
    processes = server.processes()
    for number, urls in sample.numbers.items():
        status, body = _timed(processes, connection, f"/api/search?q={number}&limit={_MANY}", waits)
        hits = _all_hits(connection, number, json.loads(body)) if status == 200 else set()
        held, found = held + len(urls), found + len(urls & hits)
    print(waits.row("numbers"), found, "of", held, flush=True)
    return waits, held, found


def _timed(
    processes: Sequence[int], connection: http.client.HTTPConnection, path: str, waits: Waits
) -> tuple[int, bytes]:
    began, spent = time.perf_counter(), _cpu_ns(processes)
    status, _, body = _get(connection, path)
    waits.ms.append((time.perf_counter() - began) * 1000)
    waits.cpu_ms.append((_cpu_ns(processes) - spent) / 1e6)
    if status != 200:
        waits.failed[status] += 1
    return status, body


def _cpu_ns(processes: Sequence[int]) -> int:
    """Nanoseconds that all threads of the processes have run: finer than the clock's ticks."""
    folders = [Path(f"/proc/{each}/task") for each in processes]
    tasks = [task for each in folders if each.exists() for task in each.iterdir()]
    return sum(int((each / "schedstat").read_text().split()[0]) for each in tasks)


def _all_hits(connection: http.client.HTTPConnection, number: str, answer: Any) -> set[str]:
    urls = set[str]()
    while True:
        urls |= {hit["url"] for hit in answer["hits"]}
        if not answer["next"]:
            return urls
        path = f"/api/search?q={number}&limit={_MANY}&after={answer['next']}"
        answer = json.loads(_get(connection, path)[2])


def _loads(sample: Sample) -> dict[str, list[str]]:
    """What many clients ask for at once: searches, and anything."""
    asked = [(each.name, path) for each in questions(sample) for path in each.paths]
    searches = [path for name, path in asked if name.startswith("search")]
    return {"searches": searches, "anything": [path for _, path in asked]}


def load(server: Server, what: str, paths: Sequence[str], seconds: float) -> Load:
    """Many clients ask, each one question after the other, while /runs is looked at."""
    answers, bare, lock = Counter[int](), [0], threading.Lock()
    ends = time.monotonic() + seconds

    def client(number: int) -> None:
        chosen = random.Random(number)  # noqa: S311 - which question is asked
        connection = server.connect()
        while time.monotonic() < ends:
            status, headers, _ = _get(connection, chosen.choice(paths))
            with lock:
                answers[status] += 1
                bare[0] += status == 503 and "Retry-After" not in headers

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    watch, runs_ms = server.connect(), []
    while time.monotonic() < ends:
        began = time.perf_counter()
        _get(watch, "/runs")
        runs_ms.append((time.perf_counter() - began) * 1000)
        time.sleep(_PAUSE_S)
    for each in clients:
        each.join()
    found = Load(what=what, answers=answers, bare=bare[0], runs_ms=sorted(runs_ms), seconds=seconds)
    print(found.answers, found.bare, found.runs_ms[int(len(found.runs_ms) * 0.95)], flush=True)
    return found


def exported(place: str) -> tuple[float, int]:
    """Seconds and peak memory of `export figures`."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "archive.cli", "export", "figures"]
        cost = run([*command, "-o", f"{folder}/figures.csv"], environment=_environment(place))
    return cost.wall_s, cost.peak_bytes


def _get(connection: http.client.HTTPConnection, path: str) -> _Answer:
    connection.request("GET", quote(path, safe="/?=&%+"))
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def scale_table(found: Scale) -> str:
    """What was measured, as Markdown."""
    head = "| asked | answers | p50 ms | p50 CPU ms | p95 ms | p95 CPU ms | aim | kept |"
    rows = "\n".join(waits.row(name) for name, waits in found.waits.items())
    return f"""### {found.engine}

{found.filled.versions:,} versions, {found.filled.bodies:,} bodies,
{found.filled.figures:,} figures.

{head}
{"|---" * 8}|
{rows}

- Of {found.held:,} pages that have one of the numbers {found.found:,} are found.
{"".join(map(_under_load, found.loads))}\
- `export figures` takes {found.export_s:.0f} s and {found.export_bytes / MIB:.0f} MiB.
{_by_table(found.sizes)}"""


def _under_load(found: Load) -> str:
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(found.answers.items()))
    p95 = found.runs_ms[int(len(found.runs_ms) * 0.95)]
    clients = f"{CLIENTS} clients that ask for {found.what} for {found.seconds:.0f} s"
    return f"""- {clients} get {answers};
  {found.bare} do not say when to come again; `/runs` meanwhile takes
  {statistics.median(found.runs_ms):.0f} ms (median) and {p95:.0f} ms (p95).
"""


def _by_table(sizes: Mapping[str, int]) -> str:
    whole = sum(sizes.values())
    shown = [f"{name} {size / MIB:,.0f}" for name, size in sizes.items() if size > whole / 100]
    told = f"- The ledger has {whole / MIB:,.0f} MiB; by table, with indexes: {', '.join(shown)}."
    return told if sizes else ""
