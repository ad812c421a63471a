"""What machines are told of a dataset: a data package of Frictionless (datapackage.json), and
Croissant, which search engines for data and loaders of machine learning read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from archive.model.content import printable
from archive.model.errors import UsageError, did_you_mean
from archive.store.views import ViewColumn, described_columns
from archive.work.export.dataset_files import PARTS, DataFile, Part, Written

UNLICENSED: Final = "notspecified"
"""The licence of a dataset whose maker names none: nobody has given leave to anything."""

# Usual licences of data, by their SPDX key.
_LICENCES: Final[Mapping[str, str]] = {
    "CC0-1.0": "Creative Commons Zero 1.0",
    "CC-BY-4.0": "Creative Commons Attribution 4.0",
    "CC-BY-SA-4.0": "Creative Commons Attribution Share-Alike 4.0",
    "CC-BY-NC-4.0": "Creative Commons Attribution Non-Commercial 4.0",
    "CC-BY-NC-SA-4.0": "Creative Commons Attribution Non-Commercial Share-Alike 4.0",
    "ODbL-1.0": "Open Database License 1.0",
    "ODC-By-1.0": "Open Data Commons Attribution License 1.0",
    "PDDL-1.0": "Open Data Commons Public Domain Dedication and License 1.0",
}
_NOT_SPECIFIED: Final = "not specified: nobody has given leave to use or hand on this dataset"
_KEYWORDS: Final = (
    "政府信息公开", "政府信息公开工作年度报告", "依申请公开", "行政复议", "行政诉讼", "China",
    "open government information", "freedom of information", "administrative statistics",
)  # fmt: skip
_TYPES: Final[Mapping[str, tuple[str, str]]] = {  # of Table Schema, and of Croissant
    "text": ("string", "sc:Text"), "json": ("string", "sc:Text"),
    "integer": ("integer", "sc:Integer"), "number": ("number", "sc:Float"),
    "boolean": ("boolean", "sc:Boolean"), "date": ("date", "sc:Date"),
    "instant": ("datetime", "sc:DateTime"),
}  # fmt: skip
_PRIMARY: Final[Mapping[str, list[str]]] = {
    "citations": ["url", "version"], "coverage": ["body_id", "year"], "bodies": ["body_id"],
    "portals": ["portal"], "indicators": ["indicator"],
}  # fmt: skip
# Columns that name a row of another table, by table; the key of that one is _PRIMARY's.
_FOREIGN: Final[Mapping[str, tuple[tuple[list[str], str], ...]]] = {
    "figures_current": ((["url", "version"], "citations"), (["body_id"], "bodies"),
                        (["indicator"], "indicators")),
    "statements": ((["url", "version"], "citations"),),
    "changes": ((["url", "version"], "citations"),),
    "similarity": ((["url", "version"], "citations"),
                   (["other_url", "other_version"], "citations")),
    "coverage": ((["body_id"], "bodies"),),
}  # fmt: skip
_CONTEXT: Final = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in (
        "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty",
        "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
        "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
        "separator", "source", "subField", "transform",
    )},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """key: of SPDX, "notspecified", or "other-custom" for a text that a URL leads to. url: None
    where there is no text.
    """

    key: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the maker of a dataset says of it. creators: (), where nobody is named. url: where it
    can be had; None where nobody says. software: what wrote it.
    """

    title: str
    creators: tuple[str, ...]
    licence: Licence
    url: str | None
    software: str


def licence_of(text: str) -> Licence:
    """The licence of that SPDX key, or behind that URL; "notspecified" is none. UsageError: it is
    neither; the message names near ones.
    """
    known = {key.lower(): key for key in _LICENCES}
    if text.lower() == UNLICENSED:
        return Licence(key=UNLICENSED, title=_NOT_SPECIFIED, url=None)
    if key := known.get(text.lower()):
        url = f"https://spdx.org/licenses/{key}.html"
        return Licence(key=key, title=_LICENCES[key], url=url)
    if text.startswith(("https://", "http://")) and printable(text) == text and " " not in text:
        return Licence(key="other-custom", title="as its text says", url=text)
    near = did_you_mean(text, _LICENCES)
    raise UsageError(
        f"--license: {text!r} is no licence known here{near}; give a URL of its text, or one of"
        f" {', '.join(_LICENCES)}"
    )


def datapackage(about: About, written: Written) -> str:
    """The descriptor of Frictionless (Data Package 2.0, readable as 1.0)."""
    licence = {"name": about.licence.key, "title": about.licence.title}
    if about.licence.url:
        licence["path"] = about.licence.url
    made = [{"title": each, "roles": ["creator"]} for each in about.creators]
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"gongkai-{day_of(written)}",
        "title": about.title,
        "description": described(written),
        **({"homepage": about.url} if about.url else {}),
        "version": version_of(written),
        "created": f"{instant_of(written)}",
        "keywords": list(_KEYWORDS),
        "licenses": [licence],
        **({"contributors": made} if made else {}),
        "sources": [{"title": f"政府信息公开工作年度报告, read by {about.software}, reader"
                              f" {', '.join(sorted(written.readers)) or 'none'}; table citations"
                              " has the URL of each"}],
        "resources": [_resource(each) for each in written.files],
    }  # fmt: skip
    return _json(package)


def _resource(file: DataFile) -> dict[str, Any]:
    [part] = (each for each in PARTS if each.name == file.table)
    return {
        "name": f"{file.table}-{file.year}" if file.year else file.table,
        "title": f"{file.table}, {file.year}" if file.year else file.table,
        "description": f"{part.why}. {file.rows:,} rows.",
        "path": file.path,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": _schema(file.table),
    }


def _schema(table: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(each) for each in described_columns()[table]]}
    if table in _PRIMARY:
        schema["primaryKey"] = _PRIMARY[table]
    if table in _FOREIGN:
        schema["foreignKeys"] = [
            {"fields": fields, "reference": {"resource": other, "fields": _PRIMARY[other]}}
            for fields, other in _FOREIGN[table]
        ]
    return schema


def _field(column: ViewColumn) -> dict[str, str]:
    means = f"JSON text: {column.meaning}" if column.type == "json" else column.meaning
    field = {"name": column.name, "type": _TYPES[column.type][0], "description": means}
    return field | ({"unit": column.unit} if column.unit else {})


def croissant(about: About, written: Written) -> str:
    """The description in Croissant 1.1: every file with its hash, every table with its columns."""
    files = [
        {"@type": "cr:FileObject", "@id": each.path, "name": each.path, "contentUrl": each.path,
         "contentSize": f"{each.size} B", "encodingFormat": "application/x-parquet",
         "sha256": each.sha256}
        for each in written.files
    ]  # fmt: skip
    sets = [
        {"@type": "cr:FileSet", "@id": part.name, "name": part.name, "description": part.why,
         "encodingFormat": "application/x-parquet", "includes": part.files}
        for part in PARTS
    ]  # fmt: skip
    told = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": about.title,
        "description": described(written),
        "license": about.licence.url or about.licence.title,
        **({"url": about.url} if about.url else {}),
        "version": version_of(written),
        "datePublished": instant_of(written)[:10],
        "inLanguage": ["zh", "en"],
        "keywords": list(_KEYWORDS),
        "creator": [{"@type": "sc:Organization", "name": each} for each in about.creators],
        "citeAs": cited(about, written),
        "distribution": [*files, *sets],
        "recordSet": [_record_set(part) for part in PARTS],
    }
    return _json(told)


def _record_set(part: Part) -> dict[str, Any]:
    fields = [
        {"@type": "cr:Field", "@id": f"{part.name}_rows/{each.name}", "name": each.name,
         "description": _field(each)["description"], "dataType": _TYPES[each.type][1],
         "source": {"fileSet": {"@id": part.name}, "extract": {"column": each.name}}}
        for each in described_columns()[part.name]
    ]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": f"{part.name}_rows", "name": f"{part.name}_rows",
            "description": part.why, "field": fields}  # fmt: skip


def described(written: Written) -> str:
    """What is in the dataset, in one sentence."""
    return (
        f"{written.rows_of('figures_current'):,} numbers of annual reports of Chinese public bodies"
        " on open government information (政府信息公开工作年度报告), as the archive of"
        f" {day_of(written)} has them; each is cited by url, version, captured_at and content_hash."
    )


def cited(about: About, written: Written) -> str:
    """How the dataset is cited in a text."""
    who = ", ".join(about.creators) or "anonymous"
    where = f" {about.url}" if about.url else ""
    return f"{who}: {about.title}, version {version_of(written)}.{where}"


def version_of(written: Written) -> str:
    """That day as a version number."""
    day = written.as_of
    return "0.0.0" if day is None else f"{day.year}.{day.month}.{day.day}"


def day_of(written: Written) -> str:
    """The day on which the archive was last brought up to date, in UTC."""
    return "empty" if written.as_of is None else written.as_of.date().isoformat()


def instant_of(written: Written) -> str:
    """The instant of the same, as ISO 8601; the beginning of Unix time for an empty archive."""
    if written.as_of is None:
        return "1970-01-01T00:00:00Z"
    return written.as_of.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
