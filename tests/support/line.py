#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP line between a device and a server, on loopback only, that breaks as told.

    line.py PORT PORTFILE [reset=N,N,..]

Hands on what comes at a port of its own, written into PORTFILE, to PORT. The first
connection is reset after the first N bytes towards the device, the second one after the second N.
"""
import os
import selectors
import socket
import struct
import sys
import threading

TO = int(sys.argv[1])
RESETS = [int(n) for n in "".join(sys.argv[3:]).removeprefix("reset=").split(",") if n]


def reset(device):
    # Linger 0: the peer sees a reset, not an end.
    device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    device.close()


def carry(device, server, reset_at):
    """Until one side ends it."""
    carried = 0
    with selectors.DefaultSelector() as ready:
        ready.register(device, selectors.EVENT_READ, server)
        ready.register(server, selectors.EVENT_READ, device)
        while True:
            for key, _ in ready.select():
                piece = key.fileobj.recv(4096)
                if not piece:
                    return
                if key.fileobj is server:
                    carried += len(piece)
                key.data.sendall(piece)
                if reset_at is not None and carried >= reset_at:
                    reset(device)
                    return


def connection(device):
    reset_at = RESETS.pop(0) if RESETS else None
    with socket.create_connection(("127.0.0.1", TO)) as server:
        try:
            carry(device, server, reset_at)
        except OSError:
            pass
    device.close()


listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[2] + ".new", "w", encoding="ascii") as portfile:
    portfile.write(str(listener.getsockname()[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
while True:
    threading.Thread(target=connection, args=(listener.accept()[0],), daemon=True).start()
