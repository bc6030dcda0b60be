from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from service.protocol import MOST_HEADER_BYTES, CarefulHttp


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body."""
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """A real server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(echo, http=CarefulHttp, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)
    listener.close()


def ask(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(65_536)
        if not piece:
            break
        answer += piece
    return answer


def is_cut(connection: socket.socket, piece: bytes) -> bool:
    """Whether the server hangs up while we go on and on."""
    try:
        for _ in range(100 * MOST_HEADER_BYTES // len(piece)):
            connection.sendall(piece)
    except OSError:
        return True
    return False


@pytest.mark.parametrize(
    ("start", "piece"),
    [(b"X-Padding: ", b"x" * 16_384), (b"", b"X-Some: header\r\n" * 1_000)],
    ids=["one long header", "many headers"],
)
def test_headers_without_end_are_cut_off(address: tuple[str, int], start: bytes, piece: bytes) -> None:
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + start)
        assert is_cut(connection, piece)


def test_long_bodies_and_several_requests_on_a_connection_are_not_meant(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as connection:
        for length in (10, 5 * MOST_HEADER_BYTES, 0, 2 * MOST_HEADER_BYTES):
            head = b"POST / HTTP/1.1\r\nHost: a\r\nX-Padding: " + b"x" * 8_000
            answer = ask(connection, head + b"\r\nContent-Length: %d\r\n\r\n" % length + b"y" * length)
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.endswith(str(length).encode())


def test_the_echo_is_what_it_seems() -> None:
    assert TestClient(echo).post("/", content=b"abc").text == "3"
