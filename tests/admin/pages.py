"""How tests use the admin's pages: signed-in clients, and forms filled in as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.models import TeamUser

__all__ = ["form_data", "messages_of", "signed_in", "url"]


def signed_in(member: TeamUser, language: str = "en") -> Client:
    """A browser in which a team user works for their team."""
    client = Client(headers={"Accept-Language": language})
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["team"] = member.team_id
    session.save()
    return client


def url(model: type[Any], page: str, *args: Any) -> str:
    """Address of a page of a model: changelist, add, change, delete, history."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_data(response: Any) -> dict[str, Any]:
    """What a browser would send for the form of a page when nothing is typed."""
    with timezone.override(response.wsgi_request.actor.team.timezone):  # as the page itself
        data = dict(_filled(response.context["adminform"].form))
        for inline in response.context["inline_admin_formsets"]:
            data |= dict(_filled(inline.formset.management_form))
            for form in inline.formset.forms:
                data |= dict(_filled(form))
    return data


def messages_of(response: Any) -> list[str]:
    """The messages that a page shows."""
    return [str(message) for message in response.context["messages"]]


def _filled(form: Any) -> Iterator[tuple[str, Any]]:
    """(name, value) of each input, as browsers send them."""
    for bound in form:
        yield from _inputs(bound.field.widget, bound.html_name, bound.value())


def _inputs(widget: Any, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    widget = getattr(widget, "widget", widget)  # selects with buttons beside them
    if isinstance(widget, forms.MultiWidget):
        parts = value if isinstance(value, list) else widget.decompress(value)
        for suffix, part, item in zip(widget.widgets_names, widget.widgets, parts, strict=True):
            yield from _inputs(part, name + suffix, item)
    elif isinstance(widget, forms.CheckboxInput):
        if widget.check_test(value):
            yield name, "on"
    elif not isinstance(widget, forms.FileInput):
        shown = widget.format_value(value)
        if shown not in (None, "", [], [""]):
            yield name, shown
