"""The venue's HTTP server protocol: uvicorn's, and a way for the application to reset its connection."""

import socket
import struct

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trading.venue.faults.wire import RESET

_AT_ONCE = struct.pack("ii", 1, 0)


class ResettableProtocol(HttpToolsProtocol):
    """Offers the ASGI extension `venue.reset`: drop the connection so that the peer sees a reset, not an end."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {RESET: {"now": self._reset}}

    def _reset(self) -> None:
        if self.transport.is_closing():
            return  # the peer was faster
        # Without lingering, closing sends RST and throws away what was not sent.
        taken = self.transport.get_extra_info("socket")
        if taken is not None:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()
