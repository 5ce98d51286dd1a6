"""Which virtual directory a request means, read as generously as any version of http.sys and IIS may read it.

A balancer's rules are judged by this: what they let through must not turn out to be a directory they should have
refused. So where versions and settings differ (%uXXXX, a path without its slash), the reading here is the wide one.
"""

from __future__ import annotations

import re

from .state import VDIR_BY_LOWER

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\\?]*")
_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})|((?:%[0-9A-Fa-f]{2})+)")


def canonical(target: str) -> str:
    """One decoding, backslashes as slashes, double slashes folded, dot segments resolved; case is kept."""
    path = _ABSOLUTE.sub("", target, count=1) if _ABSOLUTE.match(target) else target
    path = _ESCAPE.sub(_decoded, path.partition("?")[0])
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments)


def _decoded(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    octets = bytes.fromhex(match[2].replace("%", ""))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def vdir_of(path: str) -> str | None:
    return VDIR_BY_LOWER.get(path[1:].split("/", 1)[0].lower())


def is_health_page(path: str) -> bool:
    parts = path.lower().split("/")
    return len(parts) == 3 and parts[2] == "healthcheck.htm"
