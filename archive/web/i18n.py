"""The language of an answer: chosen for a request, then known to templates and words.

`?lang=zh` wins and the browser remembers it in a cookie, so a link that carries it shows the same
to everybody; then comes the cookie, then Accept-Language, then English. The catalogue is
locale/zh.po, written by hand; `make messages` brings it up to date with what templates say.
"""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

LANGUAGES: Final = {"en": "English", "zh": "中文"}
PARAMETER: Final = "lang"
_TAGS: Final = {"en": "en", "zh": "zh-Hans"}
_YEAR_S = 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """What is known while an answer is made. url: of the page, for the switch; None: no page."""

    language: str = "en"
    url: URL | None = None

    @property
    def tag(self) -> str:
        """The language as the attribute `lang` spells it (BCP 47)."""
        return _TAGS[self.language]

    @property
    def other(self) -> str:
        """The language that the switch offers."""
        return "en" if self.language == "zh" else "zh"

    @property
    def other_tag(self) -> str:
        """The other language as the attribute `lang` spells it."""
        return _TAGS[self.other]

    @property
    def other_name(self) -> str:
        """The other language's name in itself."""
        return LANGUAGES[self.other]

    @property
    def switch(self) -> str:
        """The URL of the same page in the other language, without the host."""
        url = (self.url or URL("/")).include_query_params(**{PARAMETER: self.other})
        return f"{url.path}?{url.query}"


_NOBODY: Final = Speaking()
_now: ContextVar[Speaking] = ContextVar("speaking", default=_NOBODY)


def spoken() -> Speaking:
    """What the answer that is being made speaks."""
    return _now.get()


@contextmanager
def speaking(request: Request) -> Iterator[Speaking]:
    """Within it, templates and words speak the language of a request."""
    token = _now.set(Speaking(language=language_of(request), url=request.url))
    try:
        yield _now.get()
    finally:
        _now.reset(token)


def language_of(request: Request) -> str:
    """The language to answer in; one that is not there counts as not asked for."""
    for asked in (request.query_params.get(PARAMETER), request.cookies.get(PARAMETER)):
        if asked in LANGUAGES:
            return asked
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The language of an Accept-Language header (RFC 9110, 12.5.4): the first of those with the
    greatest weight that is there; English where none is.

    >>> accepted("fr, zh-CN;q=0.8, en;q=0.5"), accepted("zh;q=0, en"), accepted("")
    ('zh', 'en', 'en')
    """
    best, weight = "en", 0.0
    for part in header[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        given = _weight(parameter)
        if language in LANGUAGES and given > weight:
            best, weight = language, given
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def remembered(request: Request, response: Response) -> Response:
    """An answer whose head says which language it speaks and what chose it, and that keeps a choice
    which the switch made.
    """
    response.headers["Content-Language"] = spoken().tag
    response.headers.add_vary_header("Accept-Language, Cookie")
    if request.query_params.get(PARAMETER) in LANGUAGES:
        response.set_cookie(
            PARAMETER, spoken().language, max_age=_YEAR_S, httponly=True, samesite="lax"
        )
    return response


def gettext(message: str) -> str:
    """A message in the language that is spoken; English where it has no translation."""
    return _translations().gettext(message) if spoken().language == "zh" else message


def ngettext(one: str, many: str, count: int) -> str:
    """The same for a message with a number."""
    if spoken().language == "zh":
        return _translations().ngettext(one, many, count)
    return one if count == 1 else many


@cache
def _translations() -> catalogues.GNUTranslations:
    compiled = BytesIO()
    with files("archive.web").joinpath("locale/zh.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale="zh"))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)
