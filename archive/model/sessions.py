"""URLs without what names the visit: one page keeps one key, whatever session it is seen in.

The parameters are rows of session_parameters.toml, each with its source.
"""

import re
import tomllib
from functools import cache
from importlib import resources

# Where a POST's body stands in a key (archive.model.url.key_of): it is left as it is.
POSTED = "__wb_method="
# Path parameters of servlets (;jsessionid=…), and ASP.NET's cookieless sessions (/(S(…))/).
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid)=[^/?;]{0,256}", re.IGNORECASE)
_COOKIELESS = re.compile(r"/\((?:[A-Z]\([0-9A-Za-z_-]{1,512}\)){1,4}\)(?=/)")


def without_session(url: str) -> str:
    """The URL without session parameters; the URL itself when it has none.

    >>> without_session("http://x.gov.cn/nb/list.jsp?PHPSESSID=0a1b&page=2&_=1690000000123")
    'http://x.gov.cn/nb/list.jsp?page=2'
    >>> without_session("http://x.gov.cn/list.jsp?sid=12&t=2024")
    'http://x.gov.cn/list.jsp?sid=12&t=2024'
    >>> without_session("http://x.gov.cn/(S(lit3py55t21z5v55vlm25s55))/nb.aspx?sid=0a1b2c3d4e")
    'http://x.gov.cn/nb.aspx'
    """
    if POSTED in url:
        return url
    path, mark, query = url.partition("?")
    if ";" in path or "/(" in path:
        path = _COOKIELESS.sub("", _IN_PATH.sub("", path))
    if not mark:
        return path
    kept = [each for each in query.split("&") if not _is_session(each)]
    return f"{path}?{'&'.join(kept)}" if kept else path


def has_session(url: str) -> bool:
    """Whether a URL carries session parameters."""
    return without_session(url) != url


def _is_session(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    if not value or len(name) > 64 or len(value) > 1024:
        return False
    return any(n.fullmatch(name) and v.fullmatch(value) for n, v in _parameters())


@cache
def _parameters() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    text = resources.files("archive.model").joinpath("session_parameters.toml").read_text("utf-8")
    return tuple(
        (
            re.compile(rf"\A(?:{row['name']})", re.IGNORECASE),
            re.compile(rf"\A(?:{row.get('value', '.+')})", re.IGNORECASE | re.DOTALL),
        )
        for row in tomllib.loads(text)["parameter"]
    )
