"""Forms of the admin: a service's refusal comes back beside the fields it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from erp.core.errors import BusinessError
from erp.core.models import TenantModel
from erp.core.money import trimmed
from erp.core.scope import current_team

__all__ = ["Refusal", "TenantForm"]

#: Decimals of amounts, which are shown whole; finer numbers without useless zeros.
CENTS = 2


class Refusal:
    """The texts of a BusinessError by dotted path, until a form takes those it can show."""

    def __init__(self, error: BusinessError) -> None:
        self.errors = dict(error.errors)

    def take_lines(self, formset: Any) -> None:
        """Show "contents.0.quantity" on the first line of the formset whose prefix is "contents"."""
        for path in list(self.errors):
            prefix, _dot, rest = path.partition(".")
            number, _dot, field = rest.partition(".")
            if prefix == formset.prefix and number.isdecimal() and int(number) < len(formset.forms):
                _show(formset.forms[int(number)], field, self.errors.pop(path))

    def show_on(self, form: Any) -> None:
        """Show everything that is left."""
        for path, texts in self.errors.items():
            _show(form, path, texts)


def _show(form: Any, path: str, texts: list[str]) -> None:
    """Add texts to the field that the path's first segment names, or to the whole form."""
    name = path.split(".")[0]
    name = next((known for known in (name, name.removesuffix("_id")) if known in form.fields), "")
    form.add_error(name or None, texts)


def _with_row(offered: Any, key: Any) -> Any:
    """The rows offered, and the one of this key (deleted ones included)."""
    every = (
        offered.model.all_objects
        if issubclass(offered.model, TenantModel)
        else offered.model._default_manager
    )
    return every.filter(Q(pk__in=offered.order_by().values("pk")) | Q(pk=key))


class TenantForm(forms.ModelForm):
    """A row of the active team. Its model's rules run on complete data only; services write it."""

    #: Set per request by the admin when a service refused the data that is shown again.
    refusal: ClassVar[Refusal | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if getattr(self.instance, "team_id", 0) is None:
            self.instance.team = current_team()
        if self.instance.pk is not None:
            self._keep_current_choices()
        for name, value in self.initial.items():
            if isinstance(value, Decimal) and value.as_tuple().exponent < -CENTS:  # type: ignore[operator]
                self.initial[name] = trimmed(value)

    def _keep_current_choices(self) -> None:
        """A link made earlier stays valid, though its row was deleted or is not offered any more."""
        for name, field in self.fields.items():
            key = self.initial.get(name)
            if isinstance(field, forms.ModelChoiceField) and key is not None and not isinstance(key, list):
                field.queryset = _with_row(field.queryset, key)

    def _post_clean(self) -> None:
        if not self.errors:
            super()._post_clean()  # type: ignore[misc]
        if self.refusal is not None:
            self.refusal.show_on(self)
