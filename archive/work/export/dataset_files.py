"""The tables of a dataset, as Parquet files: what an analyst needs to count, to judge and to cite.

Left out are the texts (`documents`, `versions`: other people's words, and far more of them),
every figure of every version (`figures`), and the crawl's own books (`captures`, `outcomes`,
`runs`, `withdrawals`): `gongkai export` writes them.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeAlias

from archive.model.personal_data import PersonalKind
from archive.store import Connection
from archive.store.query.dataset_facts import last_run_at, years_of
from archive.work.export.export import view_rows
from archive.work.export.filters import RowFilter, concepts_of
from archive.work.export.masking import WORDS, masked_row
from archive.work.export.writers import Heading, ParquetWriter, Row, Value

DATA: Final = "data"
_EVERY: Final = 1_000
_IN_CHINA: Final = timedelta(hours=8)
_Test: TypeAlias = Callable[[Mapping[str, Value]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table of the dataset. year: the column that says into which file a row goes; None: there
    is one file. why: what an analyst has it for.
    """

    name: str
    why: str
    year: str | None = None

    @property
    def files(self) -> str:
        """Where its rows lie, as a pattern below the dataset's folder."""
        return f"{DATA}/{self.name}/*.parquet" if self.year else f"{DATA}/{self.name}.parquet"


# Citations stand behind the tables whose pages they cite.
PARTS: Final = (
    Part(name="figures_current", year="report_year", why="the numbers to count with: one row for"
         " each body, year, indicator and applicant, of the one report that speaks for them"),
    Part(name="coverage", year="year", why="which reports are there, late, missing, refused or not"
         " looked at, by body and year: a number that is lacking is no zero"),
    Part(name="statements", year="report_year", why="the sentences behind the numbers of prose"
         " (certainty = prose), and what else pages' latest versions state"),
    Part(name="changes", why="what was changed on pages after publishing"),
    Part(name="similarity", why="reports that have another year's or another body's words"),
    Part(name="findings", why="doubts about reports: sums that do not hold, years that do not fit"),
    Part(name="citations", why="every version of the pages: when captured, its hash, where its"
         " bytes lie; joined by url and version"),
    Part(name="bodies", why="the public bodies with place, province, level and kind"),
    Part(name="portals", why="the portals that the reports stand on"),
    Part(name="indicators", why="what every indicator counts, and the concept that joins forms"),
    Part(name="rules", why="the rules R1 to R21 that findings name"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A written file. path: inside the dataset. year: of its rows; "" where it has all rows of the
    table, "unknown" where they have none.
    """

    path: str
    table: str
    year: str
    rows: int
    size: int
    sha256: str


@dataclass(slots=True, kw_only=True)
class Written:
    """The files of the tables. as_of: when the archive was last brought up to date; None for an
    empty one. readers: versions of the reader that read the cited versions. hidden: personal
    numbers that were masked.
    """

    as_of: datetime | None
    files: list[DataFile] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)
    hidden: Counter[PersonalKind] = field(default_factory=Counter)

    def rows_of(self, table: str) -> int:
        """How many rows a table has in all its files."""
        return sum(each.rows for each in self.files if each.table == table)


def write_tables(
    connection: Connection, folder: Path, only: RowFilter, on_rows: Callable[[int, str], None]
) -> Written:
    """Writes every part below `folder`, which is there. only: which rows; a table that lacks one of
    its columns, and the citations, have the rows of the pages that the tables before them name;
    portals are those that rows name, and those of the places that are asked for.
    on_rows gets how many more rows are written, and of which table. OSError: the disk refuses.
    """
    tables = _Tables(connection, folder, only, on_rows)
    for part in PARTS:
        tables.write(part)
    return tables.written


class _Tables:
    def __init__(
        self,
        connection: Connection,
        folder: Path,
        only: RowFilter,
        on_rows: Callable[[int, str], None],
    ) -> None:
        self._connection, self._folder = connection, folder
        self._only, self._on_rows = only, on_rows
        self.written = Written(as_of=last_run_at(connection))
        # The portals that were named so far, and the pages; None: all.
        self._portals = set[str]()
        self._urls: set[str] | None = (
            set() if only.years or only.divisions or only.portals else None
        )

    def write(self, part: Part) -> None:
        """Writes the files of a part; one at least, though it be empty."""
        wanted, lacking = self._only.where_it_has(part.name)
        if part.name == "citations" and self._urls is not None:
            wanted, lacking = {}, {"--year"}
        if part.name == "portals" and self._urls is not None:
            wanted = {}
        if part.name == "statements":
            wanted["current"] = (True,)
        tests = self._tests(part.name, lacking)
        if part.year is None:
            self._file(part, "", wanted, tests)
            return
        years = years_of(self._connection, part.name)
        asked = wanted.get(part.year, years)
        found = [
            self._file(part, str(year or "unknown"), {**wanted, part.year: (year,)}, tests)
            for year in years if year in asked
        ]  # fmt: skip
        if not any(found):
            self._file(part, "", {**wanted, part.year: ()}, tests)

    def _tests(self, name: str, lacking: Collection[str]) -> list[_Test]:
        """What a row must pass to stay, where the database cannot tell."""
        tests: list[_Test] = []
        if name == "coverage":
            due = _day_in_china(self.written.as_of)
            tests.append(lambda row: row["version"] is not None or str(row["due_on"]) < due)
        if name == "statements" and self._only.indicators:
            asked = concepts_of(self._only.indicators)
            tests.append(lambda row: row["concept"] in asked)
        urls = self._urls
        if urls is not None and {"--year", "--division", "--portal"} & {*lacking}:
            named = frozenset(urls)  # the rows that stay name more
            tests.append(
                lambda row: (
                    "url" not in row or not named.isdisjoint((row["url"], row.get("other_url")))
                )
            )
        if name == "portals" and urls is not None:
            only, portals = self._only, self._portals | self._only.portals
            tests.append(lambda row: row["portal"] in portals or row["division"] in only.divisions)
        return tests

    def _file(
        self,
        part: Part,
        year: str,
        wanted: Mapping[str, Collection[object]],
        tests: Sequence[_Test],
    ) -> bool:
        """Writes the file of a year, or of the whole part (""); False where a year has no rows."""
        path = f"{DATA}/{part.name}.parquet"
        if part.year is not None:
            path = f"{DATA}/{part.name}/{part.name}{year and '-'}{year}.parquet"
        with view_rows(self._connection, part.name, wanted) as (headings, rows):
            chosen = self._chosen(part.name, headings, rows, tests)
            first = list(islice(chosen, 1))
            if year and not first:
                return False
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            count = self._write(self._folder / path, headings, chain(first, chosen))
        with (self._folder / path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        self.written.files.append(
            DataFile(path=path, table=part.name, year=year, rows=count, size=size, sha256=sha256)
        )
        return True

    def _chosen(
        self,
        name: str,
        headings: Sequence[Heading],
        rows: Iterable[Row],
        tests: Sequence[_Test],
    ) -> Iterator[Row]:
        """The rows that stay, with stars for personal numbers."""
        names = [heading.name for heading in headings]
        has_words = bool(WORDS & {*names})
        notes = [
            (names.index(each), noted) for each, noted in self._notes(name) if each in names
        ]  # fmt: skip
        count = 0
        for row in rows:
            if tests:
                by_name = dict(zip(names, row, strict=True))
                if not all(test(by_name) for test in tests):
                    continue
            for place, noted in notes:
                noted.add(str(row[place]))
            yield masked_row(row, headings, self.written.hidden) if has_words else row
            count += 1
            if count % _EVERY == 0:
                self._on_rows(_EVERY, name)
        self._on_rows(count % _EVERY, name)

    def _notes(self, name: str) -> list[tuple[str, set[str]]]:
        """What is kept in mind of a table: column, and the set that its values go into."""
        if name == "citations":
            return [("reader_version", self.written.readers), ("portal", self._portals)]
        if self._urls is None:
            return []
        return [("url", self._urls), ("other_url", self._urls), ("portal", self._portals)]

    def _write(self, path: Path, headings: Sequence[Heading], rows: Iterable[Row]) -> int:
        writer = ParquetWriter(path, headings, dates=True)
        count = 0
        try:
            for row in rows:
                writer.write(row)
                count += 1
        except BaseException:
            writer.drop()
            raise
        writer.close()
        return count


def _day_in_china(instant: datetime | None) -> str:
    """The day by which deadlines are told."""
    return "" if instant is None else (instant + _IN_CHINA).date().isoformat()
