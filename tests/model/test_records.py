"""Records made by the hundred are as frozen as the others, told by the type checker."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from archive.model.reading import Cell

CHANGED = """
from archive.model.reading import Cell
cell = Cell(text="3", row=0, column=1)
cell.row = 2
"""


def test_a_cell_is_compared_and_kept_in_sets_as_any_record() -> None:
    cell = Cell(text="3", row=0, column=1)
    assert {cell, Cell(text="3", row=0, column=1)} == {cell}
    assert replace(cell, row=1) != cell


def test_the_type_checker_lets_nobody_change_a_cell(tmp_path: Path, root: Path) -> None:
    file = tmp_path / "changes.py"
    file.write_text(CHANGED)
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--follow-imports",
            "silent",
            "--cache-dir",
            os.devnull,
            file,
        ],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert 'Property "row" defined in "Cell" is read-only' in checked.stdout
