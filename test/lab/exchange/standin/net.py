"""Listening sockets that can be taken away and given back, and the certificates HTTPS shows."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CERTIFICATES = Path("/etc/exchange")
GENERATED = Path("/run/exchange")

_numbers = itertools.count(1)
_started = format(int(time.time()), "x")


def new_connection_id(port: int) -> str:
    """Never the same twice, also after a restart: a test tells connections apart by it."""
    return f"{socket.gethostname().split('.')[0]}-{port}-{_started}-{next(_numbers)}"


def peer(sock: socket.socket) -> tuple[str, int]:
    """Who is at the other end; IPv4 as IPv4, although one socket listens for both families."""
    address, port = sock.getpeername()[:2]
    return address.removeprefix("::ffff:"), port


class Listener:
    """A port with a thread for each connection. Closing it ends its connections, as stopping a service does."""

    def __init__(self, port: int, serve: Callable[[socket.socket, str], None]) -> None:
        self.port = port
        self.accepted = 0
        self._serve = serve
        self._socket: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def open(self) -> None:
        if self._socket is not None:
            return
        self._socket = socket.create_server(("::", self.port), family=socket.AF_INET6, backlog=1024, dualstack_ipv6=True)
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def close(self) -> None:
        if self._socket is None:
            return
        listening, self._socket = self._socket, None
        # Without the shutdown the blocked accept would keep the port taken.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for sock in list(self._open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            self.accepted += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        self._open.add(sock)
        try:
            self._serve(sock, new_connection_id(self.port))
        except OSError:
            pass  # the client went away, or close() took the connection
        finally:
            self._open.discard(sock)
            sock.close()


def reset(sock: socket.socket) -> None:
    """Ends a connection with RST, as a crashed process's host does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _generate(name: str, host: str, valid: tuple[int, int]) -> tuple[Path, Path]:
    """A self-signed certificate, for when the lab's authority made none for this fault. `valid` is in days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=valid[0]))
        .not_valid_after(now + datetime.timedelta(days=valid[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, keyfile = GENERATED / f"{name}.pem", GENERATED / f"{name}.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    keyfile.touch(mode=0o600)
    keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, keyfile


class Certificates:
    """A TLS context for each certificate the control API knows.

    They are separate contexts, not one whose certificate changes, because a client that resumes a session does not
    look at the certificate again: a new context knows no sessions of the old one.
    """

    def __init__(self) -> None:
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.binding: dict[str, bytes] = {}
        self._add("ok", CERTIFICATES / "cert.pem", CERTIFICATES / "key.pem")
        for name, host, valid in (("wrong", "other.lab.test", (-1, 30)), ("expired", socket.gethostname(), (-30, -1)), ("foreign", "mail.lab.test", (-1, 30))):
            pair = CERTIFICATES / f"{name}.pem", CERTIFICATES / f"{name}.key"
            self._add(name, *(pair if all(path.exists() for path in pair) else _generate(name, host, valid)))

    def _add(self, name: str, pem: Path, key: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(pem, key)
        self._contexts[name] = context
        self.binding[name] = _end_point(pem)

    def handshake(self, sock: socket.socket, name: str) -> ssl.SSLSocket:
        sock.settimeout(15)
        return self._contexts[name].wrap_socket(sock, server_side=True)


def _end_point(pem: Path) -> bytes:
    """The tls-server-end-point of RFC 5929, to which Extended Protection ties a login."""
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    algorithm = certificate.signature_hash_algorithm
    weak = algorithm is None or algorithm.name in ("md5", "sha1")
    digest = hashlib.new("sha256" if weak or algorithm is None else algorithm.name)
    digest.update(certificate.public_bytes(serialization.Encoding.DER))
    return b"tls-server-end-point:" + digest.digest()
