"""A web server with two bindings, as IIS with SNI: it answers all paths with the name it was asked for.

usage: two-certificates.py PEM NAME PEM   the second certificate is for NAME, the first for all other names
"""

import http.server
import json
import ssl
import sys

FIRST, NAME, SECOND = sys.argv[1:4]


def context(pem):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    return made


default, named = context(FIRST), context(SECOND)


def choose(sock, name, _):
    sock.asked = name
    if name == NAME:
        sock.context = named


default.sni_callback = choose


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"asked": getattr(self.connection, "asked", None)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        sock, address = super().get_request()
        # The handshake happens in the connection's own thread, at its first read.
        return default.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address


Server(("0.0.0.0", 443), Handler).serve_forever()
