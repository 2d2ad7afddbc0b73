"""The factory of rows serves every model, so that no matrix test leaves one out."""

from __future__ import annotations

import pytest

from erp.core.models import TenantModel
from erp.various.models import SaleCategoryAccount, Unit
from tests.factories import make, tenant_models


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_tenant_model_can_be_made_twice(model: type[TenantModel], scope: object) -> None:
    first, second = make(model), make(model)
    assert first.pk != second.pk
    assert set(model.objects.filter(pk__in=[first.pk, second.pk])) == {first, second}


def test_rows_that_are_pointed_to_are_made_too(scope: object) -> None:
    account = make(SaleCategoryAccount, account_number="707100")
    assert account.category.label.startswith("label ")
    assert (account.account_number, account.vatrate.team) == ("707100", scope)


def test_given_values_are_kept(scope: object) -> None:
    assert make(Unit, label="Hour").label == "Hour"
