#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small HTTP server for tests, on loopback only, that misbehaves as told.

    serve.py FOLDER PORTFILE [MODE...]

Writes its port into PORTFILE. POSTed bodies are appended to FOLDER/../reports. Modes, of images:
    no-ranges   answers 200 to everything, as python's own http.server
    reset=N     breaks the connection once, after N bytes
    chunked     no Content-Length
    redirect    sends to another name of the host, with an address of 540 characters
    page        a web page for every address
    static      405 for POST, as a static host
"""
import http.server
import os
import re
import socket
import struct
import sys

MODES = dict(mode.partition("=")[::2] for mode in sys.argv[3:])
FOLDER = os.path.realpath(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, headers, body=b""):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "Transfer-Encoding" in headers:
            for at in range(0, len(body), 5000):
                piece = body[at:at + 5000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_body(body)

    def send_body(self, body):
        reset = int(MODES.get("reset", "0"))
        if reset == 0 or len(body) <= reset or not self.path.startswith("/images/"):
            self.wfile.write(body)
            return
        del MODES["reset"]
        self.wfile.write(body[:reset])
        self.wfile.flush()
        # Linger 0: the peer sees a reset, not an end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if "static" in MODES:
            self.answer(405, {})
            return
        with open(os.path.join(os.path.dirname(FOLDER), "reports"), "ab") as file:
            file.write(body + b"\n")
        self.answer(204, {})

    def do_GET(self):
        name = self.path.partition("?")[0]
        path = os.path.realpath(FOLDER + name)
        image = name.startswith("/images/")
        if "page" in MODES:
            self.answer(200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
        elif not path.startswith(FOLDER + "/") or not os.path.isfile(path):
            self.answer(404, {"Content-Type": "text/html"}, b"<html>Not here</html>")
        elif image and "redirect" in MODES and "?" not in self.path:
            port = self.server.server_address[1]
            url = f"http://localhost:{port}{name}?token="
            self.answer(302, {"Location": url + "x" * (540 - len(url))})
        else:
            with open(path, "rb") as file:
                self.send_file(file.read(), image)

    def send_file(self, body, image):
        tag = '"%08x"' % (hash(body) & 0xFFFFFFFF)
        headers = {"ETag": tag, "Content-Type": "application/octet-stream"}
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range", tag) == tag
        code = 200
        if asked and same and "no-ranges" not in MODES:
            first = int(asked.group(1))
            code = 206
            headers["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
            body = body[first:]
        if image and "chunked" in MODES:
            headers["Transfer-Encoding"] = "chunked"
        self.answer(code, headers, body)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(sys.argv[2] + ".new", "w", encoding="ascii") as portfile:
    portfile.write(str(server.server_address[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
