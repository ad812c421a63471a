"""Where scripts and refreshes send a reader, as far as it is spelled out. Nothing is run: a target
is a string literal, or several joined, or a name that is given one literal and no other.
"""

import re
from collections.abc import Iterator

from archive.families.listing.scripts import literal_at

_MAX_SCRIPT = 100_000
_MAX_TARGETS = 50
_MAX_NAMES = 20
_MAX_PARTS = 20
_GOES = re.compile(
    r"\b(?:location(?:\s?\.\s?href)?\s{0,8}=(?!=)"
    r"|location\s?\.\s?(?:replace|assign)\s{0,8}\("
    r"|window\s?\.\s?(?:open|navigate)\s{0,8}\("
    r"|(?<![.\w])open\s{0,8}\()\s{0,8}"
    r"(?:encodeURI\s{0,8}\(\s{0,8})?(?:(?P<quote>[\"'`])|(?P<name>[A-Za-z_$][\w$]{0,60}))"
)
# Functions of a site's own whose names say that they go to what they are given.
_CALLS = re.compile(
    r"(?<![.\w$])(?:\w{0,20}(?:open|goto|jump|redirect)\w{0,20}|go|to|link|href|(?:go|to|link|view|show)"
    r"(?:url|page|link|href|detail|news|info|article|content|doc|file|win\w{0,6}))\s{0,8}\(\s{0,8}(?P<quote>[\"'])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?:)?//|\.{0,2}/|[^?#]{1,200}\.(?:s?html?|jspx?|aspx?|php|do|action)(?:[?#]|$)",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s{0,8}\+\s{0,8}[\"']")
_ENDS = re.compile(r"\s{0,8}(?:[;,)}\]\r\n\"'<]|$|//|/\*)")
_LINE_COMMENT = re.compile(r"(?m)(?:^|(?<=[\s;{}]))//[^\n]*")
_REFRESH = re.compile(
    r"\s{0,20}(?P<delay>\d{0,9})(?:\.[\d.]{0,9})?\s{0,20}[;,\s]\s{0,20}"
    r"(?:url\s{0,20}=\s{0,20})?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MAX_REFRESH = 8_000


def refresh_of(content: str) -> tuple[int, str] | None:
    """Seconds and target of a refresh as a meta tag or a header tells it (HTML standard, shared
    declarative refresh steps); None where it names no target: the page is loaded again.

    >>> refresh_of("0; URL='/nb/1.html'"), refresh_of("300"), refresh_of("5;/nb/")
    ((0, '/nb/1.html'), None, (5, '/nb/'))
    """
    found = _REFRESH.match(content[:_MAX_REFRESH])
    if found is None:
        return None
    target = found["rest"].strip()
    if target[:1] in ("'", '"'):
        target = target[1:].partition(target[0])[0].strip()
    return (int(found["delay"] or 0), target) if target else None


def targets_of(script: str, *, calls: bool = False) -> tuple[str, ...]:
    """The targets of the statements of a script that go somewhere, as written and each once.

    calls: also what functions of the page's own are given whose name says that they open it, where
    it looks like a URL.

    >>> targets_of("var u = '/a.html'; if (x) location.href = u; window.open('/b/' + id)")
    ('/a.html',)
    >>> targets_of("openNews('/c.html')"), targets_of("openNews('/c.html')", calls=True)
    ((), ('/c.html',))
    """
    script = without_comments(script[:_MAX_SCRIPT])
    found = [*_gone_to(script)]
    if not found and "\\" in script:  # inside another literal: setTimeout("location.href=\"…\"", 0)
        found = [*_gone_to(script.replace('\\"', '"').replace("\\'", "'"))]
    if not found and calls:
        found = [*_called(script)]
    return tuple(dict.fromkeys(found))


def looks_like_url(text: str) -> bool:
    """Whether a literal is spelled as the URL of a page: a path, a whole url, a page's file."""
    return _ADDRESS.match(text) is not None


def without_comments(script: str) -> str:
    """The script without what its comments say."""
    if "/*" in script:
        first, *rest = script.split("/*")
        script = first + "".join(part.partition("*/")[2] for part in rest)
    return _LINE_COMMENT.sub("", script) if "//" in script else script


def _gone_to(script: str) -> Iterator[str]:
    names = 0
    for count, going in enumerate(_GOES.finditer(script)):
        if count >= _MAX_TARGETS:
            return
        if going["quote"]:
            target = _whole(script, going.end() - 1)
        elif names < _MAX_NAMES:
            names += 1
            target = _named(script, going["name"])
        else:
            continue
        if target:
            yield target


def _called(script: str) -> Iterator[str]:
    for count, call in enumerate(_CALLS.finditer(script)):
        if count >= _MAX_TARGETS:
            return
        target = _whole(script, call.end() - 1)
        if target and looks_like_url(target):
            yield target


def _whole(script: str, start: int) -> str | None:
    """The literal that begins at `start`, with the literals that are joined to it; None when
    something else is joined to it, or it has no end.
    """
    parts: list[str] = []
    for _ in range(_MAX_PARTS):
        literal, end = literal_at(script, start)
        closed = end <= len(script) and script[end - 1 : end] == script[start]
        if not closed or "\n" in literal or "${" in literal:
            return None
        parts.append(literal)
        joined = _JOINED.match(script, end)
        if joined is None:
            return "".join(parts).strip() or None if _ENDS.match(script, end) else None
        start = joined.end() - 1
    return None


def _named(script: str, name: str) -> str | None:
    """The literal that a name is given; None when it is given another value as well, or none."""
    given = list(re.finditer(rf"(?<![\w$.]){re.escape(name)}\s{{0,8}}=(?!=)\s{{0,8}}", script))
    if len(given) != 1 or script[given[0].end() : given[0].end() + 1] not in ("'", '"'):
        return None
    return _whole(script, given[0].end())
