"""What a run knew beside its captures lies in the WARC files before the ledger says that it is over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from archive.model.errors import CannotRunError, WarcError
from archive.model.frontier import WarcSpot
from archive.model.outcome import Outcome, Role, Verdict
from archive.store import Store
from archive.store.frontier import runs
from archive.store.query.history import committed_captures
from archive.store.query.run_facts import recorded_runs, run_facts, unrecorded_runs
from archive.store.schema import frontier, run
from archive.store.write.captures import committed_ends
from archive.warc.folder import warc_files
from archive.warc.reader import iterate, read_block
from archive.work.home import Home
from archive.work.ingest import run_records
from archive.work.ingest.archive_writer import ArchiveWriter
from archive.work.ingest.outcomes import make_record
from archive.work.ingest.run_records import end_run, parts_of, write_run_records
from archive.work.preservation.run_sets import RunSets, is_run_record, rows_of
from archive.work.preservation.verify import verify_archive
from tests.store.making import LATER, NOW, a_portal, begin, take
from tests.support.transactions import fetch
from tests.warc.making import writer
from tests.work.ingest.test_archive_writer import fetched, leases_of


@dataclass
class Kept:
    home: Home
    store: Store
    ledger: ArchiveWriter
    run_id: int

    def end(self, run_id: int | None = None) -> None:
        self.ledger.call_with_files(
            end_run,
            run_id or self.run_id,
            status="finished",
            verdict=Verdict.GOOD,
            reason="all",
            counts={"gone": 1},
            now=LATER,
        ).result()

    def sets(self) -> RunSets:
        sets = RunSets()
        for path in warc_files(self.home.warc):
            for record in iterate(path):
                if is_run_record(record.head):
                    spot = WarcSpot(
                        file=path.name.removesuffix(".open"),
                        offset=record.offset,
                        length=record.length or 0,
                    )
                    sets.meet(spot, record.block)
        return sets

    def rows(self, kind: str, run_id: int | None = None) -> list[dict[str, object]]:
        spots = self.sets().whole()[run_id or self.run_id].spots()
        rows = [row for each in spots for row in rows_of(read_block(self.home.warc, each))]
        return [row for row in rows if row["row"] == kind]

    def rules(self) -> list[str]:
        found = verify_archive(
            self.home,
            fetch(self.store, committed_captures),
            fetch(self.store, committed_ends),
            recorded=fetch(self.store, recorded_runs),
        )
        return [each.rule for each in found]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """A run with two pages that ended and one that waits."""
    home = Home(tmp_path)
    home.make()
    with Store.open(home.path) as store:
        leases = leases_of(store, 2)
        ledger = ArchiveWriter(store, writer(home.warc))
        for number, lease in enumerate(leases):
            stored = ledger.keep(lease, fetched(number)).result()
            ended = make_record(lease, stored, Outcome.GONE, "status 404", NOW)
            ledger.record(ended, LATER).result()
        yield Kept(home, store, ledger, leases[0].run_id)
        ledger.close()


def test_every_outcome_names_the_record_of_its_capture(kept: Kept) -> None:
    kept.end()
    captures = {each["record_id"]: each["page_id"] for each in kept.rows("capture")}
    found = {each["record_id"]: each["page_id"] for each in kept.rows("outcome")}
    assert found == captures
    assert {each["role"] for each in kept.rows("outcome")} == {Role.ENTRY}
    [run] = kept.rows("run")
    assert (run["status"], run["verdict"], run["ended_at"][:10]) == (
        "finished",
        "good",
        "2026-11-23",
    )
    assert [each["key"] for each in kept.rows("portal")] == ["jiashan"]
    assert kept.rules() == []


def test_what_waits_is_written_down_too(kept: Kept) -> None:
    second = begin(kept.store, a_portal("deqing", "http://deqing.example/"), job="two")
    kept.end(second.run_id)
    [waiting] = kept.rows("frontier", second.run_id)
    assert (waiting["state"], waiting["rank"], waiting["hops"]) == ("pending", 0, [])


def test_many_rows_make_several_records(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_records, "MAX_ROWS", 2)
    kept.end()
    assert len(kept.sets().whole()[kept.run_id].parts) > 3
    assert len(kept.rows("capture")) == 2
    monkeypatch.setattr(run_records, "MAX_BYTES", 10)
    assert len(list(parts_of([{"row": "x"}] * 3, "a", 1, NOW))) == 3


def test_a_run_that_touched_nothing_waits_for_the_next(kept: Kept) -> None:
    empty = begin(kept.store, a_portal("none"), job="none").run_id
    with kept.store.write() as connection:
        connection.execute(delete(frontier).where(frontier.c.run_id == empty))
    kept.end(empty)
    assert kept.sets().whole() == {}
    assert fetch(kept.store, unrecorded_runs, empty=False) == [kept.run_id]
    kept.end()
    assert set(kept.sets().whole()) == {kept.run_id, empty}
    assert fetch(kept.store, unrecorded_runs, empty=True) == []


def test_a_run_that_goes_on_is_written_down_again(kept: Kept) -> None:
    kept.end()
    first = kept.sets().whole()[kept.run_id].written_at
    assert fetch(kept.store, unrecorded_runs, empty=True) == []
    with kept.store.write() as connection:
        connection.execute(update(run).values(resumed_at=LATER.replace(day=24)))
    assert fetch(kept.store, unrecorded_runs, empty=True) == [kept.run_id]
    again = LATER.replace(day=25)
    kept.ledger.call_with_files(write_run_records, [kept.run_id], again).result()
    assert kept.sets().whole()[kept.run_id].written_at == again > first


def test_a_ledger_that_refuses_leaves_the_run_open_and_nothing_more_is_kept(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = CannotRunError("the disk is full")
    monkeypatch.setattr(runs, "note_recorded", lambda *_: (_ for _ in ()).throw(refused))
    with pytest.raises(CannotRunError):
        kept.end()
    assert fetch(kept.store, recorded_runs) == []
    [run] = [row for row in fetch(kept.store, lambda c: list(run_facts(c, kept.run_id)))
             if row["row"] == "run"]  # fmt: skip
    assert run["status"] == "running"
    monkeypatch.undo()
    with pytest.raises(CannotRunError):
        kept.end()
    lease = take(kept.store, begin(kept.store, a_portal("x", "http://x.example/"), job="x").run_id)
    assert kept.ledger.keep(lease[0], fetched(9)).exception() is refused


def test_a_set_without_its_end_is_none() -> None:
    owner, sets = "a", RunSets()
    whole = list(parts_of([{"row": "x"}], owner, 1, NOW))
    cut = [next(iter(parts_of([{"row": "y"}] * 2, owner, 1, LATER)))]
    for number, block in enumerate([*whole, cut[0].rsplit(b"\n", 2)[0] + b"\n"]):
        sets.meet(WarcSpot(file="f", offset=number, length=1), block)
    assert sets.whole()[1].written_at == NOW


@pytest.mark.parametrize(
    "block", [b"", b"no json\n", b'{"row":"part"}\n', b'{"row":"part","format":"gongkai-run/9"}\n',
              json.dumps({"row": "part", "format": "gongkai-run/9", "archive": "a", "run": 1,
                          "part": 1, "set": "s", "written_at": "2026-01-01T00:00:00Z"}).encode()
              + b"\n"],
)  # fmt: skip
def test_rows_of_another_form_are_refused(block: bytes) -> None:
    with pytest.raises(WarcError, match="rows of a run"):
        RunSets().meet(WarcSpot(file="f", offset=0, length=1), block)


def test_a_line_that_is_no_row_is_refused() -> None:
    with pytest.raises(WarcError, match="cannot be read"):
        list(rows_of(b'{"row":"page"}\n[1]\n'))


def test_rows_that_are_gone_are_missed(kept: Kept) -> None:
    kept.end()
    kept.ledger.close()
    [path] = warc_files(kept.home.warc)
    [last] = [each for each in iterate(path) if is_run_record(each.head)]
    path.write_bytes(path.read_bytes()[: last.offset])
    assert kept.rules() == ["missing_bytes", "missing_run"]


def test_a_revisit_names_the_record_it_repeats(kept: Kept) -> None:
    run_id = begin(kept.store, a_portal("z", "http://z.example/"), job="z").run_id
    [lease] = take(kept.store, run_id)
    first = kept.ledger.keep(lease, fetched(5)).result()
    ended = make_record(lease, first, Outcome.UNCHANGED, "as before", NOW)
    kept.ledger.record(ended, NOW).result()
    kept.end(run_id)
    again = take(kept.store, begin(kept.store, a_portal("z", "http://z.example/"), job="z").run_id)
    second = kept.ledger.keep(again[0], fetched(5)).result()
    assert second.record_type == "revisit"
    found = [each for each in iterate(warc_files(kept.home.warc)[0])
             if each.record_id == second.record_id]  # fmt: skip
    assert found[0].header("WARC-Refers-To") == first.record_id
