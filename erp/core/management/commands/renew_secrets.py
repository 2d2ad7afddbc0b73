"""Encrypt the stored secrets anew, with the first of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from erp.core.encryption import SecretField, Undecipherable, renewed
from erp.core.models import TenantModel
from erp.core.scope import team_scope


def secret_columns() -> Iterator[tuple[Any, str]]:
    """(model, column) of every secret."""
    for model in apps.get_models():
        if issubclass(model, TenantModel) and not model._meta.proxy:
            yield from (
                (model, field.name) for field in model._meta.concrete_fields if isinstance(field, SecretField)
            )


class Command(BaseCommand):
    help = "Encrypt the stored secrets anew, with the first of FIELD_ENCRYPTION_KEYS. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = 0, []
        for team in apps.get_model("tenants", "Team").objects.order_by("pk"):
            with team_scope(team):
                for model, column in secret_columns():
                    for row in model.all_objects.exclude(**{column: ""}).only(column, "updated_at"):
                        try:
                            secret = renewed(getattr(row, column))
                        except Undecipherable:
                            lost.append(f"{model._meta.label} {row.pk}")
                            continue
                        unchanged = {"pk": row.pk, column: getattr(row, column)}
                        rows = model.all_objects.filter(**unchanged)
                        done += rows.update(**{column: secret}, updated_at=row.updated_at)
        self.stdout.write(f"{done} secrets encrypted with the first key.")
        if lost:
            raise CommandError(f"No key reads the secrets of: {', '.join(lost)}. Type them again.")
