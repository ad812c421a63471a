"""Files in a bucket of S3-compatible storage: read by ranges, written whole, never changed.

Where the server is and who we are say the environment variables of AWS (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID …), which the library reads itself: they are in no object of ours and no message.
"""

import errno
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from archive.model.errors import CannotRunError, UsageError
from archive.model.secrets import without_secrets

SCHEME: Final = "s3://"
PART_BYTES: Final = 8 * 1024 * 1024
_MIN_AHEAD_BYTES: Final = 64 * 1024
_MAX_SMALL_BYTES: Final = 64 * 1024
_TIMEOUT_S: Final = 30
_CONNECT_TIMEOUT_S: Final = 5
_RETRIES: Final = 6
_URL: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9._=-]+)*)/?")
_SHORT: Final = re.compile(r"s3://[a-z0-9.-]{1,2}(?:/|$)")
_SERVER: Final = re.compile(
    r"https?://[^\s/@:]+(?::\d{1,5})?(?:/\S*)?|https?://\[[0-9a-f:]+\](?::\d{1,5})?/?"
)
_STATUS: Final = re.compile(r"status code: (\d{3} [A-Za-z ]+)")
_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
# The library's kinds of errors below HTTP.
_KINDS: Final = {
    "kind: Timeout": "no answer in time",
    "kind: Connect": "the server cannot be reached",
}
# One of them says who we are. Without, the library would ask an address of the network.
_CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SKIP_SIGNATURE",
)  # fmt: skip


class BucketError(CannotRunError):
    """The server of a bucket refuses us, does not answer or contradicts itself. That says nothing
    about a file.
    """


@dataclass(frozen=True, slots=True)
class StoredStat:
    """Size and time of a stored file, named as `os.stat_result` names them."""

    st_size: int
    st_mtime: float


def bucket_url(named: str, by: str = "GONGKAI_WARC_URL") -> str:
    """`s3://BUCKET/PREFIX` as it is written down. by: the variable or option that names it.
    UsageError when it is none; one with credentials in it is not repeated.
    """
    found = _URL.fullmatch(named)
    if found is None or {".", ".."} & set(found[2].split("/")):
        shown = "the URL" if "@" in named or "?" in named else repr(named)
        if _SHORT.match(named):
            raise UsageError(
                f"{by}: {shown}: the bucket's name is too short, it has 3 letters or more"
            )
        raise UsageError(
            f"{by}: {shown} is no s3://BUCKET/PREFIX; credentials go into"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the server into AWS_ENDPOINT_URL"
        )
    return f"{SCHEME}{found[1]}{found[2]}"


@cache
def bucket_at(url: str) -> "Bucket":
    """The bucket of a URL, one for this process; errors as in `Bucket`."""
    return Bucket(url)


class Bucket:
    """The files of a bucket that lie right behind a prefix.

    UsageError: the package is missing, or no credentials are there. Every method raises
    BucketError; a file that is not there is FileNotFoundError.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._known: dict[str, StoredStat] = {}
        # Its threads take room that a reading process has only so much of.
        os.environ.setdefault("TOKIO_WORKER_THREADS", "2")
        try:
            self._library: Any = import_module("obstore")
        except ImportError as error:
            raise UsageError(
                f"files in a bucket need a package: pip install 'gongkai[s3]' ({error})"
            ) from error
        if not any(os.environ.get(name) for name in _CREDENTIALS):
            raise UsageError(
                f"{url} needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        self._store = _opened(url)

    def sizes(self) -> dict[str, int]:
        """Every file and its bytes, by name; asked anew at each call, and not remembered: a file
        that is being sent may be another one a moment later.
        """
        with self._asking():
            found = self._library.list_with_delimiter(self._store)["objects"]
        return {each["path"]: _stat(each).st_size for each in found}

    def find(self, name: str, *, anew: bool = False) -> StoredStat | None:
        """Size and time of a file; None when it is not there. What was seen once is remembered,
        for files never change, unless it is asked `anew`.
        """
        if anew or name not in self._known:
            self._known.pop(name, None)
            with self._asking():
                try:
                    self._known[name] = _stat(self._library.head(self._store, name))
                except FileNotFoundError:  # the file is not there, or the bucket
                    self._library.list_with_delimiter(self._store, prefix=name)
        return self._known.get(name)

    def stat(self, name: str) -> StoredStat:
        """Size and time of a file."""
        found = self.find(name)
        if found is None:
            raise self._missing(name)
        return found

    def open(self, name: str, buffering: int = -1) -> BinaryIO:
        """A file to read from. buffering 0 asks for exactly what is read, else more and more is
        read ahead.
        """
        stat = self.stat(name)
        ahead = 0 if buffering == 0 else _MIN_AHEAD_BYTES
        raw = _Stored(lambda start, length: self._range(name, start, length), stat.st_size, ahead)
        return raw if buffering == 0 else io.BufferedReader(raw)  # type: ignore[return-value]  # as FileIO is a BinaryIO

    def put(self, name: str, path: Path, on_bytes: Callable[[int], None]) -> None:
        """Sends a whole file; whoever asks sees all of it or what was there before."""
        with path.open("rb") as stream, self._asking():
            size = os.fstat(stream.fileno()).st_size
            if size <= PART_BYTES:
                self._library.put(self._store, name, stream.read(), use_multipart=False)
                on_bytes(size)
            else:
                pieces = _counted(iter(lambda: stream.read(PART_BYTES), b""), on_bytes)
                self._library.put(
                    self._store, name, pieces, chunk_size=PART_BYTES, max_concurrency=2
                )
        self._known.pop(name, None)

    def measured(self, name: str, on_bytes: Callable[[int], None]) -> tuple[int, str] | None:
        """Bytes and SHA-256 of a file as it is read back; None when it is not there."""
        if self.find(name, anew=True) is None:
            return None
        digest, size = hashlib.sha256(), 0
        with self.open(name, buffering=0) as stream:
            while piece := stream.read(PART_BYTES):
                digest.update(piece)
                size += len(piece)
                on_bytes(len(piece))
        return size, digest.hexdigest()

    def remove(self, name: str) -> None:
        """Removes a file; one that is not there is gone."""
        with self._asking(), suppress(FileNotFoundError):
            self._library.delete(self._store, name)
        self._known.pop(name, None)

    def read_small(self, name: str) -> bytes | None:
        """All of a small file; None when it is not there."""
        if self.find(name, anew=True) is None:
            return None
        with self.open(name, buffering=0) as stream:
            return stream.read(_MAX_SMALL_BYTES)

    def put_small(self, name: str, content: bytes, *, replace: bool = False) -> bool:
        """Puts a small file where none has the name, or in the place of one; False where one has
        it that is not to be replaced.
        """
        taken = import_module("obstore.exceptions").AlreadyExistsError
        with self._asking():
            try:
                mode = "overwrite" if replace else "create"
                self._library.put(self._store, name, content, mode=mode)
            except taken:
                return False
        return True

    def _range(self, name: str, start: int, length: int) -> bytes:
        piece = b""
        with self._asking(), suppress(FileNotFoundError):
            piece = bytes(self._library.get_range(self._store, name, start=start, length=length))
        if not piece and self.find(name, anew=True) is None:
            raise self._missing(name)
        if len(piece) != length:
            raise BucketError(
                f"{self.url}/{name}, offset {start}: {len(piece)} bytes came, not {length}"
            )
        return piece

    def _no_bucket(self) -> BucketError:
        return BucketError(
            f"{self.url}: there is no such bucket; make it, or name another (GONGKAI_WARC_URL,"
            " AWS_ENDPOINT_URL)"
        )

    def _missing(self, name: str) -> FileNotFoundError:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.url}/{name}")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """The library's error in our words: its own has the whole exchange in it."""
        errors = import_module("obstore.exceptions")
        try:
            yield
        except FileNotFoundError:
            raise self._no_bucket() from None
        except (errors.PermissionDeniedError, errors.UnauthenticatedError) as error:
            raise BucketError(
                f"{self.url}: the server refuses us ({_reason(error)}); look at the AWS_ variables"
                " and at what the key may do (list, get, put)"
            ) from None
        except errors.BaseError as error:
            if "<Code>NoSuchBucket<" in str(error):
                raise self._no_bucket() from None
            raise BucketError(f"{self.url}: {_reason(error)}; try again later") from None


class _Stored(io.RawIOBase):
    """Reads a stored file. ahead: how many bytes are asked for at least; reading on doubles it."""

    def __init__(self, ask: Callable[[int, int], bytes], size: int, ahead: int) -> None:
        super().__init__()
        self._ask = ask
        self._size = size
        self._first_ahead = self._ahead = ahead
        self._position = 0
        self._held = memoryview(b"")
        self._held_at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # typeshed wants a private type
        count = max(0, min(len(buffer), self._size - self._position))
        if count == 0:
            return 0
        end = self._held_at + len(self._held)
        if not self._held_at <= self._position < end:
            self._ahead = (
                min(2 * self._ahead, PART_BYTES) if self._position == end else self._first_ahead
            )
            length = min(max(count, self._ahead), self._size - self._position)
            self._held_at, self._held = (
                self._position,
                memoryview(self._ask(self._position, length)),
            )
        piece = self._held[self._position - self._held_at :][:count]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def _opened(url: str) -> Any:
    bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if endpoint and not _SERVER.fullmatch(endpoint):
        raise UsageError(
            f"AWS_ENDPOINT_URL: {without_secrets(endpoint)!r} is no URL such as https://HOST:PORT"
        )
    return import_module("obstore.store").S3Store(
        bucket,
        prefix=prefix or None,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=_CONNECT_TIMEOUT_S),
            "timeout": timedelta(seconds=_TIMEOUT_S),
        },
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_TIMEOUT_S),
            "backoff": {
                "base": 2,
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=5),
            },
        },
    )


def _stat(meta: Any) -> StoredStat:
    return StoredStat(st_size=meta["size"], st_mtime=meta["last_modified"].timestamp())


def _counted(pieces: Iterator[bytes], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        on_bytes(len(piece))


def _reason(error: Exception) -> str:
    """What the server said, or why it said nothing."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    if status is None:
        return next((why for kind, why in _KINDS.items() if kind in text), "the answer broke off")
    return f"the server says {status[1].strip()}{f' ({code[1]})' if code else ''}"
