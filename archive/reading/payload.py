"""The line that stands for a body whose text is not read: its digest."""

import hashlib


def payload_line(body: bytes) -> str:
    """``sha256:<hex>`` of a body, the one line of a file's content hash.

    >>> payload_line(b"")[:19]
    'sha256:e3b0c44298fc'
    """
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
