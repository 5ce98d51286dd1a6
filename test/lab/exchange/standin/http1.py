"""HTTP/1.0 and 1.1 on a socket: enough to be honest about keep-alive, chunks and 100-continue."""

from __future__ import annotations

import email.utils
import hashlib
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO

#: IIS's connectionTimeout.
IDLE_SECONDS = 120
LONGEST_LINE = 65_536
MOST_HEADERS = 200


class BadRequest(Exception):
    """Answered with 400, after which the connection cannot be trusted any more and is closed."""


@dataclass
class Request:
    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]
    body_length: int = 0
    body_sha256: str = hashlib.sha256().hexdigest()
    #: As much of it as OWA's form is long.
    body_start: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    @property
    def keep_alive(self) -> bool:
        tokens = {token.strip().lower() for value in self.all("Connection") for token in value.split(",")}
        return "close" not in tokens if self.version == "HTTP/1.1" else "keep-alive" in tokens


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    #: Instead of `body`: pieces that are sent as they come, in chunks.
    stream: Iterable[bytes] | None = None
    #: Instead of `body`: so many bytes of filling.
    filling: int | None = None
    close: bool = False

    @property
    def reason(self) -> str:
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"


def read_head(file: BinaryIO) -> Request | None:
    """The next request up to its blank line; None where the client has closed between two requests."""
    line = _line(file)
    while line == b"":  # one that RFC 9112 asks servers to pass over
        line = _line(file)
    if line is None:
        return None
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest(f"request line {line!r}")
    headers: list[tuple[str, str]] = []
    while line := _line(file):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip() or len(headers) == MOST_HEADERS:
            raise BadRequest(f"header {line!r}")
        headers.append((name, value.strip()))
    if line is None:
        return None
    request = Request(parts[0], parts[1], parts[2], headers)
    if request.version == "HTTP/1.1" and len(request.all("Host")) != 1:
        raise BadRequest("HTTP/1.1 without one Host")
    return request


def read_body(file: BinaryIO, sock: socket.socket, request: Request) -> None:
    """Reads the body whole and keeps its length and hash. Asked to, it says 100 Continue first, whatever the answer."""
    encoding, lengths = request.get("Transfer-Encoding"), set(request.all("Content-Length"))
    if encoding is not None and (lengths or encoding.lower() != "chunked") or len(lengths) > 1:
        raise BadRequest("unclear length of the body")
    length = lengths.pop() if lengths else "0"
    if not length.isdecimal():
        raise BadRequest("Content-Length")
    if encoding is None and length == "0":
        return
    if (request.get("Expect") or "").lower() == "100-continue" and request.version == "HTTP/1.1":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    digest = hashlib.sha256()
    for piece in _chunks(file) if encoding is not None else _exactly(file, int(length)):
        digest.update(piece)
        if len(request.body_start) < 8192:
            request.body_start += piece
        request.body_length += len(piece)
    request.body_sha256 = digest.hexdigest()


def _line(file: BinaryIO) -> bytes | None:
    line = file.readline(LONGEST_LINE + 1)
    if not line.endswith(b"\n"):
        if len(line) > LONGEST_LINE:
            raise BadRequest("line too long")
        return None
    return line.rstrip(b"\r\n")


def _exactly(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        piece = file.read(min(length, 65_536))
        if not piece:
            raise ConnectionError("the client left in the middle of a body")
        length -= len(piece)
        yield piece


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while True:
        line = _line(file)
        if line is None:
            raise ConnectionError("the client left in the middle of a body")
        try:
            length = int(line.split(b";")[0].strip(), 16)
        except ValueError:
            raise BadRequest(f"chunk {line!r}") from None
        if length == 0:
            while _line(file):
                pass  # trailers
            return
        yield from _exactly(file, length)
        _line(file)


def send(sock: socket.socket, request: Request | None, response: Response) -> bool:
    """Writes the answer; True where another request may follow on this connection."""
    keep = request is not None and request.keep_alive and not response.close
    chunked = response.stream is not None and request is not None and request.version == "HTTP/1.1"
    if response.stream is not None and not chunked:
        keep = False
    headers = [*response.headers, ("Date", email.utils.formatdate(usegmt=True))]
    if chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif response.stream is None:
        length = len(response.body) if response.filling is None else response.filling
        headers.append(("Content-Length", str(length)))
    if not keep:
        headers.append(("Connection", "close"))
    elif request is not None and request.version == "HTTP/1.0":
        headers.append(("Connection", "keep-alive"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {response.status} {response.reason}\r\n{head}\r\n"
    without_body = request is not None and request.method == "HEAD"
    body = b"" if without_body or response.stream is not None or response.filling is not None else response.body
    sock.sendall(head.encode("latin-1", "replace") + body)
    if without_body:
        return keep
    for piece in response.stream or ():
        sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
    if chunked:
        sock.sendall(b"0\r\n\r\n")
    for offset in range(0, response.filling or 0, 65_536):
        sock.sendall(b"x" * min(65_536, (response.filling or 0) - offset))
    return keep
