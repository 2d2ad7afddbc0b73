"""Columns compiled once ask the database for exactly what Django asks it for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Count, F, sql
from django.test.utils import CaptureQueriesContext

from erp.core.global_lists import GlobalLink
from erp.core.models import TenantModel, TenantQuerySet
from erp.core.queries import TenantQuery
from erp.core.scope import team_scope
from erp.various.models import Country, GlobalList, VatRate
from tenants.models import Team
from tests.factories import make

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


def said(queryset: Any) -> tuple[str, Any]:
    """The SQL of a queryset, and its parameters."""
    return queryset.query.sql_with_params()


@pytest.mark.django_db
@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_the_sql_is_django_s(model: Any) -> None:
    names = [field.name for field in model._meta.concrete_fields]
    for _once_and_again in range(2):
        for shape in (
            lambda rows: rows.filter(pk__in=[1, 2]),
            lambda rows: rows.defer(names[-1]),
            lambda rows: rows.only(names[1]),
            lambda rows: rows.select_related("team").order_by("-pk")[:3],
            lambda rows: rows.annotate(twice=F("pk") * 2),
            lambda rows: rows.filter(pk__in=rows.filter(team=1)),
        ):
            ours = shape(TenantQuerySet(model))
            plain = shape(models.QuerySet(model, query=sql.Query(model)))
            assert type(ours.query) is TenantQuery
            assert said(ours) == said(plain)


def test_rows_are_converted_like_django_s(team: Team) -> None:
    with team_scope(team):
        key = make(VatRate, rate=Decimal("8.50")).pk
        for _once_and_again in range(2):
            row, plain = VatRate.objects.get(pk=key), models.QuerySet(VatRate).get(pk=key)
            assert (
                (row.rate, row.created_at)
                == (plain.rate, plain.created_at)
                == (Decimal("8.50"), row.created_at)
            )
            assert VatRate.objects.only("label").get(pk=key).rate == Decimal("8.50")
            assert VatRate.objects.annotate(n=Count("pk")).get(pk=key).n == 1


def test_lists_of_the_world_are_read_once(team: Team) -> None:
    france = Country.objects.known(67)
    with CaptureQueriesContext(connection) as asked:
        assert Country.objects.in_bulk([67, 10**9 + 7]).keys() == {67}
        assert team.country is france
    assert len(asked) == 1  # for the one that does not exist


def test_every_link_to_a_list_of_the_world_is_a_global_link() -> None:
    links = [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.many_to_one and issubclass(field.related_model, GlobalList)
    ]
    assert len(links) > 5
    assert [str(field) for field in links if not isinstance(field, GlobalLink)] == []
