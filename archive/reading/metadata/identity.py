"""Marks by which a site says who it is: 标识码, ICP, 公安备案, SiteName."""

import re
from collections.abc import Iterator, Mapping

from archive.codebook.phrases import squeezed
from archive.model.reading import Field
from archive.reading.html.blocks import Block
from archive.reading.html.metas import origin_of

_CODE = re.compile(r"(?:政府)?网站标识码[:]?(\d{10}|bm\d{8})(?!\d)", re.IGNORECASE)
_SITECODE = re.compile(r"ode=[\"']?(\d{10}|[bB][mM]\d{8})(?!\d)")  # a literal first: searched fast
_ICP = re.compile(
    r"[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川蜀贵黔云滇陕秦甘陇青宁新蒙桂藏]ICP[备证]\d{5,10}号?(?:-\d{1,3})?",
    re.IGNORECASE,
)
_POLICE = re.compile(r"([\u4e00-\u9fff])公网安备(\d{14})号?")
_CONAC = re.compile(r"bszs\.conac\.cn/sitename\?method=show&(?:amp;)?id=([0-9A-Fa-f]{32})")
_RECORD = re.compile(r"registerSystemInfo\?recordcode=(\d{14})(?!\d)")
_BEFORE_CODE = ("sitec", "site_c")
_MAX_LINE = 2000


def read_identity(
    lines: tuple[Block, ...], html_text: str, metas: Mapping[str, str]
) -> tuple[Field, ...]:
    """Identity marks, one field a mark: site_name, site_domain, site_code, icp, police, conac."""
    found: dict[str, Field] = {}
    for field in (*_from_metas(metas), *_from_lines(lines), *_from_source(html_text)):
        found.setdefault(field.name, field)
    return tuple(found.values())


def division_of_site(identity: tuple[Field, ...]) -> str | None:
    """The division code (GB/T 2260, six digits) that the site's code names; None for ministries
    and for sites that print no code.
    """
    code = next((field.value or "" for field in identity if field.name == "site_code"), "")
    return code[:6] if code[:6].isdigit() and len(code) == 10 else None


def _from_metas(metas: Mapping[str, str]) -> Iterator[Field]:
    for name, tag in (("site_name", "sitename"), ("site_domain", "sitedomain")):
        if metas.get(tag):
            yield _mark(name, metas[tag], origin_of(tag))
    code = metas.get("siteidcode", "")
    if re.fullmatch(r"\d{10}|bm\d{8}", code, re.IGNORECASE):
        yield _mark("site_code", code, origin_of("siteidcode"))


def _from_lines(lines: tuple[Block, ...]) -> Iterator[Field]:
    previous = ""
    spelled = [squeezed(line.text[:_MAX_LINE]) for line in lines]
    if "备" not in (whole := "".join(spelled)) and "标识码" not in whole:
        return
    for bare in spelled:
        if "标识码" in bare or "标识码" in previous:
            yield from _hits("site_code", _CODE, previous + bare)
        if "备" in bare or "备" in previous:
            yield from _hits("icp", _ICP, bare)
            for found in _POLICE.finditer(previous + bare):
                yield _mark("police", found.group(2), "foot")
        previous = bare if len(bare) < 40 else ""


def _from_source(html_text: str) -> Iterator[Field]:
    found = _site_code(html_text) if _names_a_code(html_text) else None
    if found:
        yield _mark("site_code", found.group(1), "script")
    police = _RECORD.search(html_text) if "recordcode" in html_text else None
    if police:
        yield _mark("police", police.group(1), "link")
    conac = _CONAC.search(html_text) if "conac" in html_text else None
    if conac:
        yield _mark("conac", conac.group(1).upper(), "link")


def _site_code(html_text: str) -> re.Match[str] | None:
    for found in _SITECODE.finditer(html_text):
        if html_text[max(found.start() - 6, 0) : found.start()].lower().endswith(_BEFORE_CODE):
            return found
    return None


def _names_a_code(html_text: str) -> bool:
    return any(name in html_text for name in ("sitecode", "site_code", "siteCode", "SiteCode"))


def _hits(name: str, pattern: re.Pattern[str], text: str) -> Iterator[Field]:
    for found in pattern.finditer(text):
        yield _mark(name, found.group(found.re.groups and 1), "foot")


def _mark(name: str, value: str, origin: str) -> Field:
    return Field(name=name, value=value, printed=value, origin=origin)
