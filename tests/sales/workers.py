"""What concurrency tests run in processes of their own, each with its own connection to the test database.

    python -m tests.sales.workers <database> <job> <team> <argument>

Reads nothing, prints one line of JSON: what the job made.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from typing import Any


def main(database: str, job: str, team_id: str, argument: str) -> None:
    """Set Django up on the test database and run a job."""
    os.environ["DATABASE_URL"] = database
    os.environ["DJANGO_SETTINGS_MODULE"] = "erp.settings"
    import django

    django.setup()
    from django.conf import settings

    settings.DATABASE_ROLE = settings.DATABASE_ROLE or "erp_web"
    from erp.core.scope import team_scope, unscoped
    from tenants.models import Team

    with unscoped("a test's worker starts from an id"):
        team = Team.objects.get(pk=int(team_id))
    print(json.dumps(JOBS[job](lambda: team_scope(team), argument)))  # noqa: T201


def validate(scope: Any, argument: str) -> list[str]:
    """Validate drafts, failing on every third after its number was taken. Without lock when told so."""
    from erp.core.stored_pdf import pdfs_on_demand
    from erp.sales import services
    from erp.sales.models import Invoice
    from erp.sales.services import workflow

    given = json.loads(argument)
    if given["without_lock"]:
        take_the_lock_out()
    freeze, made = workflow.freeze, []
    for number, key in enumerate(given["drafts"]):
        workflow.freeze = fail if given["failing"] and number % 3 == 0 else freeze
        try:
            with scope(), pdfs_on_demand():
                made.append(services.validate(Invoice.objects.get(pk=key)).reference)
        except Failure:
            made.append("failed")
        except Exception as error:  # noqa: BLE001 (what goes wrong without the lock is the test's answer)
            made.append(type(error).__name__)
    return made


class Failure(Exception):
    """Something went wrong half-way."""


def fail(*args: Any) -> None:
    raise Failure


def take_the_lock_out() -> None:
    """Read counters without locking them, slowly enough for others to read them too."""
    import time

    from erp.core import numbering

    locked = numbering.series

    def unlocked(key: str, *, lock: bool = False) -> Any:
        row = locked(key, lock=False)
        time.sleep(0.01)
        return row

    numbering.series = unlocked


def bill(scope: Any, argument: str) -> str:
    """Bill one order."""
    from erp.core.errors import BusinessError
    from erp.core.stored_pdf import pdfs_on_demand
    from erp.sales import services
    from erp.sales.models import Document

    try:
        with scope(), pdfs_on_demand():
            return services.convert(
                Document.objects.get(pk=int(argument)), "bill", {"is_draft": False}
            ).reference
    except BusinessError as error:
        return error.code


def pay(scope: Any, argument: str) -> list[str]:
    """Pay documents, or use credits, again and again; answers what each attempt made.

    The argument names the chapter ("charges" or "sales"), attempts of {"pay": [[id, amount], …]} and of
    {"credits": [ids], "of": id}.
    """
    from importlib import import_module

    from erp.core.errors import BusinessError
    from erp.various.models import PaymentMethod

    given = json.loads(argument)
    settlement = import_module(f"erp.{given['chapter']}.services").SETTLEMENT
    made = []
    for attempt in given["attempts"]:
        try:
            with scope():
                rows = settlement._document().objects
                if "of" in attempt:
                    credits_ = [rows.get(pk=key) for key in attempt["credits"]]
                    settlement.use_credits(rows.get(pk=attempt["of"]), {"credits": credits_})
                else:
                    paid = [{"id": rows.get(pk=key), "amount": Decimal(sum_)} for key, sum_ in attempt["pay"]]
                    values = {"date": "2024-05-17", "payment_method": PaymentMethod.objects.first()}
                    settlement.create({**values, settlement.name: paid})
            made.append("done")
        except BusinessError as error:
            made.append(error.code)
    return made


JOBS = {"validate": validate, "bill": bill, "pay": pay}

if __name__ == "__main__":
    main(*sys.argv[1:])
