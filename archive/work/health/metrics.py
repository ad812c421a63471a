"""The numbers of an archive as Prometheus reads them: a file at a run's end, and `/metrics` of
`gongkai serve`. No label has values without a bound: portals and URLs are counted, not named.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from archive.model.outcome import Outcome, Verdict
from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.frontier.runs import STATES
from archive.store.query.health import Pending, PortalVerdict, held_hosts, pending, portal_verdicts
from archive.store.query.questions import RunRow, frontier_left, recent_runs
from archive.store.query.totals import Totals, totals
from archive.store.write.captures import committed_ends
from archive.work.atomic_file import atomic_file
from archive.work.catalogue.load import catalogue_keys
from archive.work.disk_guard import free_bytes
from archive.work.health.crawling import bodies_silent
from archive.work.home import Home
from archive.work.preservation.seal.folder import seals_of
from archive.work.preservation.verify_round import Round, round_of

VERDICTS: Final = tuple(each.value for each in Verdict)
OUTCOMES: Final = tuple(each.value for each in Outcome)
DISKS: Final = ("home", "warc")
_RECENT: Final = 10
# By the values of the labels, in their order; () where there is none.
Samples: TypeAlias = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of an archive at one time. run: the latest that has ended; None without one."""

    now: datetime
    run: RunRow | None
    verdicts: list[PortalVerdict]
    frontier: Mapping[str, int]
    pending: Pending
    held: int
    silent: int
    totals: Totals
    ends: Mapping[str, int]
    ledger_bytes: int | None
    free: Mapping[str, int]
    min_free: int
    sealed_at: float | None
    verified: Round


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric. labels: their names, each with all values it can have; None: of the release."""

    name: str
    means: str
    samples: Callable[[Measured], Samples]
    labels: Mapping[str, tuple[str, ...] | None]


def _one(value: float | None) -> Samples:
    """A metric without labels; no sample where there is nothing to tell."""
    return {} if value is None else {(): float(value)}


def _at(instant: datetime | None) -> Samples:
    return _one(instant.timestamp() if instant else None)


def _each(values: Iterable[str], counts: Mapping[str, int]) -> Samples:
    return {(value,): float(counts.get(value, 0)) for value in values}


def _duration(found: Measured) -> Samples:
    run = found.run
    return _one((run.ended_at - run.started_at).total_seconds() if run and run.ended_at else None)


def _verdict(found: Measured) -> Samples:
    return {} if found.run is None else _each(VERDICTS, {found.run.verdict or "": 1})


GAUGES: Final = (
    Gauge("gongkai_build_info", "The release and its reader; always 1.",
          lambda _: {(version("gongkai"), READER_VERSION): 1.0}, {"version": None, "reader": None}),
    Gauge("gongkai_measured_timestamp_seconds", "When these numbers were taken.",
          lambda found: _at(found.now), {}),
    Gauge("gongkai_run_started_timestamp_seconds", "When the latest ended run began.",
          lambda found: _at(found.run.started_at if found.run else None), {}),
    Gauge("gongkai_run_ended_timestamp_seconds", "When the latest ended run ended.",
          lambda found: _at(found.run.ended_at if found.run else None), {}),
    Gauge("gongkai_run_duration_seconds", "From begin to end of the latest ended run.",
          _duration, {}),
    Gauge("gongkai_run_verdict", "1 for the verdict of the latest ended run, 0 for the others.",
          _verdict, {"verdict": VERDICTS}),
    Gauge("gongkai_run_urls", "URLs of the latest ended run by how they ended.",
          lambda found: _each(OUTCOMES, found.run.counts) if found.run else {},
          {"outcome": OUTCOMES}),
    Gauge("gongkai_portals", "Portals by the verdict of the latest run that judged them.",
          lambda found: _each(VERDICTS, Counter(each.verdict for each in found.verdicts)),
          {"verdict": VERDICTS}),
    Gauge("gongkai_frontier_urls", "URLs that wait, by their state on the frontier.",
          lambda found: _each(STATES, found.frontier), {"state": STATES}),
    Gauge("gongkai_frontier_oldest_timestamp_seconds",
          "When the run that left the oldest waiting URL was last at work.",
          lambda found: _at(found.pending.since), {}),
    Gauge("gongkai_hosts_held", "Hosts that are not asked now, because they or we need a pause.",
          lambda found: _one(found.held), {}),
    Gauge("gongkai_bodies_silent",
          "Bodies that had a report for each of three years and have none for the year after.",
          lambda found: _one(found.silent), {}),
    Gauge("gongkai_bodies", "Public bodies with a report.",
          lambda found: _one(found.totals.bodies), {}),
    Gauge("gongkai_pages", "Pages with content.", lambda found: _one(found.totals.pages), {}),
    Gauge("gongkai_reports", "Pages that are reports.",
          lambda found: _one(found.totals.reports), {}),
    Gauge("gongkai_warc_files", "WARC files of the archive.",
          lambda found: _one(len(found.ends)), {}),
    Gauge("gongkai_warc_bytes", "Bytes of committed records in WARC files.",
          lambda found: _one(sum(found.ends.values())), {}),
    Gauge("gongkai_ledger_bytes", "Bytes of the ledger's file; absent on PostgreSQL.",
          lambda found: _one(found.ledger_bytes), {}),
    Gauge("gongkai_disk_free_bytes", "Bytes that can still be written, by where.",
          lambda found: _each(DISKS, found.free), {"disk": DISKS}),
    Gauge("gongkai_disk_minimum_free_bytes", "Bytes that must stay free (GONGKAI_MIN_FREE_GB).",
          lambda found: _one(found.min_free), {}),
    Gauge("gongkai_sealed_timestamp_seconds", "When the last seal was made.",
          lambda found: _one(found.sealed_at), {}),
    Gauge("gongkai_verified_timestamp_seconds",
          "When the latest whole round over the WARC files began: each was verified since.",
          lambda found: _at(found.verified.whole_began_at), {}),
    Gauge("gongkai_warc_files_damaged", "WARC files that had damage when verified last.",
          lambda found: _one(len(found.verified.with_damage)), {}),
)  # fmt: skip


def measure(store: Store, home: Home, *, now: datetime, min_free: int) -> Measured:
    """The numbers of an archive now."""
    silent = len(bodies_silent(store, now))
    with store.read() as connection:
        ended = [each for each in recent_runs(connection, limit=_RECENT) if each.ended_at]
        return Measured(
            now=now,
            run=ended[0] if ended else None,
            verdicts=portal_verdicts(connection, catalogue_keys(home.path)),
            frontier=frontier_left(connection),
            pending=pending(connection),
            held=len(held_hosts(connection, now, None)),
            silent=silent,
            totals=totals(connection),
            ends=committed_ends(connection),
            ledger_bytes=home.database.stat().st_size if home.database.is_file() else None,
            free={"home": free_bytes(home.path), "warc": free_bytes(home.warc)},
            min_free=min_free,
            sealed_at=_last_sealed(home),
            verified=round_of(home),
        )


def _last_sealed(home: Home) -> float | None:
    """When the newest seal was written, by its file: its chain need not be read for that."""
    return max((path.stat().st_mtime for path in seals_of(home).glob("*.json")), default=None)


class _Gauges:
    """All metrics, as a registry collects them."""

    def __init__(self, found: Measured) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        for gauge in GAUGES:
            family = GaugeMetricFamily(gauge.name, gauge.means, labels=list(gauge.labels))
            for values, number in gauge.samples(self._found).items():
                family.add_metric(list(values), number)
            yield family


def exposition(found: Measured) -> str:
    """The numbers in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Gauges(found))
    return generate_latest(registry).decode()


def write_metrics(found: Measured, path: Path) -> None:
    """Writes the numbers where node_exporter's textfile collector looks, whole or not at all.
    CannotRunError: the disk refuses.
    """
    with atomic_file(path) as fresh:
        fresh.write_text(exposition(found), "utf-8")
        fresh.chmod(0o644)
