"""The page of one run: what is new, what changed, who fell silent, what to do."""

from typing import Final

from starlette.responses import Response

from archive.store import Connection
from archive.web.request_parameters import Asked, Number
from archive.web.routes import PageRoute, Site
from archive.work import clock
from archive.work.health.run_report import RunReport, run_report

_SHOWN: Final = 50
_RUN: Final = Number(
    name="run", meaning="the number of a run", in_path=True, least=1, most=2**31 - 1, example="1"
)


def run(site: Site, asked: Asked) -> Response:
    """One run. NotFoundError: there is none of that number."""
    number = asked.number("run") or 0
    store = site.queries.store

    def find(_: Connection) -> RunReport:
        return run_report(store, number, now=clock.now())

    report = site.queries.remembered(("run", number), find)
    return site.render("run.html", report=report, run=report.run, shown=_SHOWN)


ROUTES = (
    PageRoute(path="/run/{run}", answer=run, summary="What a run brought", parameters=(_RUN,),
              slow=True),
)  # fmt: skip
