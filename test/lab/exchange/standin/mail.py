"""postfix and dovecot, stopped and silenced for a test, and what they delivered."""

from __future__ import annotations

import email
import email.policy
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from . import net
from .state import State

MAILBOXES = Path("/var/vmail")

#: Exchange whose transport is inactive greets like this.
INACTIVE = b"421 4.3.2 Service not active\r\n"
#: Exchange under back pressure: a good banner, but no mail is taken.
BACK_PRESSURE = "smtpd_client_restrictions=check_client_access static:{452 4.3.1 Insufficient system resources}"


class RealServer:
    """A systemd unit that owns some ports, which a listener of ours takes over while the unit is stopped."""

    def __init__(self, state: State, unit: str, ports: tuple[int, ...], probe: int) -> None:
        self._state, self._unit, self.probe = state, unit, probe
        self._mode = "ok"
        self._stand_ins = [net.Listener(port, self._serve) for port in ports]

    def set(self, mode: str) -> None:
        """Returns when the change is in force."""
        if mode == self._mode:
            return
        runs, ran = mode in ("ok", "4xx"), self._mode in ("ok", "4xx")
        if not runs and ran:
            _systemctl("stop", self._unit)
        for listener in self._stand_ins:
            listener.close()
        self._mode = mode
        if self._unit == "postfix@-":
            restrictions = BACK_PRESSURE if mode == "4xx" else "smtpd_client_restrictions="
            subprocess.run(["postconf", "-e", restrictions], check=True, capture_output=True, text=True)
        if runs:
            # Without it, systemd's limit on starts ends a test that toggles often.
            _systemctl("reset-failed", self._unit)
            _systemctl("start" if not ran else "reload", self._unit)
        elif mode != "stopped":
            for listener in self._stand_ins:
                listener.open()

    def _serve(self, sock: socket.socket, _connection: str) -> None:
        if self._mode == "421":
            sock.sendall(INACTIVE)
            return
        mode = self._mode
        self._state.hold(lambda: self._mode == mode, sock)


def _systemctl(verb: str, unit: str) -> None:
    done = subprocess.run(["systemctl", verb, unit], check=False, capture_output=True, text=True)
    if done.returncode != 0 and verb != "reset-failed":
        raise RuntimeError(f"systemctl {verb} {unit}: {done.stderr.strip()}")


def delivered() -> list[dict[str, Any]]:
    """Every mail in the users' mailboxes, oldest first."""
    found = []
    for path in MAILBOXES.glob("*/Maildir/*/*"):
        if path.parent.name not in ("new", "cur"):
            continue
        with path.open("rb") as file:
            message = email.message_from_binary_file(file, policy=email.policy.compat32)
        # The first Received is postfix's own: it names the client that it saw.
        fields = {name.lower(): message[name] for name in ("From", "To", "Subject", "Message-Id", "Received")}
        about = path.stat()
        found.append({"user": path.parts[len(MAILBOXES.parts)], "time": about.st_mtime, "size": about.st_size, **fields})
    return sorted(found, key=lambda mail: mail["time"])


def empty_mailboxes() -> None:
    for path in MAILBOXES.iterdir():
        shutil.rmtree(path)
