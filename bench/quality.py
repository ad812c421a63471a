"""How well pages are read, beside other readers on the same pages; writes docs/reading.md.

    uv pip install --python .venv --group compare
    python -m bench.quality

The pages are real ones with gold made by hand; they are not part of the repository.
"""

import importlib.metadata
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.readers import NAMES, Reader, Taken, readers
from tests.gate.material import GoldPage, folder, gold_pages
from tests.gate.score import Score, score_text, spelled

PAGE = Path(__file__).parent.parent / "docs" / "reading.md"
TEXT = ("wanted", "unwanted_absent", "pages_perfect")
_FAILED = Taken(text="", fields={})


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a reader reached: text scores, fields right of those tried, processor time."""

    text: Score = field(default_factory=Score)
    right: dict[str, int] = field(default_factory=dict)
    looked_for: set[str] = field(default_factory=set)
    failed: int = 0
    cpu_s: float = 0.0


def tally(reader: Reader, pages: Sequence[GoldPage]) -> Tally:
    """One reader over all pages; a page on which it raises counts as read to nothing."""
    total = Tally()
    reader(pages[0].body, pages[0].url)  # loads what is loaded once
    for page in pages:
        started = time.process_time()
        try:
            taken = reader(page.body, page.url)
        except Exception:  # noqa: BLE001  other people's readers raise what they like
            taken, total.failed = _FAILED, total.failed + 1
        total.cpu_s += time.process_time() - started
        score_text(total.text, page, taken.text)
        total.looked_for |= taken.fields.keys()
        for name in _tried(page):
            right = _is_right(page, name, taken.fields.get(name))
            total.right[name] = total.right.get(name, 0) + right
    return total


def _tried(page: GoldPage) -> list[str]:
    """The fields that the page has."""
    return [name for name in NAMES if page.gold.get(name)]


def _is_right(page: GoldPage, name: str, value: str | None) -> bool:
    accepted = [page.gold[name], *page.gold.get("alt", {}).get(name, ())]
    return value is not None and spelled(value) in [spelled(want) for want in accepted if want]


def document(pages: Sequence[GoldPage], tallies: Mapping[str, Tally | None]) -> str:
    """docs/reading.md."""
    tries = {name: sum(name in _tried(page) for page in pages) for name in NAMES}
    return f"""# How well pages are read

Written by `python -m bench.quality` on {datetime.now(UTC).date()}; readability-lxml and gne come
with `uv pip install --python .venv --group compare`. {len(pages)} real pages of government portals
with gold made by hand, which are not part of the repository; lists are left out.
{_versions()}.

These pages are also the gate (`make gate`: no measure may fall below its floor), so Gongkai was
made with them in view and the others were not; they read pages of every kind on the web, Gongkai
knows these portals. The tables say what that knowledge is worth, not who reads unknown pages best.
Readers that take text instead of bytes were given it in the right character set.

## Text

Wanted strings kept, unwanted ones (menus, share bars, feet) absent, pages on which both hold, and
processor time a page: for Gongkai with fields, tables, figures and checks.

{_text_table(len(pages), tallies)}

## Fields

Values right of those that the pages print, as ISO days and without a site's name in titles; "–"
is what a reader does not look for. trafilatura's and gne's `author` is compared with the source.

{_field_table(tries, tallies)}
"""


def _text_table(count: int, tallies: Mapping[str, Tally | None]) -> str:
    rows = ["| reader | wanted | unwanted absent | pages right | CPU ms a page |"]
    rows.append("|---|---|---|---|---|")
    for name, found in tallies.items():
        if found is None:
            rows.append(f"| {name} | not installed | | | |")
            continue
        cells = [f"{found.text.share(measure):.1%}" for measure in TEXT[:2]]
        cells.append(f"{found.text.hits['pages_perfect']} of {count}")
        cells.append(f"{found.cpu_s * 1000 / count:.0f}")
        note = f" (raised on {found.failed})" if found.failed else ""
        rows.append(f"| {name}{note} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _field_table(tries: Mapping[str, int], tallies: Mapping[str, Tally | None]) -> str:
    met = {name: found for name, found in tallies.items() if found and found.looked_for}
    rows = [f"| field | pages | {' | '.join(met)} |", "|---|---|" + "---|" * len(met)]
    for name, count in tries.items():
        cells = [
            str(found.right.get(name, 0)) if name in found.looked_for else "–"
            for found in met.values()
        ]
        rows.append(f"| `{name}` | {count} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _versions() -> str:
    told = []
    for name in ("trafilatura", "resiliparse", "readability-lxml", "gne", "lxml"):
        try:
            told.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            told.append(f"{name} not installed")
    return ", ".join(told)


def main() -> int:
    """Reads all pages with every reader, prints the document and writes it."""
    where = folder()
    if where is None:
        sys.stdout.write("skipped: the folder of real pages (../shared/pages) is absent\n")
        return 0
    pages = [page for page in gold_pages(where) if not page.is_list]
    tallies = {
        name: None if reader is None else tally(reader, pages) for name, reader in readers().items()
    }
    text = document(pages, tallies)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
