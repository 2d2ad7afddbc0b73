"""Several workers on the same values and fields at once: one value each, none of a type that is gone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from erp.core.errors import BusinessError
from erp.core.scope import team_scope
from erp.customers.models import Contact
from erp.customfields.models import CustomField, CustomFieldValue
from erp.customfields.services import create_field, update_field, write_values
from tenants.models import Team
from tests.factories import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(team: Team, works: list[Callable[[], Any]]) -> list[str]:
    """Run each work in a thread and a transaction of its own; "done", or the code of the refusal."""

    def run(work: Callable[[], Any]) -> str:
        try:
            with team_scope(team), transaction.atomic():
                work()
            return "done"
        except BusinessError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works, timeout=60))


def test_two_who_write_a_value_leave_one(team: Team) -> None:
    with team_scope(team):
        size = create_field({"label": "Size", "type": "number", "usage": ["contact"]})
        contact = make(Contact)

    def write(number: int) -> Callable[[], None]:
        return lambda: write_values(Contact.objects.get(pk=contact.pk), [{"id": size.pk, "value": number}])

    for first in range(0, 20, 4):
        assert at_once(team, [write(number) for number in range(first, first + 4)]) == ["done"] * 4
    with team_scope(team):
        [stored] = CustomFieldValue.objects.all()
        assert stored.number in range(16, 20)


def test_a_type_changes_before_a_value_is_written_or_not_at_all(team: Team) -> None:
    for _round in range(8):
        with team_scope(team):
            size = create_field({"label": "Size", "type": "number", "usage": ["contact"]})
            contact = make(Contact)
        outcome = at_once(
            team,
            [
                lambda: write_values(contact, [{"id": size.pk, "value": "5"}]),  # noqa: B023
                lambda: update_field(size, {"type": "text"}),  # noqa: B023
            ],
        )
        with team_scope(team):
            stored = CustomField.objects.get(pk=size.pk)
            kinds = {"number": ("", 5), "text": ("5", None)}
            values = [(value.text, value.number) for value in stored.values.all()]
            assert values in ([kinds[stored.type]], []), outcome
            assert outcome[1] == ("done" if stored.type == "text" else "used")
