"""What a test has asked to fail, and the wait that a failing part does until it is healed."""

from __future__ import annotations

import copy
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

#: Exchange's virtual directories, spelled as Exchange spells them, and how each asks who the client is.
VDIRS: dict[str, str] = {
    "owa": "forms",
    "ecp": "forms",
    "EWS": "windows",
    "mapi": "windows",
    "Microsoft-Server-ActiveSync": "basic",
    "OAB": "windows",
    "rpc": "windows",
    "Autodiscover": "windows",
    "PowerShell": "windows",
    "API": "windows",
}

#: IIS does not care about the case of a path.
VDIR_BY_LOWER: dict[str, str] = {name.lower(): name for name in VDIRS}

#: In the control API only; "*" there means every directory.
ALIASES = {"eas": "Microsoft-Server-ActiveSync", "activesync": "Microsoft-Server-ActiveSync"}

FAULT = re.compile(r"ok|[45]\d\d|hang|reset|slow:\d+(\.\d+)?")
HTTPS_SWITCHES: dict[str, tuple[Any, ...]] = {
    "mute": (False, True),
    "stopped": (False, True),
    "offloading": (False, True),
    "certificate": ("ok", "wrong", "expired", "foreign"),
    "extendedProtection": ("off", "require"),
}
SMTP_MODES = ("ok", "stopped", "mute", "421", "4xx")
IMAP_MODES = ("ok", "stopped", "mute")


class BadControl(ValueError):
    """The control request names something that does not exist; nothing of it was applied."""


def healthy() -> dict[str, Any]:
    """The state in which nothing fails, in the form that GET /control shows and PUT /control takes."""
    https: dict[str, Any] = {name: allowed[0] for name, allowed in HTTPS_SWITCHES.items()}
    https.update({name: {"health": "ok", "answer": "ok"} for name in VDIRS})
    return {"https": https, "smtp": "ok", "imap": "ok"}


def merged(current: dict[str, Any], wanted: Any) -> dict[str, Any]:
    """`current` with what `wanted` names changed. A misspelt fault would make a test pass for no reason, so it is an error."""
    if not isinstance(wanted, dict):
        raise BadControl("expected an object")
    result = copy.deepcopy(current)
    for key, value in wanted.items():
        if key == "https":
            _merge_https(result["https"], value)
        elif key in ("smtp", "imap"):
            result[key] = _one_of(key, value, SMTP_MODES if key == "smtp" else IMAP_MODES)
        else:
            raise BadControl(f"no part {key!r}: https, smtp, imap")
    return result


def _merge_https(https: dict[str, Any], wanted: Any) -> None:
    if not isinstance(wanted, dict):
        raise BadControl("https: expected an object")
    for key, value in wanted.items():
        if key in HTTPS_SWITCHES:
            https[key] = _one_of(f"https.{key}", value, HTTPS_SWITCHES[key])
            continue
        name = ALIASES.get(key.lower()) or VDIR_BY_LOWER.get(key.lower())
        if name is None and key != "*":
            raise BadControl(f"https: no {key!r}: {', '.join([*HTTPS_SWITCHES, *VDIRS, '*'])}")
        if not isinstance(value, dict) or not set(value) <= {"health", "answer"}:
            raise BadControl(f"https.{key}: expected an object with health and/or answer")
        for which, fault in value.items():
            if not isinstance(fault, str) or not FAULT.fullmatch(fault):
                raise BadControl(f"https.{key}.{which}: {fault!r} is none of ok, 4xx/5xx as a number, hang, reset, slow:SECONDS")
            for target in VDIRS if name is None else [name]:
                https[target][which] = fault


def _one_of(where: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if not any(value is option or (isinstance(value, str) and value == option) for option in allowed):
        raise BadControl(f"{where}: {value!r} is none of {', '.join(map(str, allowed))}")
    return value


class State:
    """The faults in force. Connection threads read them at each request, so that open connections fail too."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._faults = healthy()

    @property
    def faults(self) -> dict[str, Any]:
        """A snapshot; never changed in place."""
        return self._faults

    def replace(self, faults: dict[str, Any]) -> None:
        with self._changed:
            self._faults = faults
            self._changed.notify_all()

    def fault(self, vdir: str, which: str) -> str:
        fault: str = self._faults["https"][vdir][which]
        return fault

    def hold(self, while_true: Callable[[], bool], sock: socket.socket, seconds: float | None = None) -> bool:
        """Keeps a client waiting while the predicate holds, at most `seconds`. False if the client left meanwhile."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while while_true():
            left = 0.25 if deadline is None else min(0.25, deadline - time.monotonic())
            if left <= 0:
                return True
            with self._changed:
                self._changed.wait(left)
            if has_left(sock):
                return False
        return True


def has_left(sock: socket.socket) -> bool:
    """Whether the peer closed, without reading: bytes that are there belong to the next request."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLRDHUP)
    return bool(poll.poll(0))
