"""Results of the checks, item by item: one test checks many promises and names each one that fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reference import Item, items

__all__ = ["Proof", "results"]

#: Of each item, what went wrong ("" when a check passed).
results: dict[Item, list[str]] = {}


class Proof:
    """What one test checks: `with proof(item): assert …`; `conclude` fails when one of them did."""

    def __init__(self) -> None:
        self.failures: list[str] = []

    @contextmanager
    def __call__(self, item: Item) -> Iterator[None]:
        """Record whether the block passes. Whatever it raises is a failure of the item alone."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self.failed(item, f"{type(error).__name__}: {error}" if str(error) else repr(error))
        else:
            self.passed(item)

    def passed(self, item: Item) -> None:
        results.setdefault(item, []).append("")

    def failed(self, item: Item, text: str) -> None:
        text = text.strip().splitlines()[0][:300] if text.strip() else "failed"
        results.setdefault(item, []).append(text)
        self.failures.append(f"{item}: {text}")

    def conclude(self) -> None:
        __tracebackhide__ = True
        if self.failures:
            pytest.fail("\n".join([f"{len(self.failures)} not as promised:", *self.failures]), pytrace=False)


def status(item: Item) -> str:
    """Proven, or why not."""
    found = results.get(item)
    if not found:
        return "not checked"
    return next((text for text in found if text), "proven")


def write(path: Path) -> None:
    """The report that `manage.py contract_coverage` prints."""
    rows: list[dict[str, Any]] = [{**item._asdict(), "status": status(item)} for item in items()]
    path.write_text(json.dumps(rows))
