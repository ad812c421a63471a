"""What follows from the versions of all pages together, brought up to date behind a run."""

from collections.abc import Callable

from archive.store import Store
from archive.work.ingest.across_years import check_across_years
from archive.work.ingest.changes import note_changes
from archive.work.ingest.similarity import note_similarity


def bring_up_to_date(store: Store, stop: Callable[[], bool] = lambda: False) -> None:
    """Computes what is not computed yet: the rules between two years, what changed from version
    to version, and which reports say the same. stop: asked now and then; what is left when it says
    so is computed behind the next run, and what a loss of power takes: most of it is committed
    without a sync. CannotRunError: disk or lock.
    """
    check_across_years(store)
    note_changes(store, stop)
    note_similarity(store, stop)
