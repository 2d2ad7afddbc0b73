"""Sets of settings as form fields, one per parameter, beside the fields of the row that keeps them.

class CustomerForm(parameters_form(CUSTOMER)):
    ...

def update_row(self, row, values):
    if settings := taken(CUSTOMER, values):
        values["configs"] = settings
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from erp.core.admin.forms import TenantForm
from erp.core.admin.scoping import choosable
from erp.core.inputs import NumberField
from erp.core.parameters import Parameter, ParameterSet

__all__ = ["parameters_form", "taken"]

EMPTY_LABEL = "–"
#: The first choice of a setting that may stay unset.
UNSET = ("", _("As in the team’s settings"))
YES_NO = ((True, _("Yes")), (False, _("No")))


class ParametersForm(TenantForm):
    """A row with the settings that its JSON `column` keeps; made by `parameters_form`."""

    parameters: ClassVar[ParameterSet]
    column: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = getattr(self.instance, self.column)
        for name, parameter in self.parameters.by_name.items():
            if parameter.model and name in self.fields:
                self.fields[name].queryset = choosable(parameter.target)  # type: ignore[attr-defined]
            self.initial.setdefault(name, self.parameters.value(stored, name))


def parameters_form(parameters: ParameterSet, column: str = "configs") -> type[ParametersForm]:
    """A form with a field for each parameter, filled from the row's JSON `column`."""
    fields = {parameter.name: field_of(parameter) for parameter in parameters if not parameter.external}
    options = {"parameters": parameters, "column": column, **fields}
    make: Any = type(ParametersForm)
    return make("SettingsForm", (ParametersForm,), options)


def taken(parameters: ParameterSet, values: dict[str, Any]) -> dict[str, Any]:
    """The settings among a form's values, as stored; they are taken out of `values`."""
    given = {name: values.pop(name) for name in list(values) if name in parameters.by_name}
    return parameters.clean({name: _plain(value) for name, value in given.items()})


def _plain(value: Any) -> Any:
    """A form's value as a request body would have it."""
    if isinstance(value, QuerySet):
        return [row.pk for row in value]
    return value.pk if isinstance(value, models.Model) else value


def field_of(parameter: Parameter) -> forms.Field:
    """The form field of one parameter."""
    common = {"label": parameter.label or parameter.name, "required": False}
    labels = getattr(parameter, "labels", ()) or [(value, value) for value in parameter.choices]
    if labels:
        return _choice(parameter, labels, type(parameter.choices[0]), common)
    if parameter.kind == "boolean" and parameter.nullable:
        return _choice(parameter, YES_NO, lambda value: value == "True", common)
    return BUILDERS[parameter.kind](parameter, common)


def _choice(
    parameter: Parameter, labels: Any, coerce: Callable[[Any], Any], common: dict[str, Any]
) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[UNSET, *labels] if parameter.nullable else list(labels),
        coerce=coerce, empty_value=None, widget=UnfoldAdminSelectWidget, **common,
    )  # fmt: skip


def _limits(parameter: Parameter) -> dict[str, Any]:
    return {"min_value": parameter.minimum, "max_value": parameter.maximum}


def _nothing(parameter: Parameter) -> QuerySet[Any]:
    """No row: the form offers those of its request's team."""
    return QuerySet(parameter.target).none()


#: kind -> function of the parameter and the common arguments.
BUILDERS: Mapping[str, Callable[[Parameter, dict[str, Any]], forms.Field]] = {
    "boolean": lambda parameter, common: forms.BooleanField(widget=UnfoldBooleanSwitchWidget, **common),
    "integer": lambda parameter, common: forms.IntegerField(
        widget=UnfoldAdminIntegerFieldWidget, **_limits(parameter), **common
    ),
    "number": lambda parameter, common: NumberField(**_limits(parameter), **common),
    "string": lambda parameter, common: forms.CharField(
        widget=UnfoldAdminTextInputWidget, max_length=parameter.max_length, **common
    ),
    "link": lambda parameter, common: forms.ModelChoiceField(
        _nothing(parameter),
        widget=UnfoldAdminSelectWidget,
        **common,
        empty_label=UNSET[1] if parameter.nullable else EMPTY_LABEL,
    ),
    "links": lambda parameter, common: forms.ModelMultipleChoiceField(
        _nothing(parameter), widget=UnfoldAdminSelectMultipleWidget, **common
    ),
}
