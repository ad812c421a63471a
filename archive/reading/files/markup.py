"""XML parts of Word and OFD files: parsed without entities, external parts and deep nesting."""

from collections.abc import Iterator

from lxml import etree

from archive.reading.files.refusal import RefusedError


def parsed(part: bytes, name: str) -> "etree._Element":
    """The root of an XML part. RefusedError when it is no XML, or nests deeper than libxml2's
    default limit (256 levels). Entities of its own are not expanded.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError(
            "file_damaged", "a part of the file is no XML", f"{name}: {error}"
        ) from None
    if root is None:
        raise RefusedError("file_damaged", "a part of the file is empty", name)
    return root


def local(element: "etree._Element") -> str:
    """The name of an element without its namespace: both dialects of OOXML read alike."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: "etree._Element", *names: str) -> "Iterator[etree._Element]":
    """Child elements with one of the local names."""
    return (child for child in element if local(child) in names)


def child(element: "etree._Element | None", name: str) -> "etree._Element | None":
    """The first child of that local name; None without one (or without an element)."""
    return None if element is None else next(children(element, name), None)


def attribute(element: "etree._Element | None", name: str) -> str | None:
    """An attribute by its local name; None without one (or without an element)."""
    if element is None:
        return None
    spelled = (v for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name)
    value = next(spelled, None)
    return None if value is None else str(value)
