"""Reports of before that a run found no more; the verdict on a portal names them."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, not_, or_, select

from archive.model.outcome import SIDE_ROLES, Outcome
from archive.model.reading import Kind
from archive.store.schema import outcome, page, version

_GONE = (Outcome.GONE, Outcome.SOFT_404)
_DOCUMENTS = (Kind.REPORT, Kind.ATTACHMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostReport:
    """A report or file of before. newly: no earlier run missed it since it was last seen."""

    url: str
    newly: bool


def lost_reports(connection: Connection, run_id: int) -> dict[str, list[LostReport]]:
    """The reports and files that a run found gone, a soft 404 or overwritten by what is none, by
    portal, the newly lost first; a portal that lost none is left out.
    """
    before, latest = version.alias("before"), version.alias("latest")
    missed = outcome.alias("missed")
    missed_already = exists().where(
        missed.c.page_id == page.c.id,
        missed.c.run_id < run_id,
        missed.c.outcome.in_(_GONE),
        missed.c.at > page.c.last_captured_at,
    )
    overwritten = and_(
        outcome.c.outcome == Outcome.CHANGED,
        page.c.kind.not_in(_DOCUMENTS),
        exists().where(
            latest.c.page_id == page.c.id,
            latest.c.number == page.c.versions,
            before.c.id == latest.c.supersedes,
            before.c.kind.in_(_DOCUMENTS),
        ),
    )
    gone = and_(outcome.c.outcome.in_(_GONE), page.c.versions > 0, page.c.kind.in_(_DOCUMENTS))
    newly = or_(outcome.c.outcome == Outcome.CHANGED, not_(missed_already)).label("newly")
    rows = connection.execute(
        select(page.c.portal_key, page.c.key, newly)
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.run_id == run_id, page.c.role.not_in(SIDE_ROLES))
        .where(or_(gone, overwritten))
        .order_by(newly.desc(), page.c.id)
    )
    found: dict[str, list[LostReport]] = defaultdict(list)
    for row in rows:
        found[row.portal_key].append(LostReport(url=row.key, newly=row.newly))
    return dict(found)
