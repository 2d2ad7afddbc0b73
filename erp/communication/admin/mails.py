"""Mails: the list, the page of one, the page that writes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from erp.communication import services
from erp.communication.admin.compose import ComposeForm, initial_of, mail_button, mail_link
from erp.communication.admin.lists import downloaded
from erp.communication.choices import Field, State
from erp.communication.models import Mail, MailEvent
from erp.core.access import Verb
from erp.core.admin import TenantAdmin, row_action
from erp.core.admin.actions import PAGE_LINKS
from erp.core.elements import Element
from erp.core.elements_wire import elements_of
from erp.core.errors import BusinessError
from erp.sales.admin.pages import BUTTONS

__all__ = ["MailAdmin"]

BUTTONS.append(mail_button)
PAGE_LINKS.append(mail_link)

COLORS = {
    State.WAITING: "warning", State.SENDING: "info", State.SENT: "success", State.FAILED: "danger",
    State.INSERTED: "info", State.HELD: "warning",
}  # fmt: skip
RETRIED = (State.FAILED, State.WAITING)
#: A mail in a frame runs nothing, sends nothing, and loads pictures only.
MESSAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; sandbox",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class MailGuard:
    """Reading asks for `mail-access`, writing for `send-mail`, deleting for both."""

    def allows(self, actor: Any, verb: Verb) -> bool:
        keys = {"read": ("mail-access",), "create": ("send-mail",)}.get(verb, ("mail-access", "send-mail"))
        return all(actor.level(key) >= 1 for key in keys)


@admin.register(Mail)
class MailAdmin(TenantAdmin):
    """What was sent, by whom, to whom; a new one is written here, or from a document's page."""

    guard = MailGuard()
    verbs = ("read", "create", "delete")
    menu = ("communication", 10)
    icon = "mail"
    add_form_template = "admin/communication/mail/compose.html"
    list_display = ("shown_subject", "shown_to", "shown_from", "datetime", "shown_state", "shown_opened")
    list_display_links = ("shown_subject",)
    list_filter = ("state", "sender", ("datetime", RangeDateFilter), "is_reminder")
    list_filter_submit = True
    ordering = ("-datetime", "-pk")
    search_fields = ("subject", "recipients__email", "recipients__name", "from_address")
    actions_detail = ("retry",)
    readonly_fields = (
        "shown_from", "shown_to", "shown_cc", "shown_cci", "shown_state", "shown_message", "shown_files",
        "shown_elements", "shown_events", "send_error", "datetime", "subject",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("shown_state", "datetime"), "send_error", "shown_from", "shown_to", "shown_cc",
                           "shown_cci", "subject", "shown_message", "shown_files", "shown_elements")}),
        (_("Openings and clicks"), {"fields": ("shown_events",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        opened = MailEvent.objects.filter(mail=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_opened=Exists(opened)).prefetch_related("recipients")

    def get_urls(self) -> list[Any]:
        views = {
            "preview/": (require_POST(xframe_options_sameorigin(self.preview_view)), "preview"),
            "<int:pk>/message/": (require_GET(xframe_options_sameorigin(self.message_view)), "message"),
            "<int:pk>/file/<int:file>/": (require_GET(self.file_view), "file"),
        }
        own = [
            path(address, self.admin_site.admin_view(view), name=f"communication_mail_{name}")
            for address, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]

    # --- Writing ----------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return type("Form", (ComposeForm,), {"refusal": getattr(request, "refusal", None)})
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ("about", "sender", "people", "to", ("cc", "cci"))}),
            (None, {"fields": ("model", "subject", "html")}),
            (_("Attachments"), {"fields": ("attach_documents", "library_files", "uploads")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj is not None else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return initial_of(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        mail = services.send_mail(form.values())
        obj.__dict__.update(mail.__dict__)
        request.about = form.element  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Back to what the mail is about."""
        if obj.state == State.HELD:
            messages.warning(request, obj.send_error)
        else:
            messages.success(request, _t("The mail is on its way."))
        about: Element | None = getattr(request, "about", None)
        page = self.page_of(about) if about else None
        home = self.list_url() if self.allows(request, "read") else reverse("admin:index")
        return HttpResponseRedirect(page or home)

    def page_of(self, element: Element) -> str | None:
        """Address of an element's page, if it has one."""
        if (found := self.admin_site._registry.get(element.type.model)) is None:
            return None
        return str(found.change_url(element.row)) if isinstance(found, TenantAdmin) else None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if isinstance(form, ComposeForm):
            context |= {
                "title": _t("Write a mail"), "preview_attrs": self._preview_attrs(),
                "about": form.element, "about_url": self.page_of(form.element) if form.element else None,
            }  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    def _preview_attrs(self) -> dict[str, str]:
        """What makes a button show the form's mail in the frame below, without leaving the page."""
        return {
            "formaction": self._url("preview"),
            "formtarget": "mail-preview",
            "data-opens": "mail-preview-panel",
        }

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the form's mail will look like; nothing is written."""
        if not self.allows(request, "create"):
            raise PermissionDenied
        form = self.get_form(request)(request.POST, request.FILES)
        context: dict[str, Any] = {"form": form}
        if form.is_valid():
            try:
                context["texts"] = services.composed({**form.values(), "attachments": []})
            except BusinessError as error:
                context["error"] = error.message
            context["sender"] = form.cleaned_data["sender"]
        return self._framed(request, context)

    def _framed(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, "admin/communication/mail/message.html", context, headers=dict(MESSAGE_HEADERS)
        )

    # --- Reading ----------------------------------------------------------------------------------

    def found(self, request: HttpRequest, pk: int) -> Mail:
        """A mail that the team user may read. Raises 403 or 404."""
        if not self.allows(request, "read"):
            raise PermissionDenied
        mail: Mail | None = self.get_object(request, str(pk))
        if mail is None:
            raise Http404
        return mail

    def message_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The message alone, shown in a frame."""
        mail = self.found(request, pk)
        return self._framed(request, {"texts": {"html": mail.html}})

    def file_view(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """One of its attachments."""
        found = self.found(request, pk).attachments.filter(pk=file).first()
        if found is None:
            raise Http404
        return downloaded(found)

    @row_action(
        _("Send again"), verb="create", icon="refresh", done=_("The mail is on its way."),
        confirm=_("Send this mail again? If it had left, the recipients get it twice."),
        unless=lambda row: _("This mail needs no new try.") if row.state not in RETRIED else None,
    )  # fmt: skip
    def retry(self, request: HttpRequest, row: Mail) -> None:
        services.retry_mail(row)

    def delete_row(self, row: Mail) -> None:
        services.delete_mail(row)

    # --- Columns ----------------------------------------------------------------------------------

    @display(description=_("subject"), ordering="subject")
    def shown_subject(self, row: Mail) -> str:
        return str(row)

    @display(description=_("from"), ordering="from_name")
    def shown_from(self, row: Mail) -> str:
        return f"{row.from_name} <{row.from_address}>" if row.from_name else row.from_address or "–"

    @display(description=_("to"))
    def shown_to(self, row: Mail) -> str:
        return _addresses(row, Field.TO)

    @display(description=_("copy"))
    def shown_cc(self, row: Mail) -> str:
        return _addresses(row, Field.CC)

    @display(description=_("blind copy"))
    def shown_cci(self, row: Mail) -> str:
        return _addresses(row, Field.CCI)

    @display(
        description=_("state"),
        ordering="state",
        label={State(key).label: value for key, value in COLORS.items()},
    )
    def shown_state(self, row: Mail) -> str:
        return State(row.state).label  # type: ignore[return-value]

    @display(description=_("opened"), boolean=True)
    def shown_opened(self, row: Any) -> bool:
        return bool(row.is_opened)

    @display(description=_("message"))
    def shown_message(self, row: Mail) -> Any:
        look = "bg-white border border-base-200 rounded-default w-full"
        frame = '<iframe src="{}" title="{}" sandbox class="{}" style="height: 28rem"></iframe>'
        return format_html(frame, self._url("message", row.pk), _t("The message"), look)

    @display(description=_("attachments"))
    def shown_files(self, row: Mail) -> Any:
        links = [(self._url("file", row.pk, file.pk), file.filename) for file in row.attachments.all()]
        return format_html_join(", ", '<a class="text-primary-600" href="{}">{}</a>', links) or "–"

    @display(description=_("about"))
    def shown_elements(self, row: Mail) -> Any:
        """What the mail is about, each leading to its page."""
        elements = elements_of(row)
        links = [
            (self.page_of(element) or "#", f"{element.type.label} {element.title}") for element in elements
        ]
        return format_html_join(", ", '<a class="text-primary-600" href="{}">{}</a>', links) or "–"

    @display(description=_("events"))
    def shown_events(self, row: Mail) -> Any:
        lines = [
            (date_format(localtime(event.created_at), "SHORT_DATETIME_FORMAT"), str(event), event.url)
            for event in row.events.all()
        ]
        return format_html_join("", "<p>{} – {} {}</p>", lines) or "–"


def _addresses(row: Mail, field: str) -> str:
    return ", ".join(str(recipient) for recipient in row.recipients.all() if recipient.field == field) or "–"
