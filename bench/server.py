"""The real server on loopback, as in production, and the worker of background tasks."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

PORTS = range(8200, 8300)
GUNICORN = ("--workers", "2", "--threads", "4", "--preload", "--log-level", "error")


@contextmanager
def web_server() -> Iterator[str]:
    """Gunicorn serving the product; yields the address of its API. Stopped afterwards."""
    host = f"127.0.0.1:{_free_port()}"
    command = [sys.executable, "-m", "gunicorn", "erp.wsgi", "--bind", host, *GUNICORN]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        _wait(f"http://{host}/api/v1/", process)
        yield f"http://{host}/api/v1"
    finally:
        process.terminate()
        process.wait()


def drain() -> float:
    """Let a worker do every task that waits; the seconds that it took."""
    start = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            "manage.py",
            "db_worker",
            "--batch",
            "--no-startup-delay",
            "--no-reload",
            "--verbosity",
            "0",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def _free_port() -> int:
    for port in PORTS:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise SystemExit(f"No port is free from {PORTS.start} to {PORTS.stop - 1}.")


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        if process.poll() is not None:
            raise SystemExit("The web server stopped; the messages above say why.")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(address)
            return
        time.sleep(0.1)
    raise SystemExit(f"The web server does not answer at {address}.")
