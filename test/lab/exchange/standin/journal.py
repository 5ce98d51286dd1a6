"""What reached this server, so that a test can show what did not."""

from __future__ import annotations

import collections
import json
import re
import subprocess
import threading
import time
from typing import Any

KEPT = 20_000

SMTP_END = re.compile(r"disconnect from \S*?\[([^\]]*)\] ?(.*)")
DOVECOT_END = re.compile(r"(imap|pop3)-login: ([^:(]+)[^:]*:.*?user=<([^>]*)>.*?rip=([^,\s]+)")


class Journal:
    """HTTP requests as they came in, each completed in place when it is answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[dict[str, Any]] = collections.deque(maxlen=KEPT)
        self._number = 0
        self._cursor = _journal_cursor()

    def arrived(self, **what: Any) -> dict[str, Any]:
        """At the request's head, before its body and its answer: a request that hangs is in the log too."""
        with self._lock:
            self._number += 1
            entry = {"number": self._number, "time": time.time(), **what, "status": None, "left": False}
            self._entries.append(entry)
        return entry

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(entry) for entry in self._entries if entry["number"] > since]

    def mail_sessions(self) -> dict[str, list[dict[str, Any]]]:
        """SMTP and IMAP/POP3 sessions that ended, from what postfix and dovecot wrote into systemd's journal."""
        subprocess.run(["journalctl", "--sync"], check=False, capture_output=True)
        text = _journalctl("-o", "json", *([f"--after-cursor={self._cursor}"] if self._cursor else []))
        smtp: list[dict[str, Any]] = []
        imap: list[dict[str, Any]] = []
        for line in text.splitlines():
            record = json.loads(line)
            message, when = str(record.get("MESSAGE", "")), int(record["__REALTIME_TIMESTAMP"]) / 1e6
            if match := SMTP_END.match(message):
                commands = dict(pair.split("=", 1) for pair in match[2].split() if "=" in pair)
                smtp.append({"time": when, "client": match[1], "commands": commands})
            elif match := DOVECOT_END.search(message):
                protocol, event, user, client = match.groups()
                imap.append({"time": when, "protocol": protocol, "event": event.strip(), "user": user or None, "client": client})
        return {"smtp": smtp, "imap": imap}

    def clear(self) -> None:
        """Forgets everything; the numbers go on."""
        subprocess.run(["journalctl", "--sync"], check=False, capture_output=True)
        with self._lock:
            self._entries.clear()
            self._cursor = _journal_cursor()


def _journalctl(*arguments: str) -> str:
    identifiers = ["-t", "postfix/smtpd", "-t", "postfix/submission/smtpd", "-t", "dovecot"]
    return subprocess.run(["journalctl", "-q", *identifiers, *arguments], check=False, capture_output=True, text=True).stdout


def _journal_cursor() -> str | None:
    match = re.search(r"^-- cursor: (.+)$", _journalctl("-n0", "--show-cursor"), re.M)
    return match[1] if match else None
