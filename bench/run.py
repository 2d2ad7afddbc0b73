"""One measurement on the database of the environment; started by `python -m bench`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import Any

import django


def options() -> argparse.Namespace:
    """What `bench.__main__` passes on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    return parser.parse_args()


def main() -> int:
    """Fill a database, serve it, measure; 1 when any request failed."""
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import data, server

    _say(f"\n{connection.display_name}, {chosen.rows} customers, products, quotations and invoices")
    start = time.perf_counter()
    call_command("migrate", verbosity=0)
    facts = data.fill(chosen.rows)
    _say(f"Data made in {time.perf_counter() - start:.0f} s. Served by gunicorn {' '.join(server.GUNICORN)}.")
    connection.close()
    with server.web_server() as address:
        failed = _measure_all(chosen, facts, address)
    _measure_worker()
    return failed


def _measure_all(chosen: argparse.Namespace, facts: Any, address: str) -> int:
    from bench import measure, report
    from bench.workloads import workloads

    failed = 0
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    if busy > cores / 2:
        _say(f"The machine is busy (load {busy:.1f} on {cores} cores): times are longer than they would be.")
    _say("PDF files of validated documents are left to a background worker, which runs afterwards.")
    _say(report.HEADER)
    for workload in workloads(facts):
        if chosen.only and workload.name not in chosen.only:
            continue
        times = workload.quick_times if chosen.quick else workload.times
        asked = measure.statements(workload, facts.key)
        bound = measure.lower_bound(workload, facts.key) if workload.has_bound else None
        for clients in (1, 4):
            timing = measure.over_http(workload, address, facts.key, clients, times)
            _say(report.line(workload, timing, asked, bound))
            failed += len(timing.errors)
            for error in timing.errors[:3]:
                _say(f"    {error}")
    _say(f"Errors in all: {failed}")
    return int(bool(failed))


def _measure_worker() -> None:
    """How fast a worker renders the PDF files that the workloads left."""
    from django_tasks_db.models import DBTaskResult

    from bench import server

    waiting = DBTaskResult.objects.ready().count()
    if waiting:
        seconds = server.drain()
        _say(
            f"Background worker: {waiting} PDF files in {seconds:.0f} s, {waiting / seconds:.1f} per second."
        )


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    sys.exit(main())
