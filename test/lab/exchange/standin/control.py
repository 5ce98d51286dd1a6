"""The HTTP API with which a test makes this server fail and looks at what reached it."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import mail
from .iis import FrontEnd
from .journal import Journal
from .net import Listener
from .state import BadControl, State, healthy, merged

PORT = 8025


class Control:
    """Applies faults one request at a time, so that two tests' requests cannot leave half of each."""

    def __init__(
        self, state: State, journal: Journal, front: FrontEnd, web: list[Listener], servers: dict[str, mail.RealServer]
    ) -> None:
        self.state, self.journal, self.front, self.web, self.servers = state, journal, front, web, servers
        self._one_at_a_time = threading.Lock()

    def apply(self, wanted: Any, on: dict[str, Any] | None = None) -> dict[str, Any]:
        """Returns when everything is in force: a test may go on right after the answer."""
        with self._one_at_a_time:
            faults = merged(self.state.faults if on is None else on, wanted)
            for name, server in self.servers.items():
                server.set(faults[name])
            self.state.replace(faults)
            for listener in self.web:
                listener.close() if faults["https"]["stopped"] else listener.open()
            return faults

    def log(self, since: int) -> dict[str, Any]:
        return {
            "server": self.front.name,
            "requests": self.journal.requests(since),
            "sessions": self.journal.mail_sessions(),
            "accepted": {str(listener.port): listener.accepted for listener in self.web},
            "tlsHandshakes": self.front.handshakes,
        }

    def clear(self) -> dict[str, Any]:
        self.journal.clear()
        for listener in self.web:
            listener.accepted = 0
        self.front.handshakes = 0
        return {"cleared": True}

    def ready(self) -> dict[str, Any]:
        """By connecting, since a unit may be active before its port answers."""
        ports = [listener.port for listener in self.web] + [server.probe for server in self.servers.values()]
        return {"server": self.front.name, "ports": {str(port): _accepts(port) for port in ports}}


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        return False
    return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    control: Control


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        control = self.server.control
        status = 200
        try:
            match f"{self.command} {url.path}":
                case "GET /control":
                    answer: Any = control.state.faults
                case "PUT /control":
                    answer = control.apply(json.loads(body))
                case "DELETE /control":
                    answer = control.apply({}, on=healthy())
                case "GET /log":
                    answer = control.log(int(parse_qs(url.query).get("since", ["0"])[0]))
                case "DELETE /log":
                    answer = control.clear()
                case "GET /mail":
                    answer = mail.delivered()
                case "DELETE /mail":
                    mail.empty_mailboxes()
                    answer = []
                case "GET /ready":
                    answer = control.ready()
                    status = 200 if all(answer["ports"].values()) else 503
                case _:
                    status, answer = 404, {"error": "GET PUT DELETE /control, GET DELETE /log, GET DELETE /mail, GET /ready"}
        except (BadControl, ValueError) as why:
            status, answer = 400, {"error": str(why)}
        except Exception as why:  # a test must learn why a fault could not be made
            status, answer = 500, {"error": f"{type(why).__name__}: {why}"}
        text = (json.dumps(answer, indent=1) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_DELETE = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the lab asks often while it waits."""


def serve(control: Control) -> None:
    server = _Server(("0.0.0.0", PORT), _Handler)
    server.control = control
    server.serve_forever()
