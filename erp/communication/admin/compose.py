"""Writing a mail: the form, what it starts from, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from erp.communication import services
from erp.communication.admin.fields import AddressesField, FilesField
from erp.communication.models import LibraryFile, Mail, MailModel, Sender
from erp.communication.services.documents import ELEMENTS, PRINTED, default_model, proposed
from erp.core.access import visible
from erp.core.admin import TenantForm
from erp.core.admin.richtext import RichTextWidget
from erp.core.elements import Element, element_types
from erp.core.errors import BusinessError
from erp.core.scope import current_actor
from erp.sales.models import Document

__all__ = [
    "ComposeForm",
    "compose_url",
    "element_named",
    "initial_of",
    "mail_button",
    "mail_link",
    "mail_values",
]

#: Query parameter, and hidden field, that says what the mail is about: "invoice:12".
ABOUT = "about"


def compose_url(element_name: str, pk: int | str) -> str:
    """Address of the page that writes a mail about a row."""
    return f"{reverse('admin:communication_mail_add')}?{urlencode({ABOUT: f'{element_name}:{pk}'})}"


def mail_button(request: HttpRequest, document: Document) -> dict[str, Any] | None:
    """The button of a sales document's page; drafts say why not yet."""
    actor: Any = getattr(request, "actor", None)
    if actor is None or actor.level("send-mail") < 1:
        return None
    reason = _t("Validate the document first: a draft is not sent.") if document.is_draft else ""
    return {
        "verb": _t("Send by mail…"), "title": _t("Write a mail with the PDF"), "icon": "mail",
        "reason": reason, "rest": "", "url": compose_url(document.kind, document.pk),
    }  # fmt: skip


def mail_link(model: type[models.Model], key: str) -> dict[str, Any] | None:
    """The button of other rows' pages; sales documents have their own, among what can be made of them."""
    actor = current_actor()
    names = [kind.name for kind in element_types(ELEMENTS) if kind.model is model]
    if not names or issubclass(model, Document) or actor is None or actor.level("send-mail") < 1:
        return None
    return {"title": _t("Write a mail…"), "icon": "mail", "path": compose_url(names[0], key)}


def element_named(word: str) -> Element | None:
    """What "invoice:12" names, if the actor sees it."""
    name, _colon, key = word.partition(":")
    kinds = {kind.name: kind for kind in element_types(ELEMENTS)}
    if name not in kinds or not (key.isdecimal() and len(key) < 19):
        return None
    row = visible(kinds[name].model).filter(pk=int(key)).first()
    return Element(kinds[name], row) if row is not None else None


class ComposeForm(TenantForm):
    """A mail to send."""

    about = forms.CharField(required=False, widget=forms.HiddenInput)
    sender: Any = forms.ModelChoiceField(
        None, label=_("From"), widget=UnfoldAdminSelectWidget, empty_label=None, required=False
    )
    people = forms.MultipleChoiceField(
        label=_("To"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    to = AddressesField(label=_("Other addresses"), help_text=_("Separated by commas."))
    cc = AddressesField(label=_("Copy"))
    cci = AddressesField(label=_("Blind copy"))
    model: Any = forms.ModelChoiceField(
        None, label=_("Written from"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("Another model replaces the subject and the message; its files are attached."),
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Subject"), max_length=255, required=False, widget=UnfoldAdminTextInputWidget
    )
    html = forms.CharField(label=_("Message"), required=False, widget=RichTextWidget)
    attach_documents = forms.BooleanField(
        label=_("Attach the PDF"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
    library_files: Any = forms.ModelMultipleChoiceField(
        None, label=_("Files of the library"), required=False, widget=UnfoldAdminSelectMultipleWidget
    )
    uploads = FilesField(label=_("Attach files"))

    class Meta:
        model = Mail
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["sender"].queryset = visible(Sender).exclude(validated_at=None)
        fields["model"].queryset = visible(MailModel)
        fields["library_files"].queryset = visible(LibraryFile).select_related("file")
        self.element = element_named(str(self["about"].value() or ""))
        self.proposed = dict(proposed(self.element)) if self.element else {}
        fields["people"].choices = [
            (address, f"{person.title} – {address}") for address, person in self.proposed.items()
        ]
        if not self.proposed:
            fields["people"].widget = forms.MultipleHiddenInput()
        if not (self.element and isinstance(self.element.row, tuple(PRINTED))):
            fields["attach_documents"].widget = forms.HiddenInput()

    def values(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        return mail_values({**data, "element": self.element, "proposed": self.proposed})


def mail_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """A form's values as `send_mail` takes them."""
    names = ("sender", "subject", "html", "model", "attach_documents", "library_files")
    chosen = [{"email": address, "element": data["proposed"].get(address)} for address in data["people"]]
    return {
        **{name: data[name] for name in names},
        "to": [*chosen, *_plain(data["to"])],
        "cc": _plain(data["cc"]),
        "cci": _plain(data["cci"]),
        "attachments": data["uploads"],
        "elements": [data["element"]] if data["element"] else [],
    }


def _plain(addresses: list[str]) -> list[dict[str, Any]]:
    return [{"email": address, "element": None} for address in addresses]


def initial_of(request: HttpRequest) -> dict[str, Any]:
    """What a new mail starts from: `?about=` says what it is about, `?model=` from which text."""
    about = request.GET.get(ABOUT, "")
    element = element_named(about)
    chosen = request.GET.get("model", "")
    is_key = chosen.isdecimal() and len(chosen) < 19
    usual = default_model(element) if element else None
    model = visible(MailModel).filter(pk=int(chosen)).first() if is_key else usual
    people = [address for address, _person in proposed(element)][:1] if element else []
    values: dict[str, Any] = {
        "about": about if element else "",
        "people": people,
        "model": model and model.pk,
    }
    values |= {"sender": getattr(services.default_sender(), "pk", None), "attach_documents": True}
    return values | (_texts(model, element) if model else {})


def _texts(model: MailModel, element: Element | None) -> dict[str, str]:
    """The model's texts for this element; as they are when something is missing for them."""
    try:
        filled = services.composed({"model": model, "elements": [element] if element else []})
    except BusinessError:
        return {"subject": model.subject, "html": model.html}
    return {"subject": filled["subject"], "html": filled["html"]}
