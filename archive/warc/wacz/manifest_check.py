"""Whether the manifest of a WACZ is one, and whether its files are those that it names."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Final

from archive.model.reading import Severity
from archive.warc.rules import Complaint
from archive.warc.wacz.directory import ContainerError, Directory, FoundEntry
from archive.warc.wacz.package import DIGEST, MANIFEST, digest_of_manifest
from archive.warc.wacz.signature import SignatureError, verify_signature

MAX_MANIFEST_BYTES: Final = 64 * 1024 * 1024
_VERSIONS: Final = frozenset({"1.0.0", "1.1.0", "1.1.1", "1.2.0"})
_PROFILES: Final = frozenset({"data-package", "wacz-package", "wacz"})
_HASHES: Final = frozenset({"sha256", "sha512", "sha384", "sha1", "md5"})
_UNLISTED: Final = frozenset({MANIFEST, DIGEST})
# The name of a file and a complaint about it.
About = tuple[str, Complaint]


def read_manifest(directory: Directory) -> tuple[bytes, dict[str, object]]:
    """The manifest as bytes and as an object. ContainerError: there is none, or none to read."""
    entry = directory.entries.get(MANIFEST)
    if entry is None:
        raise ContainerError("there is no datapackage.json")
    content = directory.content(entry, MAX_MANIFEST_BYTES)
    return content, _object(content)


def check_manifest(manifest: Mapping[str, object]) -> Iterator[About]:
    """What is wrong with the manifest by itself."""
    version, profile = manifest.get("wacz_version"), manifest.get("profile")
    if profile not in _PROFILES:
        yield _error(MANIFEST, "manifest", f"its profile is {_short(profile)}, not data-package")
    if version is None and profile == "data-package":
        yield _error(MANIFEST, "manifest", "it names no wacz_version")
    elif version is not None and version not in _VERSIONS:
        message = f"its wacz_version {_short(version)} is not known here"
        yield MANIFEST, (Severity.WARNING, "wacz_version", message)
    if not isinstance(manifest.get("resources"), list):
        yield _error(MANIFEST, "manifest", "it has no list of resources")


def check_files(directory: Directory, manifest: Mapping[str, object]) -> Iterator[About]:
    """Files that the manifest does not name, names and lacks, or names with another hash or size;
    and files whose bytes cannot be read.
    """
    listed = _listed(manifest)
    for name, resource in listed.items():
        entry = directory.entries.get(name)
        if entry is None:
            yield _error(name, "missing_file", "the manifest names a file that is not there")
            continue
        for rule, message in _differences(directory, entry, resource):
            yield _error(name, rule, message)
    for name in directory.entries:
        if name not in listed and name not in _UNLISTED:
            yield _error(name, "extra_file", "a file that the manifest does not name")


def check_digest(
    directory: Directory, content: bytes, manifest: Mapping[str, object]
) -> Iterator[About]:
    """Whether datapackage-digest.json is there and fits the manifest, and who signed it."""
    entry = directory.entries.get(DIGEST)
    if entry is None:
        message = "it is missing: nothing tells whether datapackage.json was changed"
        yield _error(DIGEST, "no_digest_file", message)
        return
    try:
        found = _object(directory.content(entry, MAX_MANIFEST_BYTES))
    except ContainerError as error:
        yield _error(DIGEST, "digest_file", str(error))
        return
    hash_ = digest_of_manifest(content)
    if found.get("path") != MANIFEST or found.get("hash") != hash_:
        message = "its hash is not that of datapackage.json, which was changed afterwards"
        yield _error(DIGEST, "digest_file", message)
    if "signedData" in found:
        yield from _signature(found["signedData"], hash_, manifest)


def _signature(signed: object, hash_: str, manifest: Mapping[str, object]) -> Iterator[About]:
    if not isinstance(signed, dict):
        yield _error(DIGEST, "signature", "the signature is no object")
        return
    try:
        who = verify_signature(signed)
    except SignatureError as error:
        yield _error(DIGEST, "signature", str(error))
        return
    if signed.get("hash") != hash_:
        yield _error(DIGEST, "signature", "the signature is that of another datapackage.json")
    elif signed.get("created") != manifest.get("created"):
        yield _error(DIGEST, "signature", "the signature has another `created` than the manifest")
    else:
        yield DIGEST, (Severity.INFO, "signed", f"signed by {who}")


def _listed(manifest: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    resources = manifest.get("resources")
    found: dict[str, Mapping[str, object]] = {}
    for each in resources if isinstance(resources, list) else ():
        if isinstance(each, dict) and isinstance(each.get("path"), str):
            found[each["path"]] = each
    return found


def _differences(
    directory: Directory, entry: FoundEntry, resource: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    algorithm, _, value = str(resource.get("hash", "")).partition(":")
    if algorithm not in _HASHES:
        yield "manifest", f"the manifest gives no hash that can be read ({_short(algorithm)})"
        return
    hasher, size = hashlib.new(algorithm, usedforsecurity=False), 0
    try:
        for piece in directory.pieces(entry):
            hasher.update(piece)
            size += len(piece)
    except ContainerError as error:
        yield "zip_entry", str(error)
        return
    if hasher.hexdigest() != value.lower():
        yield "hash", f"the file does not fit its {algorithm} in the manifest"
    elif resource.get("bytes") not in (None, size):
        yield "bytes", f"the file has {size:,} bytes, the manifest says {_short(resource['bytes'])}"


def _object(content: bytes) -> dict[str, object]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise ContainerError("it is no JSON") from None
    if not isinstance(value, dict):
        raise ContainerError("it is no JSON object")
    return value


def _short(value: object) -> str:
    return repr(value)[:100]


def _error(name: str, rule: str, message: str) -> About:
    return name, (Severity.ERROR, rule, message)
