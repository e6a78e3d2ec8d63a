"""A broker's server played by a script: each request gets the next answer, down to resets and half-sent bytes."""

import json
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

type Answer = Callable[[socket.socket], None]


@dataclass
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """What the server was asked, and what it answers next; the last answer is repeated for ever."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def count(self, method: str) -> int:
        return sum(1 for each in self.requests if each.method == method)

    def will(self, *answers: Answer) -> None:
        self.answers[:] = answers

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def raw(payload: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> Answer:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    head += f"Content-Length: {len(payload) if length is None else length}\r\n\r\n"
    return lambda sock: sock.sendall(head.encode() + payload)


def says(body: Any, *, status: str = "200 OK", headers: str = "") -> Answer:
    return raw(json.dumps(body).encode(), status=status, headers=headers)


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The reader's file object keeps a plain `close` from reaching the wire.
    os.close(sock.detach())


def hang_up(sock: socket.socket) -> None:
    os.close(sock.detach())


def then_hang_up(answer: Answer) -> Answer:
    """Answer, and close the connection whatever the answer promised."""

    def both(sock: socket.socket) -> None:
        answer(sock)
        hang_up(sock)

    return both


def silence(peer: Peer) -> Answer:
    """Accept, and never answer."""

    def answer(sock: socket.socket) -> None:
        peer.released.wait(20)

    return answer


def drip(peer: Peer) -> Answer:
    """Answer one byte at a time, each soon enough for a read time-out."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not peer.released.wait(0.02):
            sock.sendall(b" ")

    return answer


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Run a peer on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    peer = Peer(f"http://127.0.0.1:{port}" if tls is None else f"https://localhost:{port}")
    threading.Thread(target=_accept, args=(listener, peer, tls), daemon=True).start()
    try:
        yield peer
    finally:
        peer.released.set()
        listener.close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as briefly:
        return int(briefly.getsockname()[1])


def _accept(listener: socket.socket, peer: Peer, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, peer, tls), daemon=True).start()


def _serve(connection: socket.socket, peer: Peer, tls: ssl.SSLContext | None) -> None:
    try:
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as stream:
            while request := _read(stream):
                peer.requests.append(request)
                peer.next_answer()(connection)
    except OSError:
        return


def _read(stream: Any) -> Request | None:
    line = stream.readline().decode()
    if not line:
        return None
    method, target, _ = line.split(" ")
    headers = {}
    while (header := stream.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Request(method, parts.path, query, headers, stream.read(int(headers.get("content-length", 0))))
