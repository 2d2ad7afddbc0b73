"""What of the API reference is proven: runs the checks of tests/contract and counts what they asserted."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

CHECKS = Path("tests/contract")
COLUMNS = {
    "object": "Objects",
    "attribute": "Attributes",
    "endpoint": "Endpoints",
    "parameter": "Parameters",
    "filter": "Filters",
    "sort": "Sorts",
    "search": "Searches",
    "include": "Includes",
}


class Command(BaseCommand):
    """`manage.py contract_coverage` checks on a throw-away database; exit code 1 under 100 %."""

    help = "Show, per chapter of the API reference, what of it is proven by checks run now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chapter", default="", help="only chapters whose name contains this")
        parser.add_argument(
            "--missing", action="store_true", help="name each item that is not proven, and why"
        )

    def handle(self, *args: Any, chapter: str, missing: bool, **options: Any) -> None:
        rows = [row for row in self.checked() if chapter.casefold() in row["chapter"].casefold()]
        if not rows:
            raise CommandError("The reference has no such chapter.")
        self.print_table(rows)
        left = [row for row in rows if row["status"] != "proven"]
        if missing:
            self.print_missing(left)
        self.print_errata()
        if left:
            raise SystemExit(1)

    def checked(self) -> list[dict[str, Any]]:
        """Every item of the reference with its status. Raises CommandError when the checks cannot run."""
        root = Path(settings.BASE_DIR)
        if not (root / CHECKS).is_dir():
            raise CommandError("The checks are not here: run this where the tests are.")
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            command = [
                sys.executable,
                "-m",
                "pytest",
                str(CHECKS),
                "-q",
                "--tb=short",
                "-p",
                "no:cacheprovider",
            ]
            done = subprocess.run(  # noqa: S603
                [*command, f"--contract-report={report}"],
                cwd=root,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode not in (0, 1) or not report.exists():
                raise CommandError(f"The checks could not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
            return list(json.loads(report.read_text()))

    def print_table(self, rows: list[dict[str, Any]]) -> None:
        """Proven of promised, per chapter and sort."""
        counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for row in rows:
            for chapter in (row["chapter"], "Total"):
                for column in (row["sort"], "all"):
                    counts[chapter][column][0] += row["status"] == "proven"
                    counts[chapter][column][1] += 1
        names = [*dict.fromkeys(row["chapter"] for row in rows), "Total"]
        width = max(map(len, names)) + 2
        self.stdout.write(
            "Chapter".ljust(width) + "".join(f"{title:>13}" for title in COLUMNS.values()) + "      %"
        )
        for name in names:
            cells = "".join(f"{fraction(counts[name][column]):>13}" for column in COLUMNS)
            proven, promised = counts[name]["all"]
            self.stdout.write(f"{name:<{width}}{cells}{100 * proven // promised:>7}")

    def print_missing(self, rows: list[dict[str, Any]]) -> None:
        self.stdout.write("\nNot proven")
        for row in rows:
            what = " · ".join(part for part in (row["sort"], row["where"], row["name"]) if part)
            self.stdout.write(f"  {row['chapter']} · {what}: {row['status']}")

    def print_errata(self) -> None:
        errata = json.loads((Path(settings.BASE_DIR) / CHECKS / "data" / "errata.json").read_text())
        self.stdout.write("\nWhere the reference contradicts itself")
        for item in errata:
            self.stdout.write(f"  {item['where']}: {item['reason']}")


def fraction(pair: list[int]) -> str:
    """12/34, or nothing where nothing is promised."""
    return f"{pair[0]}/{pair[1]}" if pair[1] else "–"
