"""Which numbers a correction fits: those of a version with its content hash that are printed as it
says. One that fits none is told as such and used nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from archive.model.content import printable
from archive.model.errors import UsageError, did_you_mean
from archive.model.reading import Figure
from archive.store import Connection
from archive.store.query.corrected import NumberCorrection
from archive.store.query.history import versions
from archive.store.query.questions import page_at
from archive.store.query.stored_parts import version_parts
from archive.store.rows import VersionRow
from archive.store.write.stored_reading import version_figures
from archive.work.corrections.corrections_file import Correction


class Fit(StrEnum):
    """What a correction is worth now. stands: it fits the latest version. earlier: an earlier
    one alone. lost: none any more. taken_back: whoever made it, or another, took it back.
    """

    STANDS = "stands"
    EARLIER = "earlier"
    LOST = "lost"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A correction with what it is worth. version: the latest that it fits; None: none. why: of
    one that does not fit the latest version; "" otherwise.
    """

    correction: Correction
    fit: Fit
    version: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedPage:
    """The corrections of one version that stand. here: each with the position of its figure.
    figures: by that position. others: that fit other versions of the page, or nothing.
    """

    here: Sequence[tuple[Correction, int]]
    figures: Mapping[int, Sequence[Correction]]
    others: Sequence[Correction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Corrections as they are counted. lost: how many fit nothing any more."""

    numbers: tuple[NumberCorrection, ...]
    lost: int


def corrected_page(
    known: Iterable[Correction], url: str, content_hash: str, figures: Sequence[Figure]
) -> CorrectedPage:
    """Those of the known corrections that are about a page, on one version of it."""
    mine = [each for each in known if each.url == url and each.taken_back is None]
    here: list[tuple[Correction, int]] = []
    found: dict[int, list[Correction]] = {}
    others: list[Correction] = []
    for each in mine:
        places = _places(each, figures) if each.content_hash == content_hash else []
        for place in places:
            found.setdefault(place, []).append(each)
        if places:
            here.append((each, places[0]))
        else:
            others.append(each)
    return CorrectedPage(here=here, figures=found, others=others)


def fitted(connection: Connection, known: Sequence[Correction]) -> list[Fitted]:
    """What each correction is worth, page by page."""
    by_page = sorted(known, key=lambda each: each.url)
    return [
        each
        for url, mine in groupby(by_page, lambda each: each.url)
        for each in _of_page(connection, url, [*mine])
    ]


def standing(connection: Connection, known: Sequence[Correction]) -> Standing:
    """The numbers that corrections are about, of every version that they fit. Of two about one
    number the later one of the file counts.
    """
    stand = [each for each in known if each.taken_back is None]
    found: dict[tuple[int, int], NumberCorrection] = {}
    lost = 0
    for url, mine in groupby(sorted(stand, key=lambda each: each.url), lambda each: each.url):
        by_hash = _figures_by_hash(connection, url)
        for each in mine:
            places = [
                (version_id, place)
                for version_id, figures in by_hash.get(each.content_hash, ())
                for place in _places(each, figures)
            ]
            lost += not places
            found |= {place: _of_number(each, *place) for place in places}
    return Standing(numbers=tuple(found.values()), lost=lost)


def _figures_by_hash(
    connection: Connection, url: str
) -> dict[str, list[tuple[int, Sequence[Figure]]]]:
    """The figures of each version of a page, by content hash; none where there is no such page."""
    page = page_at(connection, url)
    found: dict[str, list[tuple[int, Sequence[Figure]]]] = {}
    for each in versions(connection, page.key) if page and page.key == url else ():
        figures = version_figures(connection, each.version_id)
        found.setdefault(each.content_hash, []).append((each.version_id, figures))
    return found


def _of_number(each: Correction, version_id: int, position: int) -> NumberCorrection:
    return NumberCorrection(
        version_id=version_id, position=position, value=each.value,
        by=each.by, reason=each.reason, at=each.at,
    )  # fmt: skip


def _of_page(connection: Connection, url: str, mine: Sequence[Correction]) -> list[Fitted]:
    page = page_at(connection, url)
    all_versions = versions(connection, page.key) if page else []
    read: dict[int, Sequence[Figure]] = {}
    found = []
    for each in mine:
        same = [one for one in all_versions if one.content_hash == each.content_hash]
        latest = max(same, key=lambda one: one.number, default=None)
        if latest is not None and latest.version_id not in read:
            read[latest.version_id] = version_parts(connection, latest.version_id).figures
        figures = read[latest.version_id] if latest else ()
        newest = page.versions if page and page.key == url else 0
        found.append(_worth(each, latest, figures, newest))
    return found


def _worth(
    correction: Correction, version: VersionRow | None, figures: Sequence[Figure], newest: int
) -> Fitted:
    if newest == 0:
        fit, why = Fit.LOST, "the archive has no page with this URL"
    elif version is None:
        fit, why = Fit.LOST, "no version of the page has this content any more"
    elif not _places(correction, figures):
        fit, why = Fit.LOST, f"version {version.number} is not read so any more"
    elif version.number < newest:
        fit, why = Fit.EARLIER, f"it is about version {version.number} of {newest}"
    else:
        fit, why = Fit.STANDS, ""
    if correction.taken_back is not None:
        fit, why = Fit.TAKEN_BACK, correction.taken_back.reason
    number = version.number if version and fit != Fit.LOST else None
    return Fitted(correction=correction, fit=fit, version=number, why=why)


def _places(correction: Correction, figures: Sequence[Figure]) -> list[int]:
    wanted = correction.indicator, correction.applicant, correction.printed
    return [
        place
        for place, each in enumerate(figures)
        if (each.indicator, each.applicant, each.printed) == wanted
    ]


def figure_to_correct(
    figures: Iterable[Figure],
    indicator: str,
    applicant: str | None,
    printed: str | None,
    value: Decimal,
) -> Figure:
    """The one number that a person means. printed: None where one form is printed. UsageError
    names near keys, the applicants or the printed forms that there are, or says that the number
    is read so already.
    """
    numbers = [each for each in figures if each.indicator is not None]
    if not numbers:
        raise UsageError("this version has no figures; gongkai show lists what was read")
    keys = list(dict.fromkeys(each.indicator or "" for each in numbers))
    mine = [each for each in numbers if each.indicator == indicator]
    if not mine:
        near = did_you_mean(indicator[:100], keys) or "; gongkai show lists them"
        raise UsageError(f"no figure of this version is {printable(indicator)[:100]!r}{near}")
    applicants = list(dict.fromkeys(each.applicant for each in mine))
    if applicant is None and len(applicants) == 1:
        applicant = applicants[0]
    if applicant not in applicants:
        there = ", ".join(each for each in applicants if each)
        raise UsageError(
            f"{indicator} has no applicants; leave --applicant out" if not there else
            f"{indicator} has a number for each applicant; give --applicant, one of {there}"
        )  # fmt: skip
    forms = {each.printed: each for each in mine if each.applicant == applicant}
    if printed is None and len(forms) == 1:
        [printed] = forms
    if printed not in forms:
        there = ", ".join(repr(printable(each)) for each in forms)
        raise UsageError(f"printed is {there}; say with --printed which one is wrong")
    if forms[printed].value == value:
        raise UsageError(f"it is read as {value} already; nothing is to be corrected")
    return forms[printed]
