"""Pages whose text is in pictures: the report was scanned, or pasted as images.

How little text is too little is a choice (nobody has published a threshold): fewer characters than
the opening sentence of a report has.
"""

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Finding, Severity, Table
from archive.reading.html.shown import is_seen, pictures_in, source_of
from archive.reading.html.survey import Survey, lies_in
from archive.reading.text.container import Body

_MAX_TEXT = 100
_MIN_SIDE = 80
_SIDE = re.compile(r"^\s*(\d{1,5})")
_ORNAMENT = re.compile(
    r"logo|icon|ico[_\d.]|banner|ewm|erweima|qr_?code|weixin|wechat|weibo|share|print|close|arrow"
    r"|btn|button|conac|jiucuo|beian|spacer|blank|line\d?\.",
    re.IGNORECASE,
)
_MAX_PICTURES = 500
_MAX_FOOT = 400


def pictures_of(
    page: Survey, body: Body | None, tree: HtmlElement, title: str | None
) -> tuple[str, ...]:
    """URLs, as printed, of the pictures that stand for text: those in the body; on a page
    without one those behind its title, outside of navigation, feet and links.
    """
    found = [img for element in body.elements for img in pictures_in(element)] if body else []
    if body is None or not body.certain:
        behind = _behind(tree, title)
        found = [img for img in found or behind if not _is_chrome(img, page)]
    return tuple(source_of(img) for img in found[:_MAX_PICTURES] if _shows_text(img))


def picture_findings(
    pictures: Sequence[str], lines: Sequence[str], tables: Sequence[Table]
) -> tuple[Finding, ...]:
    """Finding `image_only` where pictures stand beside next to no text; the same word as for files
    that hold nothing else.
    """
    length = sum(len(line) for line in lines)
    if not pictures or tables or length > _MAX_TEXT:
        return ()
    return (
        Finding(
            rule="image_only",
            severity=Severity.WARNING,
            message=f"{len(pictures)} pictures, {length} characters: the text is in the pictures",
            evidence=" ".join(pictures)[:300],
        ),
    )


def _behind(tree: HtmlElement, title: str | None) -> Iterator[HtmlElement]:
    wanted = squeezed(title or "")
    begun = False
    for element in tree.iter():
        if begun and element.tag == "img":
            yield element
        text = squeezed((element.text or "")[:_MAX_FOOT])
        if not begun:
            begun = bool(text) and text == wanted and element.tag != "title"
        elif text and phrases().footer.search(text):
            return


def _is_chrome(picture: HtmlElement, page: Survey) -> bool:
    linked = any(outer.tag == "a" for outer in picture.iterancestors())
    return linked or lies_in(picture, page.furniture | page.inside)


def _shows_text(picture: HtmlElement) -> bool:
    """False for ornaments: small ones, and those whose file name says so."""
    source = source_of(picture)[-200:]
    sides = (_SIDE.match(picture.get(name) or "") for name in ("width", "height"))
    small = any(side and int(side.group(1)) < _MIN_SIDE for side in sides)
    name = source.rsplit("/", 1)[-1]
    return bool(source) and not small and not _ORNAMENT.search(name) and is_seen(picture)
