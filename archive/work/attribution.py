"""Which body each report is counted for, and the best report of each body and year."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archive.codebook.bodies import body_words
from archive.codebook.divisions import division, lasting
from archive.model.portal import Portal
from archive.model.reading import BodyKind, Kind, PublicBody
from archive.reading.metadata.public_body import read_public_body
from archive.store.query.reports import ReportFact

# A portal, and the body that a report on it names; None when it names none.
Signature = tuple[str, PublicBody | None]
# Behind every ISO date: a report without a date comes last.
_UNDATED = "9999"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributedReport:
    """A report with the body it is counted for, which is never None."""

    fact: ReportFact
    body: PublicBody


def portal_body(portal: Portal) -> PublicBody | None:
    """The body whose reports a portal is there to publish, by its name and division; None when
    neither names a public body or a place (a URL typed by hand).

    >>> portal_body(Portal(key="cc", name="江苏省/南通市/崇川区", entries=())).name
    '崇川区人民政府'
    """
    hints = [portal.division] if portal.division else []
    # A path of places; what is no division among them (兵团) is left out with those above it.
    for name in (portal.name.replace("/", ""), portal.name.rpartition("/")[2]):
        named = read_public_body(name, hints=hints)
        if named is not None:
            return named
    place = division(lasting(portal.division)) if portal.division else None
    if place is None:
        return None
    name = place.name + body_words().government_name
    return PublicBody(name=name, division=place.code, kind=BodyKind.GOVERNMENT)


def main_bodies(
    portals: Iterable[Portal], signed: Mapping[Signature, int]
) -> dict[str, PublicBody]:
    """The body of each portal; where its name does not tell it, the government (or else the
    body) that most of its reports name, or else its name as it stands. signed: how many
    reports stand under each signature.
    """
    seen: defaultdict[str, Counter[PublicBody]] = defaultdict(Counter)
    for (portal, body), reports in signed.items():
        if body is not None:
            seen[portal][body] += reports
    return {
        each.key: portal_body(each)
        or _commonest(seen[each.key])
        or PublicBody(name=each.name, division=each.division, kind=BodyKind.GOVERNMENT)
        for each in portals
    }


def _commonest(bodies: Mapping[PublicBody, int]) -> PublicBody | None:
    """The most frequent body, governments before all others; None when there is none."""
    order = [
        (body.kind is not BodyKind.GOVERNMENT, -count, body.name, body.division or "", body)
        for body, count in bodies.items()
    ]
    return min(order, key=lambda each: each[:4])[-1] if order else None


def attribution(
    signed: Collection[Signature], mains: Mapping[str, PublicBody]
) -> dict[Signature, PublicBody]:
    """The body that the reports under each signature are counted for. A body whose place the page
    does not tell is the one of the same name on the same portal; a report that names nobody is its
    portal's.
    """
    placed: defaultdict[tuple[str, str], set[PublicBody]] = defaultdict(set)
    for key, body in mains.items():
        placed[key, body.name].add(body)
    for portal, named in signed:
        if named is not None and named.division is not None:
            placed[portal, named.name].add(named)
    found = {}
    for portal, named in signed:
        body = named or mains[portal]
        others = placed[portal, body.name]
        if body.division is None and len(others) == 1:
            [body] = others
        found[portal, named] = _timeless(body)
    return found


def attributed(
    facts: Iterable[ReportFact], bodies: Mapping[Signature, PublicBody]
) -> Iterator[AttributedReport]:
    """Every report with its body."""
    return (AttributedReport(fact=each, body=bodies[each.portal, each.body]) for each in facts)


def _timeless(body: PublicBody) -> PublicBody:
    code = lasting(body.division) if body.division else None
    return body if code == body.division else replace(body, division=code)


def best_report_per_year(
    reports: Iterable[AttributedReport], order: Callable[[ReportFact], tuple[Any, ...]]
) -> dict[tuple[PublicBody, int], ReportFact]:
    """The report that counts for each body and year: the first by `order`."""
    best: dict[tuple[PublicBody, int], ReportFact] = {}
    for each in reports:
        key = (each.body, each.fact.year)
        known = best.get(key)
        if known is None or order(each.fact) < order(known):
            best[key] = each.fact
    return best


def published_first(fact: ReportFact) -> tuple[bool, str, int]:
    """Orders copies of one report: the page before a file, then the earliest published."""
    return (fact.kind != Kind.REPORT, fact.published_on or _UNDATED, fact.version_id)
