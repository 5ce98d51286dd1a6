"""The mail clients of a working day, all through one address, until a file says stop.

usage: load.py ADDRESS STOP_FILE

Prints, as JSON, for each kind of client how often it was served and every way in
which it was not. A client may meet a closed connection between two requests, which
the protocol allows (RFC 9112, 9.5) and which it mends by opening another; a request
that has begun and gets no whole answer is a failure.
"""

import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time

ADDRESS, STOP_FILE = sys.argv[1:3]
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE

counts = {}
failures = {}
lock = threading.Lock()


def stopped():
    return os.path.exists(STOP_FILE)


def note(kind, problem=None):
    with lock:
        counts[kind] = counts.get(kind, 0) + 1
        if problem is not None:
            failures.setdefault(kind, []).append(f"{time.strftime('%H:%M:%S')} {problem}")


def open_https():
    plain = socket.create_connection((ADDRESS, 443), 10)
    plain.settimeout(60)
    connection = http.client.HTTPSConnection(ADDRESS, context=TLS, timeout=60)
    connection.sock = TLS.wrap_socket(plain, server_hostname="mail.lab.test")
    return connection


def ask(connection, path):
    connection.request("GET", path, headers={"Host": "mail.lab.test"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise OSError(f"status {answer.status} for {path}")
    return answer


def new_connections():
    """A connection for each request."""
    while not stopped():
        try:
            connection = open_https()
            ask(connection, "/owa/healthcheck.htm")
            connection.close()
            note("new connections")
        except OSError as problem:
            note("new connections", repr(problem))
        time.sleep(0.05)


def keep_alive():
    """One request after the other on a connection, for as long as the server lets it live."""
    connection = None
    while not stopped():
        try:
            if connection is None:
                connection = open_https()
            answer = ask(connection, "/EWS/healthcheck.htm")
            note("keep-alive")
            if answer.will_close:
                connection = None
        except http.client.RemoteDisconnected as problem:
            # Closed while idle, as seen by the request that came too late: sent again once, on a new connection.
            try:
                connection = open_https()
                ask(connection, "/EWS/healthcheck.htm")
                note("keep-alive")
                note("keep-alive, asked again")
            except OSError:
                note("keep-alive", repr(problem))
                connection = None
        except OSError as problem:
            note("keep-alive", repr(problem))
            connection = None
        time.sleep(0.05)


def long_poll():
    """As MAPI over HTTP: a request that is answered after a while."""
    while not stopped():
        try:
            connection = open_https()
            ask(connection, "/owa/?lab-delay=12")
            connection.close()
            note("long polls")
        except OSError as problem:
            note("long polls", repr(problem))


def imap():
    """Sessions of two minutes: Dovecot ends one that does not log in after three."""
    while not stopped():
        try:
            connection = socket.create_connection((ADDRESS, 143), 10)
            connection.settimeout(15)
            stream = connection.makefile("rwb")
            if not stream.readline().startswith(b"* OK"):
                raise OSError("no IMAP greeting")
            number = 0
            while not stopped() and number < 240:
                number += 1
                stream.write(b"a%d NOOP\r\n" % number)
                stream.flush()
                answer = stream.readline()
                if not answer.startswith(b"a%d OK" % number):
                    raise OSError(f"IMAP answered {answer!r}")
                note("imap")
                time.sleep(0.5)
            connection.close()
        except OSError as problem:
            note("imap", repr(problem))


def smtp():
    """Mails whose text takes ten seconds to send."""
    while not stopped():
        try:
            connection = socket.create_connection((ADDRESS, 25), 10)
            connection.settimeout(20)
            stream = connection.makefile("rwb")

            def say(line, expected):
                stream.write(line + b"\r\n")
                stream.flush()
                hear(expected)

            def hear(expected):
                answer = stream.readline()
                while answer[3:4] == b"-":
                    answer = stream.readline()
                if not answer.startswith(expected):
                    raise OSError(f"SMTP answered {answer!r}")

            hear(b"220")
            say(b"EHLO client.lab.test", b"250")
            say(b"MAIL FROM:<load@lab.test>", b"250")
            say(b"RCPT TO:<alice@lab.test>", b"250")
            say(b"DATA", b"354")
            for line in range(20):
                stream.write(b"line %d\r\n" % line)
                stream.flush()
                time.sleep(0.5)
            say(b".", b"250")
            say(b"QUIT", b"221")
            connection.close()
            note("smtp")
        except OSError as problem:
            note("smtp", repr(problem))


threads = [threading.Thread(target=client) for client in (new_connections, keep_alive, keep_alive, imap, smtp)]
for number in range(4):
    threads.append(threading.Timer(number * 3, long_poll))
threads.append(threading.Timer(5, smtp))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"counts": counts, "failures": failures}))
