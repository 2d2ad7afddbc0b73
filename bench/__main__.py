"""`python -m bench`: measure on SQLite, and on PostgreSQL when a server answers."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from bench import databases
from bench.workloads import NAMES


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed on named workloads.")
    parser.add_argument("--rows", type=int, help="customers, products, quotations and invoices (10000)")
    parser.add_argument("--quick", action="store_true", help="1000 rows and few requests")
    parser.add_argument(
        "--only", action="append", choices=NAMES, metavar="NAME", help=f"one workload: {', '.join(NAMES)}"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="leave the other out")
    return parser.parse_args()


def main() -> int:
    """Run the measurement once per database, each in a process of its own: settings are read once."""
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rows = chosen.rows or (1000 if chosen.quick else 10_000)
    command = [sys.executable, "-m", "bench.run", "--rows", str(rows), *(["--quick"] if chosen.quick else [])]
    for name in chosen.only or []:
        command += ["--only", name]
    failed = False
    for environment in databases.each(chosen.database):
        failed = bool(_run(command, environment)) or failed
    return int(failed)


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            return process.wait()
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
