"""uvicorn's HTTP/1.1, which would buffer headers without end, with an end."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["MOST_HEADER_BYTES", "CarefulHttp"]

MOST_HEADER_BYTES: Final = 65_536
"""More than this before a request's headers end, and the connection is cut; `HeaderLimit` is for what comes through."""

_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


class CarefulHttp(HttpToolsProtocol):
    """Cuts a connection whose headers do not end."""

    _header_bytes = 0
    _in_headers = True
    _moved_on = False

    def data_received(self, data: bytes) -> None:
        """Take what came in; it counts when all of it belongs to headers that have not ended."""
        self._moved_on = False
        super().data_received(data)
        if self._in_headers and not self._moved_on and not self.transport.is_closing():
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES:
                self.transport.write(_REFUSAL)
                self.transport.close()

    def on_headers_complete(self) -> None:
        """The parser says that headers have ended."""
        self._in_headers, self._moved_on, self._header_bytes = False, True, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The parser says that the body has ended."""
        self._in_headers, self._moved_on = True, True
        super().on_message_complete()
