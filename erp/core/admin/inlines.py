"""Lines of a row, edited on the row's page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from erp.core import services
from erp.core.access import Verb
from erp.core.admin.forms import TenantForm
from erp.core.admin.scoping import Scoped
from erp.core.errors import BusinessError, Invalid

__all__ = ["TenantStackedInline", "TenantTabularInline", "kept_forms", "line_values", "save_line"]


class TenantInline(Scoped):
    """Lines of a row. Without a guard of its own, editing the row is what editing its lines needs."""

    form = TenantForm
    extra = 0
    #: Attribute under which the lines reach the parent's `create_row` and `update_row`, instead of being
    #: saved one by one: a list of values in order, with "id" for those that exist.
    passed_as: ClassVar[str | None] = None

    def allows(self, request: Any, verb: Verb) -> bool:
        if self.guard is not None:
            return super().allows(request, verb)
        parent = self.admin_site.get_model_admin(self.parent_model)  # type: ignore[attr-defined]
        return verb in self.verbs and isinstance(parent, Scoped) and parent.allows(request, verb)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_edit(request, obj, "create")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_edit(request, obj, "update")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_edit(request, obj, "delete")

    def _may_edit(self, request: HttpRequest, obj: Any, verb: Verb) -> bool:
        if self.guard is not None:
            return self.allows(request, verb)
        return verb in self.verbs and self.allows(request, "update" if obj else "create")


class TenantTabularInline(TenantInline, TabularInline):
    """Lines as a grid, whose inputs are called as their columns for those who do not see these."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        for field in formset.form.base_fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", field.label or "")
        return formset


class TenantStackedInline(TenantInline, StackedInline):
    """Lines one below the other."""


def kept_forms(formset: Any) -> list[Any]:
    """Forms of a formset in order, without the deleted and the empty ones."""
    gone = set(map(id, formset.deleted_forms))
    return [
        form for form in formset.forms if id(form) not in gone and (form.instance.pk or form.has_changed())
    ]


def line_values(form: Any, formset: Any) -> dict[str, Any]:
    """What services get of a line: its values, and its id when it exists."""
    skipped = {formset.fk.name, formset.model._meta.pk.name, "DELETE", "ORDER"}
    values = {name: value for name, value in form.cleaned_data.items() if name not in skipped}
    return values | ({"id": form.instance.pk} if form.instance.pk else {})


def save_line(formset: Any, row: Any) -> None:
    """Write one line by its model's rules; errors name the line ("accounts.0.vatrate")."""
    try:
        services.validated(row)
    except BusinessError as error:
        number = next(index for index, form in enumerate(formset.forms) if form.instance is row)
        raise Invalid(
            {f"{formset.prefix}.{number}.{path}": text for path, text in error.errors.items()}
        ) from error
    row.save()
