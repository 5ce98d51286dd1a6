"""A client with Extended Protection, as Outlook is: it ties each NTLM login to the certificate that it was shown.

usage: outlook.py ADDRESS NAME STOP-FILE   until the file is there; then prints as JSON what it saw
"""

import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import sys
import time

import spnego
from spnego.channel_bindings import GssChannelBindings

ADDRESS, NAME, STOP = sys.argv[1:4]
seen = {"answered": 0, "reconnected": 0, "failed": [], "pairs": {}}


class Connection(http.client.HTTPSConnection):
    """To an address, for a name; the certificate is remembered, and verified by the login alone."""

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock = context.wrap_socket(socket.create_connection((ADDRESS, 443), 15), server_hostname=NAME)
        self.certificate = self.sock.getpeercert(binary_form=True)


def ask(connection, headers):
    connection.request("GET", "/OAB/oab.xml", headers=headers)
    response = connection.getresponse()
    response.read()
    return response


def log_in(connection):
    connection.connect()
    digest = hashlib.sha256(connection.certificate).digest()
    client = spnego.client(
        "LAB\\alice", "Passw0rd!", protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm,
        channel_bindings=GssChannelBindings(application_data=b"tls-server-end-point:" + digest),
    )
    token = client.step()
    response = ask(connection, {"Authorization": "NTLM " + base64.b64encode(token).decode()})
    challenge = response.headers.get("WWW-Authenticate", "").partition(" ")[2]
    if response.status != 401 or not challenge:
        return response
    token = client.step(base64.b64decode(challenge))
    if response.will_close:
        # A HAProxy that is being reloaded closes after its answer. NTLM logs in a connection: a client begins anew on the next one,
        # where http.client would go on with the old login, which is tied to the former certificate.
        seen["reconnected"] += 1
        return log_in(connection)
    return ask(connection, {"Authorization": "NTLM " + base64.b64encode(token).decode()})


def note(connection, response):
    if response.status != 200 or response.headers.get("X-Lab-User") != "alice":
        seen["failed"].append([time.time(), response.status, response.headers.get("X-Lab-Server")])
        return
    seen["answered"] += 1
    fingerprint = hashlib.sha256(connection.certificate).hexdigest().upper()
    pair = response.headers["X-Lab-Server"] + " " + ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2))
    seen["pairs"][pair] = seen["pairs"].get(pair, 0) + 1


while not os.path.exists(STOP):
    connection = Connection(NAME)
    try:
        response = log_in(connection)
        note(connection, response)
        for _ in range(3):
            time.sleep(0.1)
            if response.will_close:
                break
            try:
                response = ask(connection, {})
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                # A server may close a connection that is idle; then a client logs in on a new one.
                seen["reconnected"] += 1
                break
            note(connection, response)
    except OSError as why:
        seen["failed"].append([time.time(), repr(why), None])
    finally:
        connection.close()
print(json.dumps(seen))
