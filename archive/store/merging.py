"""The rows of another archive come into this one, under new numbers.

What both have is told by what it is: a page by its key, a capture by page, instant and payload, a
version by the content in force at its time, a run by the archive and number that its options keep.
So the same again adds nothing, and what was ended goes on. A transaction holds some pages whole.
What follows from all versions together is left to who calls.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, and_, func, select, update

from archive.store.crawl_tables import MERGED
from archive.store.dialects import fresh_ids
from archive.store.frontier.enqueue import pages_by_key
from archive.store.merged_rows import (
    PARTS,
    SHARED,
    Ids,
    Row,
    Translation,
    identity,
    in_force,
    insert_missing,
    insert_values,
    is_later,
    is_part_of,
    moment,
    put_run,
    rest_hosts,
    take_layouts,
    version_texts,
)
from archive.store.merging_pictures import (
    read_from_pictures,
    take_captures,
    take_documents,
    take_pictures,
)
from archive.store.optical_tables import captured_hash
from archive.store.schema import (
    body,
    capture,
    capture_source,
    field_event,
    finding,
    frontier,
    host,
    known_damage,
    link,
    lost_capture,
    outcome,
    page,
    portal,
    run,
    run_portal,
    version,
    withdrawal,
)
from archive.store.store import Store
from archive.store.types import Values
from archive.store.unfinished_merges import begun, ended, note_came
from archive.store.write.captures import archive_id
from archive.store.write.deriving import DERIVED

_PAGES: Final = 100
_HASHES: Final = 500


def waiting_captures(other: Connection) -> int:
    """How many captures of an archive wait to be read."""
    kept = select(func.count()).select_from(frontier).where(frontier.c.capture_id.is_not(None))
    return other.scalar(kept) or 0


def differing_readers(mine: Connection, other: Connection) -> int:
    """How many pages both archives have versions of, read by different readers: nobody can tell
    whether those say the same.
    """
    read = select(page.c.key, version.c.reader_version).join(
        version, version.c.page_id == page.c.id
    )
    found = 0
    rows = other.execute(read.distinct(), execution_options={"yield_per": _HASHES})
    for some in rows.partitions(_HASHES):
        theirs = defaultdict(set)
        for row in some:
            theirs[row.key].add(row.reader_version)
        ours = mine.execute(read.where(page.c.key.in_(theirs)).distinct())
        found += sum(row.reader_version not in theirs[row.key] for row in ours)
    return found


class Merging:
    """One merge. other: a connection to the other archive's ledger, on one state of it; other_id:
    of that archive. captures, versions, runs: how many came so far, those too that came before the
    same merge was ended.
    """

    def __init__(self, mine: Store, other: Connection, other_id: str) -> None:
        self._mine = mine
        self._other = other
        self._other_id = other_id
        self._ids: dict[str, Ids] = {}
        self._later: list[tuple[int, int]] = []
        self._of_pictures: Ids = {}
        self._goes_on = False
        self.captures = self.versions = self.runs = 0

    def begin(self, home: str, ledger: str | None) -> None:
        """What belongs to no page: runs, portals, bodies, files. After it, and before any page,
        the WARC files come. home, ledger: where the other archive is, as people are told until
        `end` (archive.store.unfinished_merges).
        """
        with self._mine.write() as connection:
            before = begun(connection, self._other_id, home, ledger)
            self._goes_on = before is not None
            self.runs, self.captures, self.versions = before or (0, 0, 0)
            for table in (portal, host, known_damage):
                insert_missing(connection, table, self._other.execute(select(table)).mappings())
            rest_hosts(connection, self._other)
            self._ids["run"] = self._runs(connection)
            for table, key in SHARED:
                self._ids[table.name] = self._shared(connection, table, key)
            take_layouts(connection, self._other, self._ids)
            rows = self._other.execute(select(run_portal)).mappings()
            insert_missing(connection, run_portal, map(Translation(run_portal, self._ids), rows))
            self._note(connection)

    def end(self) -> None:
        """All has come, and what follows from it is there, too."""
        with self._mine.write() as connection:
            ended(connection, self._other_id)

    def _note(self, connection: Connection) -> None:
        note_came(connection, self._other_id, (self.runs, self.captures, self.versions))

    def pages(self) -> Iterator[int]:
        """All pages, bare, then some at once with all that belongs to them; gives how many are
        done each time.
        """
        for rows in self._page_rows():
            with self._mine.write() as connection:
                self._bare(connection, rows)
        for rows in self._page_rows():
            with self._mine.write() as connection:
                self._fill(connection, rows)
                self._note(connection)
            yield len(rows)
        with self._mine.write() as connection:
            self._refer_later(connection)
            take_captures(connection, self._other, self._of_pictures)
            take_documents(connection, self._other)

    def _page_rows(self) -> Iterator[Sequence[RowMapping]]:
        with self._other.execute(
            select(page).order_by(page.c.id), execution_options={"yield_per": _PAGES}
        ) as rows:
            yield from rows.mappings().partitions(_PAGES)

    def _runs(self, connection: Connection) -> Ids:
        """A run that was not finished keeps its status; nobody may go on with it here. Our own may
        come back; of what was made again from captures alone the other archive knows more.
        """
        mine = archive_id(connection)
        here = connection.execute(select(run.c.id, run.c.options, run.c.reason)).all()
        known = {tuple(row.options.get(MERGED) or (mine, row.id)): row.id for row in here}
        derived = {row.id for row in here if MERGED in row.options and row.reason == DERIVED}
        ids, rows = {}, self._other.execute(select(run).order_by(run.c.id)).mappings().all()
        for row in rows:
            origin = tuple(row["options"].get(MERGED) or (self._other_id, row["id"]))
            if origin not in known or known[origin] in derived:
                values = {**row, "options": {**row["options"], MERGED: list(origin)}}
                values |= {"pid": 0, "recorded_at": None}
                if row["status"] != "finished":
                    values |= {"status": "crashed", "job": f"{row['job']} (archive {origin[0]})"}
                known[origin] = put_run(connection, values, known.get(origin))
                self.runs += 1
            ids[row["id"]] = known[origin]
        if self._goes_on:  # a crawl wrote down what had come of them
            own = run.c.id.in_(ids.values())
            connection.execute(update(run).where(own).values(recorded_at=None))
        return ids

    def _shared(self, connection: Connection, table: Table, key: tuple[str, ...]) -> Ids:
        columns = [table.c[name] for name in key]
        known = {tuple(row[1:]): row[0] for row in connection.execute(select(table.c.id, *columns))}
        rows = self._other.execute(select(table).order_by(table.c.id)).mappings().all()
        fresh = [row for row in rows if tuple(row[name] for name in key) not in known]
        made = fresh_ids(connection, table, len(fresh))
        translate = Translation(table, self._ids)
        insert_values(
            connection, table, [translate(r) | {"id": n} for r, n in zip(fresh, made, strict=True)]
        )
        known |= {tuple(r[name] for name in key): n for r, n in zip(fresh, made, strict=True)}
        return {row["id"]: known[tuple(row[name] for name in key)] for row in rows}

    def _bare(self, connection: Connection, rows: Sequence[Row]) -> None:
        known = pages_by_key(connection, [row["key"] for row in rows])
        bare = {"versions": 0, "body_capture_id": None, "etag": None, "last_modified": None}
        fresh = [dict(row) | bare for row in rows if row["key"] not in known]
        ids = fresh_ids(connection, page, len(fresh))
        insert_values(connection, page, [r | {"id": n} for r, n in zip(fresh, ids, strict=True)])

    def _fill(self, connection: Connection, rows: Sequence[RowMapping]) -> None:
        here = pages_by_key(connection, [row["key"] for row in rows])
        theirs = [row["id"] for row in rows]
        self._ids["page"] = {row["id"]: here[row["key"]].id for row in rows}
        fresh_captures = self._take_captures(connection, theirs)
        fresh, numbers = self._take_versions(connection, theirs)
        self._take_parts(connection, theirs, fresh)
        self._take_beside(connection, theirs, fresh_captures, fresh)
        self._take_log(connection, theirs, numbers)
        for row in rows:
            self._update_page(connection, row)
        if self._mine.on_versions and fresh:
            came = [self._ids["version"][each] for each in fresh]
            self._mine.on_versions(connection, version_texts(connection, came))

    def _of(self, table: Table, condition: Any) -> Sequence[RowMapping]:
        found = select(table).where(condition).order_by(*table.primary_key)
        return self._other.execute(found).mappings().all()

    def _take_captures(self, connection: Connection, theirs: Sequence[int]) -> set[int]:
        """Ids, there, of the captures that came."""
        mine = capture.c.page_id.in_(self._ids["page"].values())
        known = {
            identity(r): r["id"] for r in connection.execute(select(capture).where(mine)).mappings()
        }
        rows = sorted(self._of(capture, capture.c.page_id.in_(theirs)), key=lambda row: row["id"])
        pages = self._ids["page"]
        identities = {
            row["id"]: identity({**row, "page_id": pages[row["page_id"]]}) for row in rows
        }
        fresh = [row for row in rows if identities[row["id"]] not in known]
        made = fresh_ids(connection, capture, len(fresh))
        known |= {identities[row["id"]]: n for row, n in zip(fresh, made, strict=True)}
        ids = self._ids["capture"] = {
            each: known[identity] for each, identity in identities.items()
        }
        translate = Translation(capture, self._ids)
        insert_values(
            connection, capture, [translate(row) | {"id": ids[row["id"]]} for row in fresh]
        )
        self._later += [
            (ids[row["id"]], row["refers_to"])
            for row in (rows if self._goes_on else fresh)
            if row["refers_to"] is not None and row["refers_to"] not in ids
        ]
        self.captures += len(fresh)
        return {row["id"] for row in fresh}

    def _take_versions(
        self, connection: Connection, theirs: Sequence[int]
    ) -> tuple[set[int], dict[tuple[int, int], int]]:
        """Ids, there, of the versions that came; and the number here of each page's numbers. Where
        both archives have a page, a content that was in force, or is next, makes no version.
        """
        pages = self._ids["page"]
        both = select(version, captured_hash().label("captured_hash"))
        rows = self._other.execute(both.where(version.c.page_id.in_(theirs))).mappings().all()
        mine = both.where(version.c.page_id.in_(pages.values()))
        lines: defaultdict[int, list[Row]] = defaultdict(list)
        for each in connection.execute(mine.order_by(version.c.captured_at)).mappings():
            lines[each["page_id"]].append(each)
        had, fresh, numbers = set(lines), {}, {}
        drawn = iter(fresh_ids(connection, version, len(rows)))
        ids = self._ids["version"] = {}
        for row in sorted(rows, key=moment):
            line = lines[pages[row["page_id"]]]
            before, same = in_force(line, row)
            if same is None or pages[row["page_id"]] not in had:
                same = {**row, "id": next(drawn)}
                if pages[row["page_id"]] in had:
                    same["number"] = max(each["number"] for each in line) + 1
                    same["supersedes"] = before and before["id"]
                fresh[row["id"]] = same
                insort(line, same, key=moment)
            ids[row["id"]], numbers[row["page_id"], row["number"]] = same["id"], same["number"]
        self._insert_versions(connection, fresh, had)
        came = ids if self._goes_on else {each: ids[each] for each in fresh}
        self._of_pictures |= read_from_pictures(self._other, came)
        return set(fresh), numbers

    def _insert_versions(
        self, connection: Connection, fresh: Mapping[int, Row], had: Collection[int]
    ) -> None:
        """had: pages whose line of versions stood here before; their links are our own."""
        for at in range(0, len(fresh), _HASHES):
            hashes = [each["body_hash"] for each in list(fresh.values())[at : at + _HASHES]]
            insert_missing(connection, body, self._of(body, body.c.hash.in_(hashes)))
        translate = Translation(version, self._ids)
        values = []
        for each in fresh.values():
            made = translate(each) | {"id": each["id"]}
            if made["page_id"] in had:
                made["supersedes"] = each["supersedes"]
            values.append(made)
        insert_values(connection, version, sorted(values, key=lambda each: each["id"]))
        self.versions += len(fresh)

    def _take_parts(self, connection: Connection, theirs: Sequence[int], fresh: set[int]) -> None:
        if not fresh:
            return
        self._know_targets(connection, theirs)
        for table in PARTS:
            of_pages = select(version.c.id).where(version.c.page_id.in_(theirs))
            rows = self._of(table, is_part_of(self._other, table, of_pages))
            translate = Translation(table, self._ids)
            insert_values(
                connection, table, [translate(r) for r in rows if r["version_id"] in fresh]
            )
        ids = self._ids["version"]
        read = read_from_pictures(self._other, {each: ids[each] for each in fresh})
        take_pictures(connection, self._other, read)

    def _know_targets(self, connection: Connection, theirs: Sequence[int]) -> None:
        """Pages of other portions that links name."""
        query = select(page.c.id, page.c.key).where(
            page.c.id.in_(select(link.c.to_page_id).where(link.c.from_page_id.in_(theirs)))
        )
        keys = dict(self._other.execute(query).all())
        here = pages_by_key(connection, list(keys.values()))
        self._ids["page"] |= {each: here[key].id for each, key in keys.items()}

    def _take_beside(
        self, connection: Connection, theirs: Sequence[int], captures: set[int], versions: set[int]
    ) -> None:
        """What belongs to captures that came."""
        of_pages = capture.c.page_id.in_(theirs)
        for table in (capture_source, lost_capture):
            query = select(table).join(capture, capture.c.id == table.c.capture_id).where(of_pages)
            rows = [r for r in self._other.execute(query).mappings() if r["capture_id"] in captures]
            insert_values(connection, table, list(map(Translation(table, self._ids), rows)))
        doubts = self._of(
            finding, and_(finding.c.page_id.in_(theirs), finding.c.version_id.is_(None))
        )
        events = self._of(field_event, field_event.c.page_id.in_(theirs))
        for table, found in ((finding, doubts), (field_event, events)):
            rows = [
                row
                for row in found
                if row["capture_id"] in captures
                or (row["capture_id"] is None and row["version_id"] in versions)
            ]
            insert_values(connection, table, list(map(Translation(table, self._ids), rows)))

    def _take_log(
        self, connection: Connection, theirs: Sequence[int], numbers: Mapping[tuple[int, int], int]
    ) -> None:
        """Outcomes, and what was withdrawn."""
        rows = self._of(outcome, outcome.c.page_id.in_(theirs))
        insert_missing(connection, outcome, map(Translation(outcome, self._ids), rows))
        gone = self._of(withdrawal, withdrawal.c.page_id.in_(theirs))
        if not gone:
            return
        mine = withdrawal.c.page_id.in_(self._ids["page"].values())
        at = (withdrawal.c.page_id, withdrawal.c.version, withdrawal.c.withdrawn_at)
        known = set(map(tuple, connection.execute(select(*at).where(mine))))
        for row in gone:
            number = row["version"] and numbers.get((row["page_id"], row["version"]))
            values = Translation(withdrawal, self._ids)(row) | {"version": number}
            if (values["page_id"], number, row["withdrawn_at"]) not in known:
                insert_values(connection, withdrawal, [values])

    def _update_page(self, connection: Connection, row: Row) -> None:
        """What a page's row says now: of what both know, the latest."""
        here = self._ids["page"][row["id"]]
        mine = connection.execute(select(page).where(page.c.id == here)).mappings().one()
        newest = select(version.c.number).where(version.c.page_id == here)
        newest = newest.order_by(version.c.captured_at.desc(), version.c.number.desc()).limit(1)
        values: Values = {"versions": connection.scalar(newest) or 0}
        for name, choose in (
            ("first_seen_at", min),
            ("first_captured_at", min),
            ("last_captured_at", max),
        ):
            both = [each for each in (row[name], mine[name]) if each is not None]
            values[name] = choose(both) if both else None
        if mine["body_capture_id"] is None or is_later(row, mine):
            values |= {
                name: row[name]
                for name in ("kind", "family", "next_due_at", "etag", "last_modified")
            }
            values["body_capture_id"] = self._ids["capture"].get(row["body_capture_id"])
        connection.execute(update(page).where(page.c.id == here).values(values))

    def _refer_later(self, connection: Connection) -> None:
        """Revisits whose original belongs to a page of another portion."""
        for here, original in self._later:
            record = select(capture.c.record_id).where(capture.c.id == original)
            found = select(capture.c.id).where(capture.c.record_id == self._other.scalar(record))
            connection.execute(
                update(capture)
                .where(capture.c.id == here)
                .values(refers_to=found.limit(1).scalar_subquery())
            )
