"""What is known of each report, brought up to date before a command tells it."""

from collections.abc import Sequence
from datetime import datetime

from archive.model.portal import Portal
from archive.store import Store
from archive.terminal import Ui
from archive.work.query.coverage import keep_covered


def covered_now(store: Store, catalogue: Sequence[Portal], ui: Ui, *, now: datetime) -> None:
    """As `keep_covered`, with progress: the first time takes some minutes in a large archive."""
    with ui.progress("coverage, bodies:") as progress:
        keep_covered(
            store, catalogue, now=now, note=ui.note,
            on_bodies=lambda count, total: progress.step(count, total=total),
        )  # fmt: skip
