"""Fields of the chapter's wire: recipients, what a mail is about, a sender's server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from erp.communication.choices import Security, SenderType
from erp.communication.models import Sender
from erp.communication.services.documents import ELEMENTS, RECIPIENTS
from erp.communication.services.mails import MAX_RECIPIENTS
from erp.core.elements import element_types
from erp.core.elements_wire import ElementFilter, ElementsField, element_of
from erp.core.fields import (
    Column,
    Computed,
    NestedList,
    NestedObject,
    WireBoolean,
    WireChar,
    WireChoice,
    WireEmail,
    WireInteger,
)
from erp.core.wire import BodySerializer

__all__ = ["MailElementFilter", "MailElementsField", "PartOfRecipients", "RecipientsField", "SmtpField"]

#: Elements that the reference names without ever describing them.
UNDESCRIBED = ("customerSepa", "contract")


# --- Recipients -----------------------------------------------------------------------------------


class RecipientBody(BodySerializer):
    """One recipient of a body."""

    email = WireEmail(required=True, max_length=254)
    id = WireInteger(required=False, allow_null=True)
    type = WireChar(required=False, allow_blank=True)


class RecipientsField(NestedList):
    """Recipients of a body, as {"email", "element"}: the element that `type` and `id` name, or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(RecipientBody, limit=MAX_RECIPIENTS, required=False, **kwargs)

    def wanted(self, data: Any) -> list[tuple[type[models.Model], int]]:
        return ElementsField(accepts=RECIPIENTS).wanted(data)

    def _rows(self, data: list[Any]) -> list[dict[str, Any]]:
        kinds = {kind.name: kind for kind in element_types(RECIPIENTS)}
        rows: list[dict[str, Any]] = []
        errors: dict[str, Any] = {}
        for place, item in enumerate(super()._rows(data)):
            element = None
            try:
                if item.get("id") is not None:
                    element = element_of(kinds, {"type": "", **item})
                elif item.get("type"):
                    raise serializers.ValidationError({"id": [_("This field is required.")]})
            except serializers.ValidationError as error:
                errors[str(place)] = error.detail
            rows.append({"email": item["email"], "element": element})
        if errors:
            raise serializers.ValidationError(errors)
        return rows


class PartOfRecipients(Computed):
    """`to`, `cc` or `cci`: shown with `recipients`, of which each is a part (see MailSerializer.finish)."""

    def __init__(self) -> None:
        super().__init__(lambda row: [], schema={"type": "array", "items": {"type": "object"}})

    def __deepcopy__(self, memo: Any) -> PartOfRecipients:
        return PartOfRecipients()

    def columns(self, name: str) -> list[Column]:
        return [replace(column, on_request=True, shown_with="recipients") for column in super().columns(name)]


# --- Elements -------------------------------------------------------------------------------------


class MailElementsField(ElementsField):
    """What a mail is about. Elements that the reference only names are refused with the reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(accepts=ELEMENTS, **kwargs)

    def _rows(self, data: list[Any]) -> list[Any]:
        words = [item.get("type") if isinstance(item, Mapping) else None for item in data]
        errors = {
            str(place): {"type": [_("The reference names %(type)s but never describes it.") % {"type": word}]}
            for place, word in enumerate(words)
            if word in UNDESCRIBED
        }
        if errors:
            raise serializers.ValidationError(errors)
        return super()._rows(data)


class MailElementFilter(ElementFilter):
    """Also as the reference writes it for mails, [[id, type], …]."""

    def values_of(self, value: Any) -> list[Any]:
        values = super().values_of(value)
        is_pair = len(values) == 2 and all(isinstance(item, str) for item in values)
        return [values] if is_pair else values

    def convert(self, value: Any) -> tuple[str, int]:
        if isinstance(value, Mapping) and "type" not in value:
            value = list(value.values())
        if isinstance(value, list) and len(value) == 2:
            value = {"id": value[0], "type": value[1]}
        if isinstance(value, Mapping) and value.get("type") in UNDESCRIBED:
            text = _("The reference names %(type)s but never describes it.")
            raise forms.ValidationError(text % {"type": value["type"]})
        return super().convert(value)


# --- Servers --------------------------------------------------------------------------------------


class SmtpBody(BodySerializer):
    """A mail server, in a body. The password is never answered."""

    server = WireChar(required=False, max_length=255)
    port = WireInteger(required=False, min_value=1, max_value=65535)
    security = WireChoice(required=False, choices=Security.choices)
    authentification = WireBoolean(required=False)
    login = WireChar(required=False, allow_blank=True, max_length=255)
    password = WireChar(required=False, allow_blank=True, max_length=500, trim_whitespace=False)


def smtp_of(row: Sender) -> dict[str, Any] | None:
    """The server of a sender; None when it has none of its own."""
    if row.type != SenderType.SMTP:
        return None
    return {
        "server": row.smtp_server,
        "port": row.smtp_port,
        "security": row.smtp_security,
        "authentification": row.smtp_authentication,
        "login": row.smtp_login or None,
    }


class SmtpField(NestedObject):
    """A sender's server: read whole or in part, answered when included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SmtpBody, partial=True, write_only=False, required=False, **kwargs)

    def columns(self, name: str) -> list[Column]:
        text = {"type": ["string", "null"]}
        properties = {
            "server": {"type": "string"},
            "port": {"type": "integer"},
            "security": {"type": "string", "enum": Security.values},
            "authentification": {"type": "boolean"},
            "login": text,
        }
        return [Column(name, smtp_of, on_request=True, schema={"type": "object", "properties": properties})]
