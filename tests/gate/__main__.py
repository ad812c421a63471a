"""``python -m tests.gate``: scores the reader on the real pages beside trafilatura alone.

    python -m tests.gate [--update] [--allow-regression] [--verbose]

Exit status 0 when every measure reaches its floor (tests/gate/floors.json), 1 when one falls.
--update raises floors to what was reached; it lowers none unless --allow-regression stands there.
"""

import argparse
import sys

from tests.gate import pictured
from tests.gate.floors import fallen, load, raised, save
from tests.gate.material import corpus_digest, folder, gold_pages
from tests.gate.printed import is_here
from tests.gate.run import Result, run


def main() -> int:
    """Runs the gate and prints its table."""
    options = _options()
    pages = folder()
    if pages is None:
        sys.stdout.write("gate skipped: the folder of real pages (../shared/pages) is absent\n")
        return 0
    corpus = gold_pages(pages)
    result = run(corpus)
    _show(result)
    floors = load()
    digest = corpus_digest(corpus)
    if options.update:
        save(raised(floors, result.shares(), lower=options.allow_regression), digest)
        return 0
    problems = [*fallen(floors, result.shares(), digest), *_pictures()]
    sys.stdout.writelines(f"FELL {problem}\n" for problem in problems)
    return 1 if problems else 0


def _pictures() -> list[str]:
    """Which floors a report read from pictures falls below; it shows the line of the table."""
    absent = [style.font for style in pictured.SMALL if not is_here(style)]
    if absent:
        sys.stdout.write(f"picture_cells skipped: a font is absent: {', '.join(absent)}\n")
        return []
    cells = pictured.scored(pictured.SMALL)
    sys.stdout.write(f"{'picture_cells':18}{cells.right:>8}/{cells.count:<5}\n")
    return [f"picture_cells: {problem}" for problem in pictured.fallen(cells, poor=False)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.gate")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--allow-regression", action="store_true")
    return parser.parse_args()


def _show(result: Result) -> None:
    write = sys.stdout.write
    write(f"{'measure':18}{'reader':>14}{'trafilatura':>16}\n")
    for measure, tries in result.reader.tries.items():
        alone = result.alone
        other = f"{alone.hits[measure]}/{tries}" if measure in alone.tries else ""
        write(f"{measure:18}{result.reader.hits[measure]:>8}/{tries:<5}{other:>16}\n")
    write(f"{'pages per second':18}{result.reader_rate:>14.0f}{result.alone_rate:>16.0f}\n")
    for miss in result.reader.misses:
        write(f"  missed: {miss}\n")


if __name__ == "__main__":
    sys.exit(main())
