"""A dataset that others use: figures_current and what belongs to it as Parquet files, with a data
package, Croissant, a codebook, a citation and checksums, in one folder that appears whole or not
at all. The same archive gives the same bytes.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from archive.model.errors import UsageError
from archive.store import Store
from archive.work.atomic_file import move_durably, workplace
from archive.work.export.dataset_files import DATA, Written, write_tables
from archive.work.export.dataset_metadata import About, croissant, datapackage
from archive.work.export.dataset_texts import citation, codebook, readme
from archive.work.export.filters import RowFilter

SUMS: Final = "SHA256SUMS"
_TEXTS: Final[dict[str, Callable[[About, Written], str]]] = {
    "README.md": readme,
    "CODEBOOK.md": lambda _, written: codebook(written),
    "CITATION.cff": citation,
    "datapackage.json": datapackage,
    "croissant.json": croissant,
}


def write_dataset(
    store: Store,
    folder: Path,
    about: About,
    only: RowFilter,
    on_rows: Callable[[int, str], None],
) -> Written:
    """Writes the dataset of one consistent state of the ledger to `folder`, in place of an earlier
    dataset there. only: which rows; on_rows gets how many more rows are written, and of which
    table. UsageError: the folder holds something else; CannotRunError: the disk refuses.
    """
    target = folder.absolute()
    check_folder(target)
    with workplace(target) as place:
        fresh = place / "dataset"
        fresh.mkdir()
        with store.read() as connection:
            written = write_tables(connection, fresh, only, on_rows)
        for name, text in _TEXTS.items():
            (fresh / name).write_text(text(about, written), encoding="utf-8")
        (fresh / SUMS).write_text(_sums(fresh, written), encoding="utf-8")
        _replace(fresh, target, place)
    return written


def check_folder(target: Path) -> None:
    """UsageError where no dataset can be put: it is a new folder, an empty one, or an earlier
    dataset.
    """
    if not target.parent.is_dir():
        raise UsageError(f"{target}: there is no folder {target.parent}")
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(f"{target} is no folder; name a new one")
    names = {each.name for each in target.iterdir()} if target.exists() else set()
    if names and SUMS not in names:
        raise UsageError(f"{target} holds something that is no dataset; name a new folder")
    if others := sorted(names - {SUMS, DATA, *_TEXTS}):
        raise UsageError(
            f"{target} would be replaced, and holds {others[0]}, which is none of a dataset's;"
            " move it away, or name a new folder"
        )


def _sums(fresh: Path, written: Written) -> str:
    """A line a file, as sha256sum reads them."""
    sums = {each.path: each.sha256 for each in written.files}
    sums |= {name: hashlib.sha256((fresh / name).read_bytes()).hexdigest() for name in _TEXTS}
    return "".join(f"{sums[path]}  {path}\n" for path in sorted(sums))


def _replace(fresh: Path, target: Path, place: Path) -> None:
    """Puts the new dataset in place of an earlier one, which comes back where that fails. The two
    renames stand behind all that takes time.
    """
    ready, earlier = place / "ready", place / "earlier"
    move_durably(fresh, ready)
    if target.exists():
        target.rename(earlier)
    try:
        move_durably(ready, target)
    except BaseException:
        if earlier.exists() and not target.exists():
            earlier.rename(target)
        raise
