"""Runs the stand-in: `python -m standin`, as root, beside postfix and dovecot."""

from __future__ import annotations

from . import control, net
from .iis import FrontEnd
from .journal import Journal
from .mail import RealServer
from .state import State


def main() -> None:
    state, journal = State(), Journal()
    front = FrontEnd(state, journal, net.Certificates())
    web = [net.Listener(443, front.https), net.Listener(80, front.http)]
    servers = {
        "smtp": RealServer(state, "postfix@-", (25, 587), probe=25),
        "imap": RealServer(state, "dovecot", (143, 993, 110, 995), probe=143),
    }
    for listener in web:
        listener.open()
    control.serve(control.Control(state, journal, front, web, servers))


main()
