"""What scripts and data islands of a page hold: literals that are written into it, list records.

Nothing is executed: only string literals are read, and what they are joined with is left open.
"""

import re
from collections.abc import Iterator

# Stands where a script would put a value that is known only when it runs.
OPEN = "\ue000"
_MAX_CALLS = 2_000
_MAX_RECORDS = 20_000
_WRITE = re.compile(r"\bdocument\s*\.\s*write(?:ln)?\s*\(")
_CODE = re.compile("x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def written_html(script: str) -> str:
    """The HTML that the document.write calls of a script write, as far as it is literal.

    >>> written_html("document.writeln('<li><a href=\\"a.htm\\">2016年</a></li>');")
    '<li><a href="a.htm">2016年</a></li>'
    """
    parts: list[str] = []
    position = 0
    while (call := _WRITE.search(script, position)) and len(parts) < _MAX_CALLS:
        text, position = _argument(script, call.end())
        parts.append(text)
    return "\n".join(parts)


def _argument(script: str, start: int) -> tuple[str, int]:
    """The literal text of a call's argument and where the call ends."""
    parts: list[str] = []
    position, depth = start, 1
    while position < len(script) and depth:
        letter = script[position]
        if letter in "\"'":
            literal, position = literal_at(script, position)
            parts.append(literal)
            continue
        depth += (letter == "(") - (letter == ")")
        if letter.isalnum() and (not parts or parts[-1] != OPEN):
            parts.append(OPEN)
        position += 1
    return "".join(parts), position


def literal_at(script: str, start: int) -> tuple[str, int]:
    r"""A quoted literal that begins at `start`, its escapes undone, and the position behind it.

    >>> literal_at(r"open('\/a\x2fb')", 5)
    ('/a/b', 15)
    """
    quote, position = script[start], start + 1
    letters: list[str] = []
    while position < len(script) and script[position] != quote:
        if script[position] == "\\" and position + 1 < len(script):
            position += 1
            if code := _CODE.match(script, position):
                letters.append(chr(int(code[1] or code[2], 16)))
                position = code.end()
                continue
            letters.append(_ESCAPES.get(script[position], script[position]))
        else:
            letters.append(script[position])
        position += 1
    return "".join(letters), position + 1


def cdata(text: str, tag: str) -> Iterator[str]:
    """The contents of every ``<tag><![CDATA[…]]></tag>`` of a data island (Hanweb's records).

    >>> list(cdata("<record><![CDATA[<li>一</li>]]></record>", "record"))
    ['<li>一</li>']
    """
    opening, closing = f"<{tag}>", f"</{tag}>"
    position = text.find(opening)
    for _ in range(_MAX_RECORDS):
        end = text.find(closing, position)
        if position < 0 or end < 0:
            return
        yield _unwrapped(text[position + len(opening) : end])
        position = text.find(opening, end)


def _unwrapped(content: str) -> str:
    content = content.strip()
    return content.removeprefix("<![CDATA[").removesuffix("]]>").strip()
