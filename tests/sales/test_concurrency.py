"""Many people at once, each in a process and a connection of its own: numbers and rests stay right."""

import json
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from erp.core.scope import team_scope
from erp.sales import services
from erp.sales.models import Invoice
from erp.various.models import PdfModel
from tests.conftest import team_named
from tests.sales.conftest import new_customer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PROCESSES = 8
ROOT = Path(__file__).parents[2]


@pytest.fixture
def team():
    return team_named("Acme")


def document(kind, **values):
    """A document of one line; the team must be in scope."""
    lines = [{"designation": "Pose", "unit_price_ht": Decimal(100), "quantity": Decimal(10)}]
    given = {"customer": new_customer(), "pdf_model": PdfModel.objects.first(), "contents": lines}
    return services.create_document(kind, {**given, **values})


def together(team, job, arguments):
    """Run a job once per argument, all at the same time; answers what each printed."""
    settings = connection.settings_dict
    database = (
        f"postgres://{settings['USER']}@/{settings['NAME']}"
        if settings["USER"]
        else f"postgres:///{settings['NAME']}"
    )
    if settings["HOST"]:
        access = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT'] or 5432}"
        database = f"postgres://{access}/{settings['NAME']}"
    command = [sys.executable, "-W", "ignore", "-m", "tests.sales.workers", database, job, str(team.pk)]
    running = [
        subprocess.Popen(
            [*command, argument], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        for argument in arguments
    ]
    return [json.loads(process.communicate(timeout=300)[0].splitlines()[-1]) for process in running]


def validate_all(team, count, **options):
    """Validate that many drafts from all processes; answers what each validation gave."""
    with team_scope(team):
        drafts = [document("invoice").pk for _time in range(count)]
    shares = [drafts[start::PROCESSES] for start in range(PROCESSES)]
    given = [
        json.dumps({"drafts": share, "failing": False, "without_lock": False, **options}) for share in shares
    ]
    return [reference for made in together(team, "validate", given) for reference in made]


def references(team):
    with team_scope(team):
        return sorted(Invoice.objects.filter(is_draft=False).values_list("reference", flat=True))


@pytest.mark.parametrize("failing", [False, True])
def test_two_hundred_validations_leave_no_gap_and_no_double(team, failing):
    made = validate_all(team, 200, failing=failing)
    expected = 200 - made.count("failed")
    assert made.count("failed") == (sum(-(-25 // 3) for _process in range(PROCESSES)) if failing else 0)
    assert references(team) == [f"FA{number:05}" for number in range(1, expected + 1)]
    assert Counter(made) - Counter(failed=made.count("failed")) == Counter(references(team))


def test_without_the_lock_the_same_goes_wrong(team):
    """What shows that the test above can fail."""
    made = validate_all(team, 80, without_lock=True)
    assert Counter(made)["IntegrityError"] > 0 or len(references(team)) < 80


@pytest.mark.parametrize("kind", ["quotation", "command"])
def test_of_simultaneous_bills_one_succeeds(team, kind):
    with team_scope(team):
        order = document(kind, is_draft=False)
    made = together(team, "bill", [str(order.pk)] * 4)
    assert sorted(made) == ["FA00001", "nothing_remains", "nothing_remains", "nothing_remains"]
    with team_scope(team):
        assert Invoice.objects.get().total_ttc == order.total_ttc
