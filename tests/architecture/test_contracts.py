"""What must stay true of the code, whoever adds to it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from erp.core.access import ResourcePermission
from erp.core.models import TenantModel, tenant_links
from erp.core.resources import ApiView, ReadOnlyResource, router
from tests.factories import tenant_models
from tests.routes import endpoints

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for folder in ("erp", "tenants", "connectors") for path in (ROOT / folder).rglob("*.py")
)
VIEWSETS = {viewset for _prefix, viewset, _name in router.registry}


@pytest.mark.parametrize("viewset", sorted(VIEWSETS, key=str), ids=lambda viewset: viewset.__name__)
def test_every_view_of_the_router_is_guarded(viewset: type[Any]) -> None:
    assert issubclass(viewset, ApiView)
    assert viewset.guard is not None
    assert viewset.permission_classes == [ResourcePermission]


def test_action_keys_name_actions_and_permissions_that_exist() -> None:
    from tenants.permissions import PERMISSIONS

    for viewset in VIEWSETS:
        for action, keys in viewset.action_keys.items():
            assert hasattr(viewset, action), (viewset, action)
            assert all(key in PERMISSIONS and level <= PERMISSIONS[key].highest for key, level in keys)


def test_an_address_has_one_view() -> None:
    seen = [(item.path, item.method) for item in endpoints()]
    assert len(seen) == len(set(seen))


def test_default_sorts_are_sorts_or_columns() -> None:
    for viewset in VIEWSETS:
        if issubclass(viewset, ReadOnlyResource):
            columns = {field.name for field in viewset.serializer_class.Meta.model._meta.get_fields()}
            for word in viewset.default_sort:
                assert word.partition(":")[0] in {*viewset.sorts, *columns}, viewset


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_links_between_tenant_models_are_all_checked(model: type[TenantModel]) -> None:
    """Links that no check sees (generic ones, links of parents) are not used."""
    expected = {
        field.name
        for field in model._meta.get_fields()
        if field.concrete
        and (field.many_to_one or field.one_to_one)
        and field.name != "team"
        and issubclass(field.related_model, TenantModel)
    }
    assert {name for name, _column, _target in tenant_links(model)} == expected
    assert not [field for field in model._meta.get_fields() if type(field).__name__.startswith("Generic")]


def test_deleting_a_team_or_a_global_row_never_takes_rows_along() -> None:
    for model in tenant_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and not issubclass(field.related_model, TenantModel):
                assert field.remote_field.on_delete is not models.CASCADE, f"{model._meta.label}.{field.name}"


def calls(path: Path) -> set[str]:
    """Names of everything called in a module, by their last part."""
    tree = ast.parse(path.read_text())
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in functions}


#: Modules outside the core that may speak SQL, with the reason.
SQL: dict[str, str] = {"erp/sales/seal.py": "puts up the triggers that keep issued documents as they are"}


def test_raw_sql_stays_in_the_core() -> None:
    """It would not know the team; what must use it says why in SQL."""
    found = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "migrations" not in path.parts and calls(path) & {"raw", "cursor", "_raw_delete", "RawSQL"}
    }
    assert {name for name in found if not name.startswith("erp/core/")} == SQL.keys()


def test_core_imports_no_chapter_while_it_loads() -> None:
    chapters = {config.name for config in apps.get_app_configs() if config.name.startswith("erp.")} - {
        "erp.core"
    }
    for path in (ROOT / "erp" / "core").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
            )
            assert not [name for name in names if any(name.startswith(chapter) for chapter in chapters)], path
