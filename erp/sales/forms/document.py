"""A document's head, around its grid of lines."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t

from erp.core.access import visible
from erp.core.admin import TenantForm
from erp.customers.models import Contact, Customer
from erp.sales.choices import InputMode
from erp.sales.forms.lines import Lines
from erp.sales.models import Document
from erp.sales.services.drafting import end_of_day


class DocumentForm(TenantForm):
    """A sales document with its lines."""

    #: Options of a new document, set per request by the admin; an existing one has its own.
    options: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Document = self.instance
        if isinstance(self.initial.get("expire_at"), datetime.datetime):
            self.initial["expire_at"] = timezone.localtime(self.initial["expire_at"]).date()
        self._limit_contacts()
        self.mode = self._mode()
        self.lines = Lines(
            document, document.input_options or self.options, self.mode, self.data if self.is_bound else None
        )

    def _mode(self) -> str:
        """Which side prices are on: as typed, else as stored."""
        typed = self.data.get(self.add_prefix("input_mode")) if self.is_bound else None
        stored = self.initial.get("input_mode") or self.instance.input_mode
        return str(typed if typed in InputMode.values else stored)

    def _limit_contacts(self) -> None:
        """Contacts are those of the customer."""
        if "contact" not in self.fields:
            return
        key = self.data.get(self.add_prefix("customer")) if self.is_bound else self.initial.get("customer")
        key = getattr(key, "pk", key)
        offered = (
            visible(Contact).filter(customers=key) if str(key or "").isdecimal() else visible(Contact).none()
        )
        self.fields["contact"].queryset = offered  # type: ignore[attr-defined]
        if self.instance.contact_id and not self.is_bound:
            self._keep_current_choices()

    def clean_expire_at(self) -> datetime.datetime | None:
        date = self.cleaned_data["expire_at"]
        return end_of_day(date) if date else None

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def _post_clean(self) -> None:
        if self.refusal is not None:
            self.lines.take(self.refusal)
        if not self.lines.is_valid():
            self.add_error(None, _t("Some lines need to be corrected: the reasons are beside them."))
        elif self.lines.data is not None:
            self.cleaned_data["contents"] = self.lines.rows(self.mode)
        super()._post_clean()

    @property
    def changed_data(self) -> list[str]:
        """Names of what was changed, `contents` for the lines."""
        names: list[str] = super().changed_data
        return [*names, "contents"] if self.lines.has_changed() else names


def customer_named(key: Any) -> Customer | None:
    """The customer of an id from the page, among those that may be seen."""
    return (
        visible(Customer).filter(pk=key).first()
        if str(key or "").isdecimal() and len(str(key)) < 19
        else None
    )
