"""A receiver on loopback that keeps what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


@dataclass
class Receiver:
    """What a receiver got, and what it answers."""

    url: str = ""
    status: int = 200
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[Any]:
        """The messages, read."""
        return [json.loads(body) for body in self.bodies]

    @property
    def topics(self) -> list[str]:
        """Their topics."""
        return [message["type"] for message in self.messages]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver that serves until the test ends."""
    settings.WEBHOOK_PRIVATE_HOSTS = True
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.headers.append({name.lower(): value for name, value in self.headers.items()})
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept
    server.shutdown()
    thread.join(5)
    server.server_close()
