"""Several people plan the same work at once: never more is planned than there is."""

from __future__ import annotations

import datetime
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from erp.constructions import services
from erp.constructions.models import Construction, ConstructionContent, Planification, Technician
from erp.core.errors import Invalid
from erp.core.scope import team_scope
from tests.conftest import team_named
from tests.constructions.recipes import BEGIN
from tests.factories import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_a_team() -> None:
    """These tests enter scopes themselves: they commit."""


def test_two_people_never_plan_more_than_is_left() -> None:
    team = team_named("Acme")
    with team_scope(team), transaction.atomic():
        site = make(Construction)
        services.update_construction(site, {"contents": [{"designation": "Window", "quantity": Decimal(10)}]})
        content = ConstructionContent.objects.get(construction=site)
        jim = make(Technician)
    start, refused = threading.Barrier(4), []

    def plan() -> None:
        values: dict[str, Any] = {
            "construction": site,
            "technicians": [jim],
            "begin": BEGIN,
            "end": BEGIN + datetime.timedelta(hours=1),
            "contents": [{"content": content, "quantity": Decimal(4)}],
        }
        try:
            with team_scope(team), transaction.atomic():
                start.wait(10)
                services.create_planification(values)
        except Invalid as error:
            refused.append(error.errors)
        finally:
            connection.close()

    threads = [threading.Thread(target=plan) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with team_scope(team), transaction.atomic():
        assert Planification.objects.filter(construction=site).count() == 2
        assert ConstructionContent.objects.get(pk=content.pk).planified_quantity == 8
    assert [list(errors) for errors in refused] == [["contents.0.quantity"]] * 2
