"""Pages of our own making, in the manner of the portals: pieces to put together."""

from archive.model.outcome import Role
from archive.model.reading import Field, Reading, Source
from archive.reading.read import read

ADDRESS = "http://www.example.gov.cn/zwgk/nb/show.html"
NAVIGATION = (
    '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li>'
    '<li><a href="/hd/">互动交流</a></li></ul></div>'
)
FOOT = (
    '<div class="bottom"><p>主办单位：清河县人民政府办公室　地址：清河县建设路1号</p>'
    "<p>冀ICP备05029117号-1　冀公网安备 13042002000523号　网站标识码：1304000009</p></div>"
)
SENTENCES = tuple(
    f"{number}、全镇认真贯彻落实条例，全年主动公开政府信息{number * 37}条，其中政府网站公开{number * 20}条。"
    for number in range(1, 6)
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def page(body: str, *, title: str = "清河县人民政府", head: str = "") -> str:
    """A whole HTML page around `body`."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}<title>{title}</title></head>'
        f"<body>{NAVIGATION}{body}{FOOT}</body></html>"
    )


def read_html(text: str, *, url: str = ADDRESS, encoding: str = "utf-8") -> Reading:
    """The reading of a page given as text."""
    return read(Source(url=url, body=text.encode(encoding), role=Role.PAGE))


def read_plain(text: str) -> Reading:
    """The reading of plain text as a server sends it."""
    return read(Source(url=ADDRESS, body=text.encode(), media_type="text/plain"))


def field(reading: Reading, name: str) -> Field:
    """The field of that name; KeyError when the reading has none."""
    return {entry.name: entry for entry in reading.fields}[name]


def values(reading: Reading) -> dict[str, str | None]:
    """All fields as name and value."""
    return {entry.name: entry.value for entry in reading.fields}
