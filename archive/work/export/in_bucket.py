"""A file that is to lie in a bucket is made here first, sent whole, and read back, as WARC files
are: nobody sees half of one, and what does not come back as it was sent does not stay.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.model.errors import CannotRunError, UsageError
from archive.warc.bucket import SCHEME, Bucket, BucketError, bucket_at, bucket_url


def is_in_bucket(output: str) -> bool:
    """Whether the name of a file to write leads into a bucket."""
    return output.startswith(SCHEME)


@contextmanager
def bucket_file(url: str) -> Iterator[Path]:
    """A path to write to; when the block ends well, what is there is sent to `s3://BUCKET/…/NAME`.

    UsageError: it is no such URL, or credentials or the package are missing. BucketError: the
    bucket cannot be asked (which is found out before the block begins), or gave back other bytes.
    CannotRunError: the disk refuses.
    """
    folder, _, name = bucket_url(url, "-o").rpartition("/")
    if folder == SCHEME.rstrip("/") + "/":
        raise UsageError(f"-o: {url!r} names a bucket and no file: s3://BUCKET/PREFIX/FILE")
    bucket = bucket_at(folder)
    bucket.find(name, anew=True)
    try:
        with tempfile.TemporaryDirectory(prefix="gongkai-export-") as place:
            path = Path(place) / name
            yield path
            _send(bucket, name, path)
    except OSError as error:
        raise CannotRunError(f"{url}: cannot be written first: {error.strerror}") from error


def _send(bucket: Bucket, name: str, path: Path) -> None:
    with path.open("rb") as stream:
        own = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    bucket.put(name, path, lambda _: None)
    if bucket.measured(name, lambda _: None) != (size, own):
        try:
            bucket.remove(name)
            is_gone = bucket.find(name, anew=True) is None
        except BucketError:  # the key may have no right to
            is_gone = False
        now = "it was removed" if is_gone else "remove it"
        raise BucketError(
            f"{bucket.url}/{name}: what comes back is not what was sent; {now}, and run the same"
            " command again"
        )
