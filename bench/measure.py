"""How long work takes: over HTTP by one or several clients, and in one process for what SQL alone costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from django.db import connection, transaction
from django.test import Client

from bench.workloads import Workload

__all__ = ["Timing", "lower_bound", "over_http", "statements"]

WARM_UP = 4
ROWS_OF = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Timing:
    """What a measurement found; times in seconds."""

    clients: int
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elapsed: float = 0.0

    def percentile(self, share: float) -> float:
        """The time under which `share` of the runs stayed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def per_second(self) -> float:
        """Runs per second, all clients together."""
        return len(self.times) / self.elapsed if self.elapsed else 0.0


# --- Over HTTP ----------------------------------------------------------------------------------------


def over_http(workload: Workload, address: str, key: str, clients: int, times: int) -> Timing:
    """Run a workload `times` times, shared among clients that each keep one connection."""
    timing = Timing(clients)
    with ThreadPoolExecutor(clients) as pool:

        def together(count: int, into: Timing) -> None:
            list(pool.map(lambda _client: _client_run(workload, address, key, count, into), range(clients)))

        warming = Timing(clients)
        together(WARM_UP, warming)
        start = time.perf_counter()
        together(-(-times // clients), timing)
        timing.elapsed = time.perf_counter() - start
    timing.errors += warming.errors
    return timing


def _client_run(workload: Workload, address: str, key: str, times: int, timing: Timing) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:

        def send(method: str, path: str, body: Any = None, **query: Any) -> Any:
            content = None if body is None else orjson.dumps(body)
            headers = {"Content-Type": "application/json"} if content else {}
            answer = client.request(method, address + path, params=query, content=content, headers=headers)
            if not answer.is_success:
                raise RuntimeError(f"{answer.status_code} {answer.text[:200]}")
            # Decoding a list is the client's own work: only what a next request needs is decoded.
            return orjson.loads(answer.content) if method != "GET" else None

        for _time in range(times):
            _timed(lambda: workload.run(send), timing)


def _timed(work: Callable[[], Any], timing: Timing) -> None:
    start = time.perf_counter()
    try:
        work()
    except (RuntimeError, httpx.HTTPError) as error:
        timing.errors.append(repr(error))
    else:
        timing.times.append(time.perf_counter() - start)


# --- In this process ----------------------------------------------------------------------------------


class Recorder:
    """Keeps the statements that go to the database."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []
        self.answers: list[Any] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append((sql, params))
        return execute(sql, params, many, context)

    def send(self, key: str) -> Any:
        """A `Send` that goes through Django without a network."""
        client = Client(headers={"Authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")

        def send(method: str, path: str, body: Any = None, **query: Any) -> Any:
            content = b"" if body is None else orjson.dumps(body)
            answer = client.generic(
                method, f"/api/v1{path}", content, content_type="application/json", query_params=query
            )
            if answer.status_code >= 400:
                raise RuntimeError(f"{answer.status_code} {answer.content[:200]!r}")
            self.answers.append(orjson.loads(answer.content))
            return self.answers[-1]

        return send


def statements(workload: Workload, key: str) -> int:
    """How many statements the database is sent for one run, transactions included."""
    recorder = Recorder()
    workload.run(recorder.send(key))
    recorder.statements.clear()
    with connection.execute_wrapper(recorder):
        workload.run(recorder.send(key))
    return len(recorder.statements)


def lower_bound(workload: Workload, key: str, times: int = 15) -> float:
    """Seconds that the database and orjson alone need for the same answer: the same statements, sent raw.

    Everything happens in transactions that are rolled back, so that writes can be repeated.
    """
    recorder = Recorder()
    with transaction.atomic(), connection.execute_wrapper(recorder):
        workload.run(recorder.send(key))
        transaction.set_rollback(True)
    kept = [pair for pair in recorder.statements if pair[0].lstrip().upper().startswith(ROWS_OF)]
    return statistics.median(_replay(kept, recorder.answers) for _time in range(times))


def _replay(kept: list[tuple[str, Any]], answers: list[Any]) -> float:
    with transaction.atomic():
        _as_owner()
        start = time.perf_counter()
        with connection.cursor() as cursor:
            for sql, params in kept:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
        for answer in answers:
            orjson.dumps(answer)
        elapsed = time.perf_counter() - start
        transaction.set_rollback(True)
    return elapsed


def _as_owner() -> None:
    """Row security would refuse links of rows that were rolled back."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
