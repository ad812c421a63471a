"""Trains the dictionary that tables and checks of reports are compressed with
(archive/store/write/compressing.py), from generated reports of the forms that have tables.

python -m bench.dictionary FILE

Its bytes depend on the version of zstandard. A new one is a new file with an id of its own: stored
rows are read with the one that they were written with.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zstandard

from archive.model.reading import Source
from archive.reading.read import read
from archive.store.write.packed import held_as_json
from archive.store.write.texts import tables_as_json
from crawler.demo.reports import places, report
from crawler.demo.site import Catalogue, Request, Site

DICTIONARY_ID: Final = 0x676B_0001
SIZE_BYTES: Final = 48 * 1024
YEARS: Final = {"f14": 2015, "f19": 2019, "f21": 2023}
REPORTS: Final = 250
SEED: Final = 20_261_130
PORTAL: Final = "trs"


def samples() -> Iterator[bytes]:
    """Tables and checks of generated reports, as they are stored."""
    place = places()[PORTAL]
    for form, year in YEARS.items():
        shared = {"year": year, "form": form, "style": "table", "own_words": 0}
        rows = [{"who": f"第{number}办事处", **shared} for number in range(REPORTS)]
        known = [report(place, number, row, SEED) for number, row in enumerate(rows)]
        site = Site({PORTAL: Catalogue(place=place, count=REPORTS, at=known.__getitem__)}, REPORTS)
        for each in known:
            body = site.answer(Request(target=each.url)).body
            found = read(Source(url=f"http://127.0.0.1{each.url}", body=body))
            yield tables_as_json(found.tables)
            yield held_as_json(found.checks, with_evidence=False)


def main() -> None:
    """Writes the dictionary to FILE."""
    trained = zstandard.train_dictionary(SIZE_BYTES, [*samples()], dict_id=DICTIONARY_ID)
    Path(sys.argv[1]).write_bytes(trained.as_bytes())


if __name__ == "__main__":
    main()
