"""GraphQL over HTTP on loopback, for the SDK."""

from __future__ import annotations

import base64
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from buildkit_engine.schema.executable import INTROSPECTION, answer

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from buildkit_engine.schema.context import Context
    from buildkit_engine.session import Session


_POLL_SECONDS = 0.02


class Server:
    """Serves one session while it is entered, at a port that the system chooses."""

    def __init__(self, session: Session) -> None:
        self._http = _Http(session)
        # it is asked to end once in a poll interval: the default of half a second would be felt
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def environment(self, token: str) -> dict[str, str]:
        """What a client needs in its environment."""
        return {"DAGGER_SESSION_PORT": str(self.port), "DAGGER_SESSION_TOKEN": token}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, session: Session) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.session = session

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error: the SDK hangs up on requests that it cancels."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # headers and body leave as one packet: in two, the second waits 40 ms for an acknowledgement
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Http

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        context = self._context()
        if context is None:
            self._send(401, b'{"errors": [{"message": "wrong session token"}]}')
            return
        if self.path != "/query":
            self._send(404, b'{"errors": [{"message": "the API is at /query"}]}')
            return
        try:
            request = json.loads(body)
        except ValueError:
            self._send(400, b'{"errors": [{"message": "the request is not JSON"}]}')
            return
        if not (isinstance(request, dict) and isinstance(request.get("query"), str)):
            self._send(400, b'{"errors": [{"message": "the request has no query"}]}')
            return
        session = self.server.session
        if request.get("operationName") == INTROSPECTION or "__schema" in request["query"]:
            self._send(200, session.introspection)
            return
        self._send(200, json.dumps(answer(session.schema, request, context)).encode())

    def _context(self) -> Context | None:
        scheme, _, encoded = (self.headers.get("Authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            token = base64.b64decode(encoded).decode().partition(":")[0]
        except ValueError:
            return None
        return self.server.session.context_of(token)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Requests are not logged: progress shows what they do."""
