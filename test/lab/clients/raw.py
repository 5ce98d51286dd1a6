"""Clients that send exact bytes, whatever a well-behaved library would say to them.

usage: raw.py ADDRESS SOURCE < JSON

JSON: {"kind": "requests", "requests": [{"id", "method", "target", "form"}]}; a form is one of 1.0, 1.1,
pipelined, h2. {"kind": "bytes", "payloads": [text]}. {"kind": "identities", "seconds"}. {"kind": "slow"}.
{"kind": "open", "count"}. Prints JSON. In texts a character is a byte (latin-1).
"""

import concurrent.futures
import json
import socket
import ssl
import struct
import sys
import threading
import time

ADDRESS, SOURCE = sys.argv[1:3]
HOST = "mail.lab.test"


def connect(alpn="http/1.1"):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([alpn])
    raw = socket.create_connection((ADDRESS, 443), 10, (SOURCE, 0))
    secure = context.wrap_socket(raw, server_hostname=HOST)
    if alpn == "h2" and secure.selected_alpn_protocol() != "h2":
        raise ConnectionError("no h2 was negotiated")
    return secure


def read_all(sock, seconds=2.0):
    """What comes until the peer closes, or falls silent."""
    sock.settimeout(seconds)
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except (TimeoutError, OSError):
        pass
    return data


def head(request, version, last):
    lines = [f"{request['method']} {request['target']} HTTP/{version}", f"Host: {HOST}", f"User-Agent: {request['id']}"]
    if request["method"] == "POST":
        lines.append("Content-Length: 0")
    if last:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def literal(name, value):
    def text(octets):
        # HPACK's integers with a prefix of 7 bits; none here is longer than 127 + 2^14.
        if len(octets) < 127:
            return bytes([len(octets)]) + octets
        rest = len(octets) - 127
        return b"\x7f" + (bytes([rest]) if rest < 128 else bytes([rest % 128 + 128, rest // 128])) + octets
    return b"\x00" + text(name) + text(value)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def one(request):
    try:
        if request["form"] == "h2":
            with connect("h2") as sock:
                fields = [(":method", request["method"]), (":scheme", "https"), (":authority", HOST), (":path", request["target"]),
                          ("user-agent", request["id"])]
                block = b"".join(literal(name.encode(), value.encode("latin-1")) for name, value in fields)
                sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 5, 1, block))
                read_all(sock, 0.7)
            return None
        with connect() as sock:
            version = "1.0" if request["form"] == "1.0" else "1.1"
            before = b""
            if request["form"] == "pipelined":
                before = f"GET /owa/before HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: before\r\n\r\n".encode()
            sock.sendall(before + head(request, version, True))
            answer = read_all(sock)
        return int(answer[9:12]) if not before and answer[:5] == b"HTTP/" else None
    except OSError as why:
        return str(why)


def requests(asked):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = pool.map(one, asked["requests"])
        return {f"{request['form']} {request['id']}": status for request, status in zip(asked["requests"], statuses)}


def payloads(asked):
    def send(payload):
        try:
            with connect() as sock:
                sock.sendall(payload.encode("latin-1"))
                return read_all(sock, 1.5)[:12].decode("latin-1")
        except OSError as why:
            return str(why)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, asked["payloads"]))


def answer_of(file):
    """Status, headers; the body is read away."""
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    file.read(int(headers.get("content-length", 0)))
    return status, headers


def identities(asked):
    """Users whose connection is theirs from the first request on, and anonymous clients between them."""
    until, lock = time.time() + asked["seconds"], threading.Lock()
    seen = {"right": 0, "wrong": [], "anonymous": 0}

    def client(number):
        user = [None, "alice", "bob", "carol"][number % 4]
        while time.time() < until:
            with connect() as sock, sock.makefile("rb") as file:
                for step in range(6):
                    proof = f"Authorization: Negotiate LAB:{user}\r\n" if user and step == 0 else ""
                    sock.sendall(f"GET /EWS/who?{number} HTTP/1.1\r\nHost: {HOST}\r\n{proof}\r\n".encode())
                    status, headers = answer_of(file)
                    got = headers.get("x-lab-user")
                    with lock:
                        if status == (401 if user is None else 200) and got == user:
                            seen["anonymous" if user is None else "right"] += 1
                        else:
                            seen["wrong"].append(f"{user} got {status} {got} at step {step}")
                    if status == 401 and headers.get("connection") == "close":
                        break

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        for done in [pool.submit(client, number) for number in range(24)]:
            try:
                done.result()
            except Exception as why:  # a client that fell over was not served
                seen["wrong"].append(repr(why))
    return seen


def slow(_asked):
    """Request headers that never end: a byte a second."""
    started = time.time()
    with connect() as sock:
        sock.sendall(f"GET /owa/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())
        sock.settimeout(0.5)
        while time.time() - started < 30:
            try:
                sock.sendall(b"a")
                answer = sock.recv(4096)
                return {"seconds": time.time() - started, "answer": answer[:12].decode()}
            except TimeoutError:
                pass
            except OSError as why:
                return {"seconds": time.time() - started, "answer": str(why)}
    return {"seconds": 30, "answer": "none"}


def open_many(asked):
    kept, refused = [], 0
    for _ in range(asked["count"]):
        try:
            kept.append(connect())
        except OSError:
            refused += 1
    return {"open": len(kept), "refused": refused}


KINDS = {"requests": requests, "bytes": payloads, "identities": identities, "slow": slow, "open": open_many}
asked = json.load(sys.stdin)
print(json.dumps(KINDS[asked["kind"]](asked)))
