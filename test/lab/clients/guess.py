"""Guesses passwords over HTTPS in four ways, from as many addresses as it is given, and prints what it was answered.

usage: guess.py BALANCER, with what to do on standard input:
  {"sources": [...], "names": [...], "guesses": 100, "threads": 10, "password": null}

Prints {"200": n, "401": n, ...}: the statuses of requests that carried a password. A guess is wrong unless "password" is
the right one.
"""

import base64
import http.client
import json
import ssl
import struct
import sys
import threading
import urllib.parse

BALANCER = sys.argv[1]
ASKED = json.load(sys.stdin)
TLS = ssl._create_unverified_context()
counts = {}
lock = threading.Lock()


def connection(source):
    opened = http.client.HTTPSConnection(BALANCER, context=TLS, timeout=60, source_address=(source, 0))
    opened.connect()
    return opened


def ask(opened, method, path, headers=None, body=""):
    opened.request(method, path, body=body, headers={"Host": "mail.lab.test", "User-Agent": "guesser", **(headers or {})})
    answer = opened.getresponse()
    answer.read()
    return answer


def third(user):
    """NTLM's third message, with a response to the challenge that is none."""
    parts = [bytes(24), bytes(40), "LAB".encode("utf-16-le"), user.encode("utf-16-le"), "PC".encode("utf-16-le"), b""]
    head, at = b"NTLMSSP\0" + struct.pack("<I", 3), 88
    for part in parts:
        head += struct.pack("<HHI", len(part), len(part), at)
        at += len(part)
    return head + struct.pack("<I", 0xA2888205) + bytes(24) + b"".join(parts)


def wrapped(message):
    def der(tag, inside):
        return bytes([tag, 0x82]) + struct.pack(">H", len(inside)) + inside
    return der(0xA1, der(0x30, der(0xA2, der(0x04, message))))


FIRST = b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088207) + bytes(16)


def basic(opened, user, password):
    token = base64.b64encode(f"LAB\\{user}:{password}".encode()).decode()
    return ask(opened, "POST", "/Microsoft-Server-ActiveSync?Cmd=Sync&User=x&DeviceId=y&DeviceType=z", {"Authorization": f"Basic {token}"})


def form(opened, user, password):
    body = urllib.parse.urlencode({"destination": "https://mail.lab.test/owa/", "flags": "4", "username": f"LAB\\{user}", "password": password})
    return ask(opened, "POST", "/owa/auth.owa", {"Content-Type": "application/x-www-form-urlencoded"}, body)


def ntlm(opened, user, _):
    ask(opened, "POST", "/EWS/Exchange.asmx", {"Authorization": "NTLM " + base64.b64encode(FIRST).decode()})
    return ask(opened, "POST", "/EWS/Exchange.asmx", {"Authorization": "NTLM " + base64.b64encode(third(user)).decode()})


def negotiate(opened, user, _):
    ask(opened, "POST", "/Autodiscover/Autodiscover.xml", {"Authorization": "Negotiate " + base64.b64encode(FIRST).decode()})
    return ask(opened, "POST", "/Autodiscover/Autodiscover.xml", {"Authorization": "Negotiate " + base64.b64encode(wrapped(third(user))).decode()})


def guesser(number):
    source = ASKED["sources"][number % len(ASKED["sources"])]
    opened = None
    for turn in range(number, ASKED["guesses"], ASKED["threads"]):
        try:
            opened = opened or connection(source)
            user = ASKED["names"][turn % len(ASKED["names"])]
            ways = [basic, form] if ASKED.get("password") else [basic, form, ntlm, negotiate]
            answer = ways[turn % len(ways)](opened, user, ASKED.get("password") or f"guess-{turn}")
            status = str(answer.status) if answer.status != 302 else ("session" if "cadata" in (answer.headers.get("Set-Cookie") or "") else "302")
            if answer.will_close:
                opened = None
        except (OSError, http.client.HTTPException) as problem:
            status, opened = type(problem).__name__, None
        with lock:
            counts[status] = counts.get(status, 0) + 1


threads = [threading.Thread(target=guesser, args=(number,)) for number in range(ASKED["threads"])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(counts))
