"""What a link is taken for by its URL, and when two URLs are one page."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from archive.families.records import Family
from archive.model.outcome import Role

# Seen as attachments of reports: formats.md 5.5; download programs: 4.1, 4.3, 4.6.
_FILE = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|ofd|rar|zip|7z|pptx?|rtf|csv)$", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"/(?:downfile|download|downloadfile)\.(?:jsp|aspx|do)|/OpennessContent/download/",
    re.IGNORECASE,
)
_LIST_NAME = re.compile(
    r"/(?:(?:index|list|default|main)(?:_\d+)?\.\w{2,6})?$|/columns?/[\w-]{1,40}$", re.IGNORECASE
)
_DEFAULT_FILE = re.compile(r"/(?:index|default)\.\w{2,6}$", re.IGNORECASE)


def role_of(url: str, known: Family | None) -> Role:
    """ATTACHMENT, LIST or PAGE, by the URL alone.

    >>> role_of("http://x.gov.cn/nb/P020170222.doc", None)
    <Role.ATTACHMENT: 'attachment'>
    >>> role_of("http://x.gov.cn/nb/2016/", None)
    <Role.LIST: 'list'>
    """
    role = _role_by_name(url)
    if role is Role.ATTACHMENT:
        return role
    if known and any(pattern.search(url) for pattern in known.pages):
        return Role.PAGE
    if known and any(pattern.search(url) for pattern in known.lists):
        return Role.LIST
    return role


@lru_cache(maxsize=2048)
def _role_by_name(url: str) -> Role:
    path = urlsplit(url).path
    if _FILE.search(path) or _FILE.search(url) or _DOWNLOAD.search(path):
        return Role.ATTACHMENT
    return Role.LIST if _LIST_NAME.search(path) else Role.PAGE


def same_page(one: str, other: str) -> bool:
    """Whether two URLs are one page: a folder and its default file are.

    >>> same_page("http://x.gov.cn/nb/", "http://x.gov.cn/nb/index.html")
    True
    """
    return one == other or folder_form(one) == folder_form(other)


@lru_cache(maxsize=2048)
def folder_form(url: str) -> str:
    """A URL with the default file of a folder left out.

    >>> folder_form("http://x.gov.cn/nb/index.html")
    'http://x.gov.cn/nb/'
    """
    path, joint, query = url.partition("?")
    return _DEFAULT_FILE.sub("/", path) + joint + query


def canonical(url: str, known: Family | None) -> str:
    """The one spelling of a page's URL, by the family's rewrites (TRS: ``_wap`` is left out)."""
    for pattern, replacement in known.canonical_rewrites if known else ():
        url = pattern.sub(replacement, url)
    return url
