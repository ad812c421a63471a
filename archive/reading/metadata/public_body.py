"""The publisher of a report: one public body, however its name is spelled.

The title names it best (a county's web office publishes the reports of all its departments), then
the signature, then who published the page, then the site. Which place it belongs to is told by its
own name together with the codes on the page: 标识码, the credit code in the index number, and what
the catalogue says of the portal.
"""

import re
from collections.abc import Iterator, Sequence

from archive.codebook.bodies import body_words
from archive.codebook.divisions import division, longest_name
from archive.codebook.phrases import squeezed
from archive.model.reading import BodyKind, Field, PublicBody
from archive.reading.metadata.fields import field_value
from archive.reading.metadata.identity import division_of_site
from archive.reading.metadata.places import Placed, place_at, place_of
from archive.reading.values.index_number import division_of

_YEAR = r"(?:(?:19|20)\d{2}|[〇○零一二三四五六七八九]{4})年?(?:度)?"
_SUBJECT = r"(?:关于)?(?:政府信息|政务信息|政务公开|信息公开|政府网站|年度报告|年报)"
_TITLE = re.compile(
    rf"^(?P<before>[^\d]{{0,40}}?)(?:关于)?(?:{_YEAR})(?P<behind>[^\d]{{0,40}}?)?{_SUBJECT}"
)
_UNDATED = re.compile(rf"^(?P<before>[^\d]{{2,40}}?)(?:关于)?{_SUBJECT}")
_BRACKETED_YEAR = re.compile(r"[(\[〔【]((?:19|20)\d{2})年?(?:度)?[)\]〕】]")
_OWN_SUBJECT = re.compile(r"(?:政府信息|政务信息|政务|信息)公开(?:工作)?$")
_BEHIND = re.compile(r"[(](?P<organ>[\u4e00-\u9fff]{4,30})[)]$")
_NAMING = re.compile(
    r"(?:现将?|特|予以|向社会)(?:公布|编制|发布|公开|将)(?P<organ>[\u4e00-\u9fff]{3,24}?)"
    rf"{_YEAR}(?:政府信息|政务|信息)公开[^,。;]{{0,12}}(?:报告|年报)"
)
_NAMING_LINES = 6
_ASIDE = re.compile(r"[(\[【〔][^()\[\]【】〔〕]{0,40}[)\]】〕]")
_TOWNSHIP = re.compile(r"街道|镇|乡|苏木")
_ZONE = re.compile(
    r"^.{0,16}?(?:实验区|开发区|高新区|经开区|园区|示范区|新区|管理区|保税区|度假区|景区|合作区|新城)"
)
# A place that no table knows, such as one of before 2008.
_PLACELIKE = re.compile(
    r"^(?P<place>[^镇乡局]{2,8}[县市州旗盟]|[^镇乡局园发新验范]{2,8}区)(?P<office>(?:人民)?政府.*|)$"
)
_NOBODY = re.compile(r"^[我本各全该]|^(?:办公室|办|信息中心|网络中心|政务信息中心|编辑部|管理员)$")
_PREFACE = re.compile(r"^(?:关于|发布机构|发文机关|来源)[:]?")
_LONGEST = 40
_NAMELESS = 3  # 经开区, 高新区: every city has one


def publisher_of(
    title: str | None,
    fields: Sequence[Field],
    identity: tuple[Field, ...],
    *,
    lines: Sequence[str] = (),
    year: int | None,
    portal_division: str | None,
) -> PublicBody | None:
    """The public body that a report is of; None when the page names none."""
    hints = division_hints(fields, identity, portal_division)
    for name, is_own in _candidates(title, lines, fields, identity):
        body = read_public_body(name, hints=hints, year=year)
        if body is not None and (is_own or place_of(squeezed(name), (), None).name is not None):
            return body
    return None


def division_hints(
    fields: Sequence[Field], identity: tuple[Field, ...], portal_division: str | None
) -> tuple[str, ...]:
    """The division codes that a page names, the surest first; only those that are divisions."""
    index_number = field_value(fields, "index_number")
    codes = (
        division_of_site(identity),
        division_of(index_number) if index_number else None,
        portal_division,
    )
    return tuple(dict.fromkeys(code for code in codes if code and division(code)))


def read_public_body(
    printed: str, *, hints: Sequence[str] = (), year: int | None = None
) -> PublicBody | None:
    """The body that a printed name stands for; None when it names none.

    >>> read_public_body("海南省琼中黎族苗族自治县人民政府办公室").name
    '琼中黎族苗族自治县人民政府'
    >>> read_public_body("琼中县政府办") == read_public_body("琼中黎族苗族自治县人民政府办公室")
    True
    >>> read_public_body("区供销社", hints=["320602"]).name
    '崇川区供销合作社'
    """
    name = _PREFACE.sub("", _ASIDE.sub("", squeezed(printed)))
    if not 2 <= len(name) <= _LONGEST or (_NOBODY.search(name) and not longest_name(name)):
        return None  # 本溪 and 全椒 are places, 本市 and 全县 name nobody
    head = next((each for each in body_words().heads if name.startswith(each)), "")
    placed = place_of(name[len(head) :], hints, year)
    if head:
        return _body(placed, head + (placed.name or "") + placed.rest, BodyKind.DEPARTMENT)
    return (
        _government(placed, hints)
        or _zone(placed, hints)
        or _township(placed, hints)
        or _organ(placed, hints)
    )


def publisher_in_title(title: str | None) -> str | None:
    """The public body in the title of a report, as printed; None when the title names none.

    >>> publisher_in_title("崇川区供销社2016年信息公开工作年度报告")
    '崇川区供销社'
    >>> publisher_in_title("2016年度崇川区供销社政府信息公开工作年度报告")
    '崇川区供销社'
    >>> publisher_in_title("2016年政府信息公开工作年度报告（崇川区供销社）")
    '崇川区供销社'
    >>> publisher_in_title("2016年政府信息公开工作年度报告") is None
    True
    """
    bare = _BRACKETED_YEAR.sub(r"\1年", squeezed(title or "")[:120])
    found = _TITLE.match(bare) or _UNDATED.match(bare)
    parts = found.groupdict() if found else {}
    before = _OWN_SUBJECT.sub("", (parts.get("before") or "").removeprefix("关于"))
    behind = _BEHIND.search(bare)
    return before or parts.get("behind") or (behind["organ"] if behind else None)


def publisher_in_text(lines: Sequence[str]) -> str | None:
    """The public body whose report the first lines say that they are, as printed; None when they
    name none.

    >>> publisher_in_text(["根据《条例》规定，现公布泰州市政府2017年政府信息公开工作年度报告。"])
    '泰州市政府'
    """
    found = (_NAMING.search(squeezed(line)) for line in lines[:_NAMING_LINES])
    return next((hit["organ"] for hit in found if hit), None)


def _candidates(
    title: str | None,
    lines: Sequence[str],
    fields: Sequence[Field],
    identity: tuple[Field, ...],
) -> Iterator[tuple[str, bool]]:
    """Names on the page, the surest first; False: the name may be that of a newspaper or a site, so
    it counts only with its place.
    """
    site_name = next((field.value for field in identity if field.name == "site_name"), None)
    named = (
        (publisher_in_title(title), True),
        (field_value(fields, "signed_by"), True),
        (field_value(fields, "agency"), True),
        (publisher_in_text(lines), False),
        (field_value(fields, "source"), False),
        (site_name, False),
    )
    yield from ((name, is_own) for name, is_own in named if name)


def _government(placed: Placed, hints: Sequence[str]) -> PublicBody | None:
    words = body_words()
    if placed.name is None and (found := _PLACELIKE.match(placed.rest)):
        if found["office"] not in words.government | {""}:
            return None
        return _body(placed, found["place"] + words.government_name, BodyKind.GOVERNMENT)
    if placed.rest not in words.government and (placed.rest or placed.name is None):
        return None
    placed = _at_home(placed, hints)
    if placed.name is None:
        return None
    return _body(placed, placed.name + words.government_name, BodyKind.GOVERNMENT)


def _zone(placed: Placed, hints: Sequence[str]) -> PublicBody | None:
    """A development zone is no division: it keeps its own name, its place is where it lies."""
    words = body_words()
    found = _ZONE.match(placed.rest)
    if found is None:
        return None
    office = placed.rest[found.end() :]
    home = _at_home(placed, hints)
    nameless = len(found[0]) <= _NAMELESS
    whole = ((home if nameless else placed).name or "") + found[0]
    if office in ("", *words.zones) or office in words.government:
        return _body(home, whole + words.zone_name, BodyKind.GOVERNMENT)
    office = words.short.get(office, office)
    if len(office) < 2 or not office.endswith(words.organs):
        return None
    return _body(home, whole + office, BodyKind.DEPARTMENT)


def _township(placed: Placed, hints: Sequence[str]) -> PublicBody | None:
    words = body_words()
    for found in reversed(list(_TOWNSHIP.finditer(placed.rest))):
        own, office = placed.rest[: found.end()], placed.rest[found.end() :]
        if len(own) > len(found[0]) and office in words.township:
            placed = _at_home(placed, hints)
            name = words.street_name if found[0] == "街道" else words.government_name
            return _body(placed, (placed.name or "") + own + name, BodyKind.TOWNSHIP)
    return None


def _organ(placed: Placed, hints: Sequence[str]) -> PublicBody | None:
    words = body_words()
    office = placed.rest.removeprefix("人民政府")
    for inner in words.inner[0]:
        outer = office.removesuffix(inner)
        if outer != office and outer.endswith(words.inner[1]):
            office = outer
    office = words.short.get(office, office)
    if len(office) < (2 if placed.name else 3) or not office.endswith(words.organs):
        return None
    if placed.name is None and office[1:] in words.government:  # 省政府办公厅 of which 省?
        return None
    placed = _at_home(placed, hints)
    return _body(placed, (placed.name or "") + office, BodyKind.DEPARTMENT)


def _at_home(placed: Placed, hints: Sequence[str]) -> Placed:
    """A body that names no place belongs to the place that the page's codes name."""
    if placed.name is None and hints:
        return place_at(hints[0], placed.rest)
    return placed


def _body(placed: Placed, name: str, kind: BodyKind) -> PublicBody:
    return PublicBody(name=name, division=placed.code, kind=kind)
