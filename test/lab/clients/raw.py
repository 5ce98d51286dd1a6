"""Clients that send exact bytes, whatever a well-behaved library would say to them.

usage: raw.py ADDRESS SOURCE < JSON

JSON: {"kind": "requests", "requests": [{"id", "method", "target", "form"}]}; a form is one of 1.0, 1.1,
pipelined, h2. {"kind": "bytes", "payloads": [text]}. {"kind": "h2", "requests": [{"fields", "data"}]}. {"kind": "identities", "seconds"}. {"kind": "slow"}.
{"kind": "body", "target", "promised", "pieces"}. {"kind": "stalled", "size", "seconds"}.
{"kind": "crowd", "count", "other"}. {"kind": "open", "count"}.
{"kind": "idle", "what", "seconds", "server", "sources"}. {"kind": "watch", "stop", "sources"}. Prints JSON. In texts a character is a byte (latin-1).
"""

import concurrent.futures
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time

ADDRESS, SOURCE = sys.argv[1:3]
HOST = "mail.lab.test"


def connect(alpn="http/1.1", source=SOURCE):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([alpn])
    raw = socket.create_connection((ADDRESS, 443), 10, (source, 0))
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


def h2(fields, data=None):
    """One request over HTTP/2, whatever is in its fields."""
    block = b"".join(literal(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields)
    with connect("h2") as sock:
        # END_HEADERS, and END_STREAM with the last frame.
        frames = frame(1, 5, 1, block) if data is None else frame(1, 4, 1, block) + frame(0, 1, 1, data.encode("latin-1"))
        sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frames)
        return read_all(sock, 0.7)


def h2_answer(data):
    """The status of an HTTP/2 answer; "reset" where the request itself is refused; None where nothing was said to it."""
    indexed = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}
    while len(data) >= 9:
        length, kind = int.from_bytes(data[:3], "big"), data[3]
        payload, data = data[9:9 + length], data[9 + length:]
        if kind == 1 and payload[0] in indexed:
            return indexed[payload[0]]
        if kind == 1:
            # A literal with the name from the table, not Huffman coded: that is how HAProxy writes it.
            return int(payload[2:5])
        if kind in (3, 7):
            return "reset"
    return None


def h2_fields(asked):
    def send(request):
        try:
            return h2_answer(h2(request["fields"], request.get("data")))
        except OSError as why:
            return str(why)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, asked["requests"]))


def one(request):
    try:
        if request["form"] == "h2":
            return h2_answer(h2([(":method", request["method"]), (":scheme", "https"), (":authority", HOST), (":path", request["target"]),
                                 ("user-agent", request["id"])]))
        with connect() as sock:
            version = "1.0" if request["form"] == "1.0" else "1.1"
            before = b""
            if request["form"] == "pipelined":
                before = f"GET /owa/before HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: before\r\n\r\n".encode()
            sock.sendall(before + head(request, version, True))
            answer = read_all(sock)
        # Of two answers the later one.
        statuses = re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answer, re.MULTILINE)
        return int(statuses[-1]) if len(statuses) == (2 if before else 1) else None
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


def post(sock, target, promised):
    sock.sendall(f"POST {target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {promised}\r\n\r\n".encode())


def body(asked):
    """A body that comes in pieces, each after a pause, of as many bytes as were promised or fewer."""
    started = time.time()
    with connect() as sock:
        post(sock, asked["target"], asked["promised"])
        for pause, count in asked["pieces"]:
            time.sleep(pause)
            sock.sendall(b"a" * count)
        sock.settimeout(20)
        try:
            answer = sock.recv(4096)
        except (TimeoutError, OSError) as why:
            answer = str(why).encode()
        return {"seconds": time.time() - started, "answer": answer[:12].decode("latin-1")}


def stalled(asked):
    """A client that does not take in what it asked for: how much of it is there after a while."""
    with connect() as sock:
        sock.sendall(f"GET /owa/?lab-size={asked['size']} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        time.sleep(asked["seconds"])
        return {"read": len(read_all(sock))}


def crowd(asked):
    """Many clients whose bodies dribble, and what another address sees meanwhile."""
    over, begun = threading.Event(), threading.Semaphore(0)

    def slow_one():
        with connect() as sock:
            post(sock, "/owa/crowd", 1000)
            begun.release()
            while not over.wait(1):
                sock.sendall(b"a")
            sock.settimeout(0.01)
            try:
                return "cut" if sock.recv(1) == b"" else "answered"
            except TimeoutError:
                return "waits"

    with concurrent.futures.ThreadPoolExecutor(asked["count"]) as pool:
        slow_ones = [pool.submit(slow_one) for _ in range(asked["count"])]
        others = []
        try:
            for _ in slow_ones:
                begun.acquire(timeout=30)
            for _ in range(20):
                started = time.time()
                with connect(source=asked["other"]) as sock, sock.makefile("rb") as file:
                    sock.sendall(f"GET /owa/among-the-slow HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                    others.append([answer_of(file)[0], time.time() - started])
                time.sleep(0.3)
        finally:
            over.set()
        ends = [future.exception() or future.result() for future in slow_ones]
    return {"waiting": ends.count("waits"), "others": others}


def idle(asked):
    """Sessions on one server in which nothing is said for a while: what comes after it."""
    server, seen = asked["server"], {}

    def logged_in():
        # Who is chosen depends on the source in some backends, on the turn in others.
        for source in asked["sources"] * 30:
            sock = connect(source=source)
            sock.settimeout(asked["seconds"])
            file = sock.makefile("rb")
            sock.sendall(f"GET /mapi/ HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Negotiate LAB:alice\r\n\r\n".encode())
            headers = answer_of(file)[1]
            if headers.get("x-lab-server") == server:
                return sock, file, headers["x-lab-connection"]
            sock.close()
        raise ConnectionError("never came to that server")

    def web(target="/mapi/", silence=asked["seconds"]):
        sock, file, connection = logged_in()
        time.sleep(silence)
        # Without saying who it is: the connection says it.
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        status, headers = answer_of(file)
        same = headers.get("x-lab-connection") == connection
        return [status, headers.get("x-lab-user"), "the same connection" if same else "another connection"]

    def poll():
        return web("/mapi/emsmdb/?lab-delay=40", 0)

    def imap():
        for _ in range(40):
            sock = socket.create_connection((ADDRESS, 143), 10, (asked["sources"][0], 0))
            file = sock.makefile("rb")
            if server in file.readline().decode():
                break
            sock.close()
        else:
            return "never came to that server"
        sock.sendall(b"a STARTTLS\r\n")
        file.readline()
        context = ssl._create_unverified_context()
        sock = context.wrap_socket(sock)
        file = sock.makefile("rb")
        for command in (b"b LOGIN alice Passw0rd!", b"c SELECT INBOX"):
            sock.sendall(command + b"\r\n")
            while not (line := file.readline()).startswith(command[:1] + b" "):
                pass
        sock.sendall(b"d IDLE\r\n")
        line = file.readline()
        time.sleep(asked["seconds"])
        sock.sendall(b"DONE\r\n")
        while line and not line.startswith(b"d "):
            line = file.readline()
        return line[:4].decode()

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        running = {name: pool.submit(one) for name, one in (("web", web), ("poll", poll), ("imap", imap)) if name in asked["what"]}
        for name, future in running.items():
            try:
                seen[name] = future.result()
            except Exception as why:  # a session that was cut
                seen[name] = repr(why)
    return seen


WATCHED = {"owa": "/owa/", "ews": "/EWS/", "autodiscover": "/Autodiscover/", "smtp": 25, "imap": 143}


def watch(asked):
    """Which server answers clients that come again and again, until a file is there: [when, what, server, seconds]."""
    seen, lock = [], threading.Lock()

    def once(what, source):
        target = WATCHED[what]
        if isinstance(target, int):
            with socket.create_connection((ADDRESS, target), 10, (source, 0)) as sock, sock.makefile("rb") as file:
                sock.settimeout(3)
                said = file.readline().decode()
                sock.sendall(b"QUIT\r\n" if target == 25 else b"a LOGOUT\r\n")
                file.readline()
                found = re.search("exch0[12]", said)
                return found and found[0]
        with connect(source=source) as sock, sock.makefile("rb") as file:
            sock.settimeout(20)
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
            return answer_of(file)[1].get("x-lab-server")

    def client(what, source):
        while not os.path.exists(asked["stop"]):
            started = time.time()
            try:
                server = once(what, source)
            except (OSError, IndexError):
                server = None
            with lock:
                seen.append([started, what, server, time.time() - started])
            time.sleep(max(0, 1 - (time.time() - started)))

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        for what in WATCHED:
            # The allow list of SMTP has two of them.
            for source in asked["sources"][:2] if what == "smtp" else asked["sources"]:
                pool.submit(client, what, source)
    return seen


KINDS = {
    "requests": requests, "bytes": payloads, "h2": h2_fields, "identities": identities, "slow": slow, "open": open_many, "body": body, "stalled": stalled,
    "crowd": crowd, "idle": idle, "watch": watch,
}
asked = json.load(sys.stdin)
print(json.dumps(KINDS[asked["kind"]](asked)))
