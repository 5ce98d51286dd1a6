"""HTTPS and HTTP as Exchange's front end in IIS answers them."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from . import http1, net, paths
from .auth import Verdict, WindowsAuthentication, judge_basic, judge_form, short_name, tried
from .http1 import BadRequest, Request, Response
from .journal import Journal
from .state import VDIRS, State, has_left

DOMAIN = "lab.test"


class FrontEnd:
    """Serves connections; every answer names the server and the connection that gave it."""

    def __init__(self, state: State, journal: Journal, certificates: net.Certificates) -> None:
        self.state, self.journal, self.certificates = state, journal, certificates
        self.name = socket.gethostname().split(".")[0]
        self.handshakes = 0

    @property
    def muted(self) -> bool:
        return bool(self.state.faults["https"]["mute"])

    def https(self, sock: socket.socket, connection: str) -> None:
        """Mute means not even a TLS answer, as from a server whose kernel still accepts."""
        if not self.state.hold(lambda: self.muted, sock):
            return
        certificate = self.state.faults["https"]["certificate"]
        try:
            secure = self.certificates.handshake(sock, certificate)
        except (ssl.SSLError, OSError):
            return  # a TCP check, or a client that does not like the certificate
        self.handshakes += 1
        try:
            Session(self, secure, connection, certificate).run()
        finally:
            secure.close()

    def http(self, sock: socket.socket, connection: str) -> None:
        if self.state.hold(lambda: self.muted, sock):
            Session(self, sock, connection, None).run()


class Session:
    """One client connection, plain or TLS, with the identity bound to it."""

    def __init__(self, front: FrontEnd, sock: socket.socket, connection: str, certificate: str | None) -> None:
        self.front, self.sock, self.connection, self.certificate = front, sock, connection, certificate
        self.client = "{}:{}".format(*net.peer(sock))
        self.windows = WindowsAuthentication()

    def run(self) -> None:
        self.sock.settimeout(http1.IDLE_SECONDS)
        with self.sock.makefile("rb") as file:
            try:
                while self._one(file):
                    pass
            except BadRequest as why:
                body = f"Bad Request: {why}\n".encode()
                http1.send(self.sock, None, Response(400, [*self._names(None), ("Content-Type", "text/plain")], body, close=True))

    def _one(self, file: Any) -> bool:
        request = http1.read_head(file)
        if request is None:
            return False
        path = paths.canonical(request.target)
        vdir = paths.vdir_of(path)
        entry = self.front.journal.arrived(
            port=443 if self.certificate else 80,
            connection=self.connection,
            client=self.client,
            method=request.method,
            target=request.target,
            vdir=vdir,
            health=vdir is not None and paths.is_health_page(path),
            host=request.get("Host"),
            userAgent=request.get("User-Agent"),
            forwardedFor=request.all("X-Forwarded-For"),
            forwardedProto=request.all("X-Forwarded-Proto"),
            user=None,
            auth=None,
            tried=tried(request.get("Authorization"))[0],
            claimed=tried(request.get("Authorization"))[1],
        )
        http1.read_body(file, self.sock, request)
        try:
            response = self._answer(request, path, vdir, entry)
            if response is None:
                entry["left"] = has_left(self.sock)
                return False
            entry["status"] = response.status
            return http1.send(self.sock, request, response)
        except OSError:
            entry["left"] = True
            raise

    def _answer(self, request: Request, path: str, vdir: str | None, entry: dict[str, Any]) -> Response | None:
        """None where there is no answer: the fault, or the client, ended the connection."""
        if not self.front.state.hold(lambda: self.front.muted, self.sock):
            return None
        names = self._names(vdir)
        names += [("X-Lab-Forwarded-For", value) for value in request.all("X-Forwarded-For")]
        if self.certificate is None and not self.front.state.faults["https"]["offloading"]:
            return _page(403, names, {"error": "403.4 Forbidden: SSL is required to view this resource."})
        if path == "/":
            # As Exchange's setup leaves the default web site.
            host = request.get("Host") or self.front.name
            return _page(302, [*names, ("Location", f"https://{host}/owa/")], {})
        if vdir is None:
            return _page(404, names, {"error": "404 Not Found", **self._facts(request, path, vdir, None)})
        failing = self._fail(vdir, "health" if entry["health"] else "answer")
        if failing == "end":
            return None
        if failing is not None:
            return _page(int(failing), names, {"error": f"{failing}: the lab's control asked for it"})
        if entry["health"]:
            text = f"200 OK<br/>{self.front.name.upper()}.{DOMAIN}".encode()
            return Response(200, [*names, ("Content-Type", "text/html")], text)
        if path.lower() == "/owa/auth.owa" and request.method == "POST":
            return self._form(request, names, entry)
        verdict = self._who(request, vdir, path)
        entry.update(user=verdict.user, auth=verdict.how)
        names += [("WWW-Authenticate", challenge) for challenge in verdict.challenges]
        if verdict.user is None and VDIRS[vdir] != "forms":
            return _page(401, names, {"error": "401 Unauthorized", **self._facts(request, path, vdir, None)})
        if verdict.user is not None:
            names.append(("X-Lab-User", verdict.user))
            if verdict.how != "basic":
                names.append(("Persistent-Auth", "true"))
        elif "text/html" in (request.get("Accept") or "") and not path.lower().startswith("/owa/auth"):
            # A browser goes to the logon page; tests and API clients get the facts right away.
            host = request.get("Host") or self.front.name
            names.append(("Location", f"https://{host}/owa/auth/logon.aspx?url=https%3a%2f%2f{host}%2f{vdir}%2f&reason=0"))
            return _page(302, names, {})
        return self._as_asked(request, names, self._facts(request, path, vdir, verdict))

    def _form(self, request: Request, names: list[tuple[str, str]], entry: dict[str, Any]) -> Response:
        """As Exchange's forms authentication: a session is cookies and the way to OWA, a refusal the way back."""
        verdict = judge_form(request.body_start)
        fields = parse_qs(request.body_start.decode("utf-8", "replace"))
        entry.update(user=verdict.user, auth="form", tried="form", claimed=short_name(fields.get("username", [""])[0]))
        host = request.get("Host") or self.front.name
        if verdict.user is None:
            return _page(302, [*names, ("Location", f"https://{host}/owa/auth/logon.aspx?replaceCurrent=1&reason=2&url=https%3a%2f%2f{host}%2fowa%2f")], {})
        cookies = [("Set-Cookie", f"{name}=lab; path=/; secure; HttpOnly") for name in ("cadata", "cadataTTL", "cadataKey", "cadataIV", "cadataSig")]
        return _page(302, [*names, *cookies, ("Location", f"https://{host}/owa/")], {})

    def _fail(self, vdir: str, which: str) -> str | None:
        """The status to fail with, "end" to end the connection, or None once nothing (more) is wrong."""
        fault = self.front.state.fault(vdir, which)
        if fault == "hang":
            healed = self.front.state.hold(lambda: self.front.state.fault(vdir, which) == "hang", self.sock)
            return None if healed else "end"
        if fault.startswith("slow:"):
            stayed = self.front.state.hold(lambda: True, self.sock, float(fault[5:]))
            return None if stayed else "end"
        if fault == "reset":
            net.reset(self.sock)
            return "end"
        return None if fault == "ok" else fault

    def _who(self, request: Request, vdir: str, path: str) -> Verdict:
        authorization = request.get("Authorization")
        if VDIRS[vdir] == "basic":
            return judge_basic(authorization, f"{self.front.name}.{DOMAIN}")
        if VDIRS[vdir] == "forms":
            return Verdict(None, None)
        binding = None
        if self.certificate is not None and self.front.state.faults["https"]["extendedProtection"] == "require":
            binding = self.front.certificates.binding[self.certificate]
        return self.windows.judge(authorization, binding)

    def _as_asked(self, request: Request, names: list[tuple[str, str]], facts: dict[str, Any]) -> Response | None:
        query = parse_qs(request.target.partition("?")[2])
        wanted = {key: _number(query.get(f"lab-{key}", ["0"])[0]) for key in ("delay", "stream", "size")}
        if wanted["delay"] and not self.front.state.hold(lambda: True, self.sock, wanted["delay"]):
            return None
        if wanted["stream"]:
            return Response(200, [*names, ("Content-Type", "text/plain")], stream=self._drip(int(wanted["stream"])))
        if wanted["size"]:
            return Response(200, [*names, ("Content-Type", "application/octet-stream")], filling=int(wanted["size"]))
        return _page(200, names, facts)

    def _drip(self, seconds: int) -> Iterator[bytes]:
        for _ in range(seconds):
            yield b"."
            if not self.front.state.hold(lambda: True, self.sock, 1):
                raise ConnectionError("the client left")

    def _names(self, vdir: str | None) -> list[tuple[str, str]]:
        return [
            ("Server", "Microsoft-IIS/10.0"),
            ("X-FEServer", self.front.name.upper()),
            ("X-Lab-Server", self.front.name),
            ("X-Lab-Connection", self.connection),
            ("X-Lab-Path", f"/{vdir}" if vdir else "none"),
        ]

    def _facts(self, request: Request, path: str, vdir: str | None, verdict: Verdict | None) -> dict[str, Any]:
        headers: dict[str, str] = {}
        for name, value in request.headers:
            # A password's echo would end up in test logs.
            shown = value.split(" ")[0] + " …" if name.lower() == "authorization" else value
            headers[name.lower()] = f"{headers[name.lower()]}, {shown}" if name.lower() in headers else shown
        return {
            "server": self.front.name,
            "vdir": vdir,
            "path": path,
            "target": request.target,
            "method": request.method,
            "version": request.version,
            "user": verdict.user if verdict else None,
            "auth": verdict.how if verdict else None,
            "connection": self.connection,
            "client": self.client,
            "headers": headers,
            "bodyLength": request.body_length,
            "sha256": request.body_sha256,
            "time": time.time(),
        }


def _number(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0


def _page(status: int, headers: list[tuple[str, str]], body: dict[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
    return Response(status, [*headers, ("Content-Type", "application/json; charset=utf-8")], text.encode())
