"""Who a client is. Windows authentication belongs to the TCP connection, which is what makes sharing one dangerous."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from urllib.parse import parse_qs

import spnego
from spnego.channel_bindings import GssChannelBindings

ONE_STEP = re.compile(r"LAB:([A-Za-z0-9._-]+)")


@dataclass(frozen=True)
class Verdict:
    """`user` is None where the answer has to be a 401 with these challenges."""

    user: str | None
    how: str | None
    challenges: tuple[str, ...] = ()


def short_name(principal: str) -> str:
    """alice, from LAB\\alice and alice@lab.test."""
    return principal.rsplit("\\", 1)[-1].split("@", 1)[0].lower()


class WindowsAuthentication:
    """The state IIS keeps for one TCP connection: a handshake under way, or the user everyone on it counts as."""

    BOTH = ("Negotiate", "NTLM")

    def __init__(self) -> None:
        self.user: str | None = None
        self._exchange: spnego.ContextProxy | None = None

    def judge(self, authorization: str | None, binding: bytes | None) -> Verdict:
        """`binding` is the TLS end point that Extended Protection requires the client to have seen; None without it."""
        if authorization is None:
            return Verdict(self.user, "connection") if self.user else Verdict(None, None, self.BOTH)
        scheme, _, token = authorization.partition(" ")
        one_step = ONE_STEP.fullmatch(token.strip())
        if scheme.lower() == "negotiate" and one_step:
            # A Kerberos ticket comes with the first request: no 401 shows the balancer that the connection is bound.
            self.user, self._exchange = one_step[1].lower(), None
            return Verdict(self.user, "one-step")
        if scheme.lower() not in ("ntlm", "negotiate"):
            return Verdict(None, None, self.BOTH)
        self.user = None
        try:
            return self._step(scheme.lower(), base64.b64decode(token, validate=True), binding)
        except Exception:  # SpnegoError for a refused login; for garbage, whatever the parsers stumble over
            self._exchange = None
            return Verdict(None, None, self.BOTH)

    def _step(self, scheme: str, token: bytes, binding: bytes | None) -> Verdict:
        if self._exchange is None or _begins(token):
            self._exchange = spnego.server(
                protocol=scheme,
                options=spnego.NegotiateOptions.use_ntlm if scheme == "ntlm" else spnego.NegotiateOptions.use_negotiate,
                channel_bindings=GssChannelBindings(application_data=binding) if binding else None,
            )
        answer = self._exchange.step(token)
        challenge = ("NTLM" if scheme == "ntlm" else "Negotiate") + (f" {base64.b64encode(answer).decode()}" if answer else "")
        if not self._exchange.complete:
            return Verdict(None, "handshake", (challenge,))
        self.user = short_name(self._exchange.client_principal or "")
        self._exchange = None
        return Verdict(self.user, scheme, (challenge,) if answer else ())


def _begins(token: bytes) -> bool:
    """An NTLM type 1 message or a SPNEGO NegTokenInit: a client that starts again, as after a wrong password."""
    return token.startswith(b"NTLMSSP\0\x01") or token[:1] == b"\x60"


def _passwords() -> dict[str, str]:
    with open(os.environ["NTLM_USER_FILE"], encoding="utf-8") as file:
        return {short_name(user): password for _, user, password in (line.rstrip("\n").split(":", 2) for line in file)}


def judge_form(body: bytes) -> Verdict:
    """OWA's form: its name and password, once each."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    user, password = fields.get("username", [""])[0], fields.get("password", [""])[0]
    if password and _passwords().get(short_name(user)) == password:
        return Verdict(short_name(user), "form")
    return Verdict(None, "form")


def tried(authorization: str | None) -> tuple[str | None, str | None]:
    """How a request tries to log in with a password, and by which name, for the log; None, None where it does not."""
    scheme, _, token = (authorization or "").partition(" ")
    try:
        blob = base64.b64decode(token)
    except ValueError:
        return None, None
    if scheme.lower() == "basic":
        return "basic", short_name(blob.decode("utf-8", "replace").partition(":")[0])
    start = blob.find(b"NTLMSSP\0\x03")
    if start < 0 or len(blob) < start + 44:
        return None, None
    length, offset = int.from_bytes(blob[start + 36 : start + 38], "little"), int.from_bytes(blob[start + 40 : start + 44], "little")
    return "ntlm", short_name(blob[start + offset : start + offset + length].decode("utf-16-le", "replace"))


def judge_basic(authorization: str | None, realm: str) -> Verdict:
    """Basic, which holds for one request only, as ActiveSync uses it."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except ValueError:
            user, password = "", ""
        if password and _passwords().get(short_name(user)) == password:
            return Verdict(short_name(user), "basic")
    return Verdict(None, None, (f'Basic realm="{realm}"',))
