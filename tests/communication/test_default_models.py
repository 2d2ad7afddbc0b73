"""The models that the team's settings name, for mails about each kind of thing."""

from __future__ import annotations

from typing import Any

import pytest

from erp.catalog.models import ProviderCommand
from erp.communication.models import MailModel
from erp.communication.services.documents import default_model
from erp.core.elements import Element, element_type
from erp.customers.models import Customer
from erp.sales.models import Document
from tenants.models import Team

ROWS: dict[str, Any] = {
    "prospect": ("customer", Customer(is_prospect=True)),
    "customer": ("customer", Customer(is_customer=True)),
    "provider": ("customer", Customer(is_provider=True)),
    "subcontractor": ("customer", Customer(is_subcontractor=True)),
    **{
        kind: (kind, Document())
        for kind in ("quotation", "command", "proforma", "delivery", "invoice", "credit")
    },
    "provider_command": ("providerCommand", ProviderCommand()),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_model_of_the_setting_is_proposed(scope: Team, name: str) -> None:
    models = {key: MailModel.objects.create(name=key, subject="s", html="h").pk for key in ROWS}
    kind, row = ROWS[name]
    about = Element(element_type(kind), row)
    scope.configs = {**scope.configs, **{f"communication_model_{key}": pk for key, pk in models.items()}}
    chosen = default_model(about)
    assert chosen is not None
    assert chosen.name == name
    scope.configs = {**scope.configs, f"communication_model_{name}": None}
    assert default_model(about) is None
