# proxy.py: a bad link between the program and its server
#
# SPDX-License-Identifier: GPL-3.0-or-later

import contextlib
import os
import random
import socket
import struct
import threading

CHUNK = 256 * 1024
FAULTS = ["reset", "stall", "truncate", "busy", "garbage"]
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def reset(end):
    """The other side hears of it at once, and loses what it has not read."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()


class Connection:
    """Two threads that forward what comes. A fault strikes at once, or with the next answer."""

    def __init__(self, proxy, client):
        self.proxy = proxy
        self.client = client
        self.server = socket.create_connection(("127.0.0.1", proxy.port))
        self.flows = threading.Event()
        self.flows.set()
        self.fault = None
        self._left = 2
        for target in (self._forward, self._answer):
            threading.Thread(target=target, daemon=True).start()

    def strike(self, fault):
        if fault not in ("reset", "stall"):
            self.fault = fault
            return
        self.proxy.faults[fault] += 1
        if fault == "stall":
            self.flows.clear()
        else:
            self.end()

    def end(self):
        reset(self.client)
        reset(self.server)
        self.flows.set()

    def _forward(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(CHUNK):
                self.flows.wait()
                self.proxy.count(data)
                self.server.sendall(data)
            self.server.shutdown(socket.SHUT_WR)
            return self._leave()
        self.end()
        return self._leave()

    def _answer(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(CHUNK):
                self.flows.wait()
                if self.fault is not None:
                    self.proxy.faults[self.fault] += 1
                    self.client.sendall({"truncate": data[:len(data) // 2], "busy": BUSY,
                                         "garbage": os.urandom(300)}[self.fault])
                    # Closed as servers do, or the client might not get to read it.
                    self.client.shutdown(socket.SHUT_WR)
                    break
                self.client.sendall(data)
            else:
                self.client.shutdown(socket.SHUT_WR)
        self._leave()

    def _leave(self):
        if self.proxy.has_left(self):
            self.client.close()
            self.server.close()


class Proxy:
    """Forwards to PORT, and counts what it forwards: `with Proxy(port) as proxy:`."""

    def __init__(self, port):
        self.port = port
        self.received = 0
        self.puts = 0
        self.faults = dict.fromkeys(FAULTS + ["cut"], 0)
        self._connections = []
        self._lock = threading.Lock()
        self._is_down = False
        self._ends = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        # This wakes who accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()
        for connection in self.connections():
            connection.end()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_down:
                    reset(client)
                    continue
                with contextlib.suppress(OSError):
                    connection = Connection(self, client)
                    with self._lock:
                        self._connections.append(connection)

    def connections(self):
        with self._lock:
            return list(self._connections)

    def has_left(self, connection):
        """Whether both threads of CONNECTION have ended."""
        with self._lock:
            connection._left -= 1
            if connection._left == 0 and connection in self._connections:
                self._connections.remove(connection)
            return connection._left == 0

    def count(self, data):
        with self._lock:
            self.received += len(data)
            self.puts += data.startswith(b"PUT ")

    def cut(self):
        """Ends all connections, and takes none until mend()."""
        self._is_down = True
        self.faults["cut"] += 1
        for connection in self.connections():
            connection.end()

    def mend(self):
        self._is_down = False

    def cut_every(self, seconds, for_seconds):
        """The link goes away and comes back, over and over."""
        def keep_cutting():
            while not self._ends.wait(seconds):
                self.cut()
                self._ends.wait(for_seconds)
                self.mend()

        self._threads.append(threading.Thread(target=keep_cutting))
        return self

    def strike_every(self, seconds, seed):
        """A fault on one of the connections, over and over. What stalls ends with the next but one."""
        def keep_striking():
            draw = random.Random(seed)
            stalled = []
            while not self._ends.wait(seconds):
                stalled.append(None)
                if len(stalled) > 2 and (old := stalled.pop(0)):
                    old.end()
                connections = [one for one in self.connections() if one.flows.is_set()]
                fault = draw.choice(FAULTS)
                if not connections:
                    continue
                connection = draw.choice(connections)
                if fault == "stall":
                    stalled[-1] = connection
                connection.strike(fault)

        self._threads.append(threading.Thread(target=keep_striking))
        return self
