"""Time stamps of RFC 3161: an authority outside says that it saw a seal, and when.

A token is checked as soon as it comes, and kept as it came. Tokens are strict DER; what cannot be
decoded, is of other bytes or of another authority is refused.
"""

import ssl
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cryptography.x509 import (
    Certificate,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)

from archive.model.errors import CannotRunError, DamageError, UsageError
from archive.work.given_file import check_given_file
from archive.work.preservation.seal.folder import put, token_name

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

TIMEOUT_S: Final = 30.0
_MAX_TOKEN_BYTES: Final = 1024 * 1024
_MAX_PEM_BYTES: Final = 16 * 1024 * 1024


class TokenError(DamageError):
    """A time stamp that does not prove what it should, or that could not be had."""


def certificates(path: Path | None) -> list[Certificate]:
    """The authorities that are trusted: those of a PEM file, or those of this system. UsageError:
    there are none. CannotRunError: the package that reads time stamps is missing.
    """
    _client()
    if path is None:
        return _system_certificates()
    check_given_file(path)
    try:
        with path.open("rb") as stream:
            return load_pem_x509_certificates(stream.read(_MAX_PEM_BYTES))
    except OSError as error:
        raise UsageError(f"cannot read the certificates {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} holds no certificates (PEM)") from error


def _client() -> ModuleType:
    """Who asks for no time stamp and has none needs no such package."""
    try:
        return import_module("rfc3161_client")
    except ImportError as error:
        raise CannotRunError(f"time stamps need a package: run make setup ({error})") from error


def _system_certificates() -> list[Certificate]:
    """Some that systems carry are not as RFC 5280 wants them; those are left out."""
    found = []
    for der in ssl.create_default_context().get_ca_certs(binary_form=True):
        with warnings.catch_warnings(action="error"), suppress(ValueError, Warning):
            found.append(load_der_x509_certificate(der))
    if not found:
        raise UsageError("this system trusts no authority; give --tsa-ca FILE")
    return found


def check_url(url: str) -> str:
    """The URL of an authority or a calendar. UsageError: it is none that can be asked."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageError(f"{url!r} is no http(s) URL to ask for a time stamp")
    return url


def ask_token(url: str, content: bytes, roots: Sequence[Certificate]) -> tuple[bytes, datetime]:
    """A token for some bytes, checked, and its time. TokenError: the authority did not answer with
    one.
    """
    client = _client()
    builder = client.TimestampRequestBuilder().data(content)
    asked = builder.hash_algorithm(client.HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    request = Request(url, data=asked.as_bytes(), headers=headers)  # noqa: S310 - see check_url
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - see check_url
            token = answer.read(_MAX_TOKEN_BYTES)
    except (OSError, HTTPException, ValueError) as error:
        raise TokenError(f"no time stamp from {url}: {error}") from error
    try:
        return token, check_token(token, content, roots, asked)
    except TokenError as error:
        raise TokenError(f"no time stamp from {url}: {error}") from error


def stamp(seal: Path, number: int, url: str, roots: Sequence[Certificate]) -> tuple[Path, datetime]:
    """Puts a time stamp of an authority beside a seal; where it lies, and its time. TokenError: it
    gave none that holds. CannotRunError: the disk refuses.
    """
    token, at = ask_token(url, seal.read_bytes(), roots)
    return put(seal.parent, token_name(number, token), token), at


def check_token(
    token: bytes,
    content: bytes,
    roots: Sequence[Certificate],
    asked: "TimeStampRequest | None" = None,
) -> datetime:
    """When an authority of `roots` says that it saw these bytes. asked: the request, whose nonce is
    to be answered. TokenError: it does not say so.
    """
    client = _client()
    builder = client.VerifierBuilder(roots=list(roots), nonce=asked.nonce if asked else None)
    try:
        answer = client.decode_timestamp_response(token)
        builder.build().verify_message(answer, content)
    except (client.VerificationError, ValueError) as error:
        raise TokenError(f"the time stamp does not hold: {error}") from error
    at: datetime = answer.tst_info.gen_time
    return at
