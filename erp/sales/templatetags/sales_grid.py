"""What the grid of lines needs in templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from erp.various.figures import shown
from erp.various.services import clean_html

register = template.Library()


@register.filter(name="input")
def input_of(form: Any, name: str) -> Any:
    """The bound field of a name that is known when the page is made; "" when the form has none."""
    return form[name] if name in form.fields else ""


@register.filter
def errors_of(form: Any, name: str) -> list[str]:
    """The errors of an input; none while nothing was typed."""
    return list(form.errors.get(name, ())) if form.is_bound else []


@register.filter
def figure(value: Decimal | None, places: int | None = None) -> str:
    """A number for people."""
    return shown(value, places)


@register.filter
def rich(text: str) -> SafeString:
    """Team rich text, cleaned once more on its way out; the line breaks of plain text are kept."""
    return mark_safe(clean_html(text).replace("\n", "<br>"))  # noqa: S308  (just cleaned)


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to loop over."""
    return text.split()
