"""A server that sends exactly the bytes a test asks for, and remembers what passed."""

import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


def page(body: str | bytes, *, head: str = "HTTP/1.1 200 OK", headers: str = "") -> bytes:
    """A whole answer with a right Content-Length."""
    raw = body.encode() if isinstance(body, str) else body
    return (
        f"{head}\r\nContent-Type: text/html; charset=utf-8\r\n{headers}"
        f"Content-Length: {len(raw)}\r\n\r\n"
    ).encode() + raw


class RawServer:
    """Answers by path. An answer is bytes, a list of bytes (one a visit, the last repeats), or a
    callable that is given the socket.
    """

    def __init__(self) -> None:
        self.answers: dict[str, bytes | list[bytes] | Callable[[socket.socket], None]] = {}
        self.requests: defaultdict[str, list[bytes]] = defaultdict(list)
        self.connections = 0
        self.at: list[float] = []  # when each request came
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Refuses connections from now on."""
        with suppress(OSError):  # closed before
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # whom it serves may have had enough
            buffer = b""
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = connection.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                self.at.append(time.monotonic())
                self.requests[path].append(head + b"\r\n\r\n")
                if not self._answer(connection, path):
                    return

    def _answer(self, connection: socket.socket, path: str) -> bool:
        missing = page("nothing here", head="HTTP/1.1 404 Not Found")
        answer = self.answers.get(path, missing)
        if callable(answer):
            answer(connection)
            return False
        if isinstance(answer, list):
            answer = answer[min(len(self.requests[path]), len(answer)) - 1]
        connection.sendall(answer)
        return b"Content-Length" in answer or b"chunked" in answer


def reset(connection: socket.socket) -> None:
    """Ends the connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """A running server."""
    server = RawServer()
    try:
        yield server
    finally:
        server.close()
