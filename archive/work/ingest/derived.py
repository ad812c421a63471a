"""What follows from the versions of all pages together, brought up to date behind a run."""

from archive.store import Store
from archive.work.ingest.across_years import check_across_years
from archive.work.ingest.changes import note_changes


def bring_up_to_date(store: Store) -> None:
    """Computes what is not computed yet: the rules between two years, and what changed from version
    to version. CannotRunError: disk or lock.
    """
    check_across_years(store)
    note_changes(store)
