"""What Atom feeds share (RFC 4287): ids, and how a feed is sent.

An id is a name-based UUID (RFC 9562) below the archive's own id: it stays when the server moves and
when the ledger is made again. A tag: URI would need a domain that is ours.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from archive.web.request_parameters import Asked, Parameter
from archive.web.routes import Site
from archive.work import clock

ENTRIES: Final = 50
"""How many entries a feed has."""

# What XML 1.0 cannot hold (section 2.2), and what turns the direction of the words around it.
_NOT_XML: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


def urn(site: Site, name: str) -> str:
    """The id of a feed or an entry of that name in this archive."""
    return uuid5(uuid5(NAMESPACE_URL, site.queries.archive_id()), name).urn


def filters(asked: Asked, parameters: Sequence[Parameter]) -> dict[str, str]:
    """Those of the parameters that are set, in their order: one question has one address."""
    given = {each.name: (asked.given.get(each.name) or "").strip() for each in parameters}
    return {name: value for name, value in given.items() if value}


def feed(
    site: Site,
    asked: Asked,
    template: str,
    *,
    kept: Mapping[str, str],
    updated: datetime | None,
    entries: Sequence[Any],
) -> Response:
    """A feed from a template. kept: the filters that are set. updated: of the newest entry; None
    where there is none: then the begin of the last run.
    """
    query = urlencode(kept)
    name = asked.path.rpartition("/")[2].removesuffix(".atom")
    made = site.templates.get_template(template).render(
        id=urn(site, f"{name}?{query}"),
        here=asked.base_url,
        path=asked.path,
        page=asked.path.removesuffix(".atom"),
        query=query,
        updated=updated or site.queries.last_visit() or clock.now(),
        entries=entries,
    )
    return Response(_NOT_XML.sub(" ", made), media_type="application/atom+xml; charset=utf-8")
