"""What an admin and its inlines share: the rows, the choices and the permissions of the active team user."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from erp.core.access import Guard, Verb, visible
from erp.core.inputs import NumberField, is_price
from erp.core.models import TenantModel

__all__ = ["VERBS", "Scoped", "choosable", "narrowed"]

VERBS: tuple[Verb, ...] = ("read", "create", "update", "delete")


def choosable(model: type[models.Model]) -> models.QuerySet[Any]:
    """The rows of `model` that may be offered as choices: none of a global model that does not say why."""
    shared = issubclass(model, TenantModel) or hasattr(model, "global_reason") or hasattr(model, "restrict")
    return visible(model) if shared else model._default_manager.none()


def narrowed(queryset: models.QuerySet[Any] | None, model: type[models.Model]) -> models.QuerySet[Any]:
    """The choosable rows of `model`, among those of `queryset` when a chapter gives one."""
    if queryset is None:
        return choosable(model)
    return queryset.filter(pk__in=choosable(model).order_by().values("pk"))


class Scoped:
    """Reads and offers only what the active team user may see; asks `guard` before every verb."""

    guard: ClassVar[Guard | None] = None
    #: The verbs that this page offers at all; ("read",) makes it read-only.
    verbs: ClassVar[tuple[Verb, ...]] = VERBS

    def allows(self, request: Any, verb: Verb) -> bool:
        """Whether the request's team user may do `verb` here; without a guard nobody may."""
        actor = getattr(request, "actor", None)
        return (
            actor is not None
            and self.guard is not None
            and verb in self.verbs
            and self.guard.allows(actor, verb)
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "read")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "create")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "update")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, "delete")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = visible(self.model)  # type: ignore[attr-defined]
        ordering = self.get_ordering(request)  # type: ignore[attr-defined]
        return queryset.order_by(*ordering) if ordering else queryset

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Numbers are typed and shown as people write them in their language."""
        is_number = isinstance(db_field, models.DecimalField)
        if is_number:
            kwargs = {"form_class": NumberField, "widget": UnfoldAdminTextInputWidget, **kwargs}
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if is_number and isinstance(field, NumberField):
            field.is_price = is_price(db_field.name)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = narrowed(kwargs.get("queryset"), db_field.remote_field.model)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = narrowed(kwargs.get("queryset"), db_field.remote_field.model)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
