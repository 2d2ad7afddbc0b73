"""Senders, mail models, the file library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
)

from erp.communication import services
from erp.communication.admin.fields import FilesField
from erp.communication.choices import SenderType
from erp.communication.models import LibraryFile, MailModel, Sender
from erp.communication.services.placeholders import PLACEHOLDERS
from erp.communication.services.senders import SMTP
from erp.core.access import ListKey, SwitchKey, visible
from erp.core.admin import TenantAdmin, TenantForm, row_action
from erp.core.admin.richtext import RichTextWidget
from erp.core.errors import BusinessError, Invalid
from erp.core.files import file_content
from erp.core.models import File

__all__ = ["LibraryFileAdmin", "MailModelAdmin", "SenderAdmin", "downloaded"]


def downloaded(file: File) -> HttpResponse:
    """A stored file, offered to be saved: what people upload is never shown by this site."""
    headers = {
        "Content-Disposition": content_disposition_header(True, file.filename) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(file_content(file), content_type="application/octet-stream", headers=headers)


# --- Senders --------------------------------------------------------------------------------------


class SenderForm(TenantForm):
    """A sender; the password of its server is typed anew, never shown."""

    smtp_password_typed = forms.CharField(
        label=_("Password"), required=False, strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty to keep the present one. It is stored encrypted and shown to nobody."),
    )  # fmt: skip
    type = forms.ChoiceField(
        label=_("Type"), widget=UnfoldAdminSelectWidget, initial=SenderType.DEFAULT,
        choices=[(item.value, item.label) for item in (SenderType.DEFAULT, SenderType.SMTP)],
    )  # fmt: skip

    class Meta:
        widgets = {"signature": RichTextWidget}


@admin.register(Sender)
class SenderAdmin(TenantAdmin):
    guard = SwitchKey("send-mail")
    menu = ("communication", 40)
    icon = "alternate_email"
    form = SenderForm
    list_display = ("name", "address", "shown_type", "shown_state", "share", "use_default", "team_user")
    list_filter = ("type", "share")
    list_select_related = ("team_user__user",)
    search_fields = ("name", "address")
    actions_detail = ("validation",)
    readonly_fields = ("shown_state", "team_user")
    conditional_fields = dict.fromkeys(
        (
            "smtp_server",
            "smtp_port",
            "smtp_security",
            "smtp_authentication",
            "smtp_login",
            "smtp_password_typed",
        ),
        "type == 'smtp'",
    )
    fieldsets = (
        (None, {"fields": (("name", "address"), "signature", ("use_default", "share"))}),
        (_("How mails leave"), {"fields": (
            "type", ("smtp_server", "smtp_port", "smtp_security"), "smtp_authentication",
            ("smtp_login", "smtp_password_typed"),
        )}),
        (_("Tracking"), {
            "fields": (("track_open", "track_click"),),
            "description": _("Openings and clicks are recorded with their time. Tell those you write to."),
        }),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Of an existing sender, also where its validation stands."""
        sets = super().get_fieldsets(request, obj)
        return [(None, {"fields": (("shown_state", "team_user"),)}), *sets] if obj else sets

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        user = request.actor.user  # type: ignore[attr-defined]
        return {"name": user.fullname or user.email, "address": user.email}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_own(request, obj)

    @staticmethod
    def _is_own(request: HttpRequest, obj: Any) -> bool:
        return obj is None or services.may_edit(obj, request.actor)  # type: ignore[attr-defined]

    def create_row(self, values: dict[str, Any]) -> Sender:
        return _with_columns(lambda: services.create_sender(_as_body(values)))

    def update_row(self, row: Sender, values: dict[str, Any]) -> Sender:
        return _with_columns(lambda: services.update_sender(row, _as_body(values, row)))

    def delete_row(self, row: Sender) -> None:
        services.delete_sender(row)

    @row_action(
        _("Mail the link again"), icon="forward_to_inbox", done=_("The link is on its way."),
        unless=lambda row: _("This sender is validated already.") if row.is_validated else None,
    )  # fmt: skip
    def validation(self, request: HttpRequest, row: Sender) -> None:
        services.ask_validation(row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if not obj.is_validated:
            text = _t("A link was mailed to %(address)s: open it to validate the sender.")
            messages.info(request, text % {"address": obj.address})
        return super().response_add(request, obj, post_url_continue)

    @display(description=_("type"), ordering="type")
    def shown_type(self, row: Sender) -> str:
        return row.smtp_server or str(SenderType(row.type).label)

    @display(
        description=_("state"),
        label={_("Validated"): "success", _("To validate"): "warning", _("Failing"): "danger"},
    )
    def shown_state(self, row: Sender) -> Any:
        if row.last_error:
            return _("Failing"), row.last_error
        return _("Validated") if row.is_validated else _("To validate")


def _as_body(values: dict[str, Any], row: Sender | None = None) -> dict[str, Any]:
    """A form's values as the services take them: the server apart."""
    body = dict(values)
    names = {column: name for name, column in SMTP.items()}
    server = {names[column]: body.pop(column) for column in list(body) if column in names}
    if password := body.pop("smtp_password_typed", ""):
        server["password"] = password
    if body.get("type", row.type if row else "") == SenderType.SMTP:
        given = server if row is None else {name: getattr(row, SMTP[name]) for name in SMTP} | server
        body["smtp"] = {name: value for name, value in given.items() if value not in (None, "")}
    return body


def _with_columns(work: Callable[[], Sender]) -> Sender:
    """Do it; refusals about the server name the form's fields."""
    try:
        return work()
    except BusinessError as error:
        names = {f"smtp.{name}": column for name, column in SMTP.items()} | {
            "smtp.password": "smtp_password_typed"
        }
        raise Invalid({names.get(path, path): texts for path, texts in error.errors.items()}) from error


# --- Models ---------------------------------------------------------------------------------------


class MailModelForm(TenantForm):
    """A model with its own files: some to add, some to take away."""

    add_attachments = FilesField(label=_("Attach files"))
    remove_attachments: Any = forms.ModelMultipleChoiceField(
        None, label=_("Take away"), required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        widgets = {"html": RichTextWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "remove_attachments" in self.fields:
            own = self.instance.attachments.all() if self.instance.pk else visible(File).none()
            self.fields["remove_attachments"].queryset = own  # type: ignore[attr-defined]


@admin.register(MailModel)
class MailModelAdmin(TenantAdmin):
    guard = ListKey("send-mail")
    menu = ("communication", 20)
    icon = "drafts"
    form = MailModelForm
    list_display = ("name", "subject", "updated_at")
    search_fields = ("name", "subject")
    readonly_fields = ("shown_placeholders",)
    fieldsets = (
        (None, {"fields": ("name", "subject", "html", "shown_placeholders")}),
        (_("Attachments"), {"fields": ("library_files", "add_attachments", "remove_attachments")}),
        (_("Plain text"), {"fields": ("text",), "classes": ("collapse",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A model without files has none to take away."""
        sets = super().get_fieldsets(request, obj)
        if obj is not None and obj.attachments.exists():
            return sets
        shown = {"fields": ("library_files", "add_attachments")}
        return [(name, shown if name == _("Attachments") else options) for name, options in sets]

    def create_row(self, values: dict[str, Any]) -> MailModel:
        return services.save_model(MailModel(), values)

    def update_row(self, row: MailModel, values: dict[str, Any]) -> MailModel:
        return services.save_model(row, values)

    @display(description=_("placeholders"))
    def shown_placeholders(self, row: MailModel) -> Any:
        """The words that a mail replaces, with what they become."""
        words = [
            (f"{{{subject}.{name}}}", label)
            for subject, names in PLACEHOLDERS.items()
            for name, (label, _value) in names.items()
        ]
        lines = format_html_join("", "<li><code>{}</code> {}</li>", words)
        return format_html('<ul class="columns-1 sm:columns-2 xl:columns-3">{}</ul>', lines)


# --- File library ---------------------------------------------------------------------------------


class LibraryFileForm(TenantForm):
    """A file of the library: its name, and its content when it is new or another."""

    upload = forms.FileField(label=_("File"), required=False, widget=UnfoldAdminFileFieldWidget)


@admin.register(LibraryFile)
class LibraryFileAdmin(TenantAdmin):
    guard = ListKey("send-mail")
    menu = ("communication", 30)
    icon = "folder"
    form = LibraryFileForm
    list_display = ("name", "shown_file", "shown_size", "updated_at")
    list_select_related = ("file",)
    search_fields = ("name", "file__filename")
    readonly_fields = ("shown_file",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = (None, {"fields": ("name", "upload", *(("shown_file",) if obj else ()))})
        dates = [] if obj is None else [(None, {"fields": (("created_at", "updated_at"),)})]
        return [own, *dates]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_GET(self.download_view))
        return [path("<int:pk>/file/", view, name="communication_libraryfile_file"), *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file itself."""
        row = self.get_object(request, str(pk)) if self.allows(request, "read") else None
        if row is None:
            raise Http404
        return downloaded(row.file)

    def create_row(self, values: dict[str, Any]) -> LibraryFile:
        return self._save(LibraryFile(), values)

    def update_row(self, row: LibraryFile, values: dict[str, Any]) -> LibraryFile:
        return self._save(row, values)

    @staticmethod
    def _save(row: LibraryFile, values: dict[str, Any]) -> LibraryFile:
        names = {"upload": "file"}
        body = {names.get(name, name): value for name, value in values.items() if value is not None}
        try:
            return services.save_library_file(row, body)
        except Invalid as error:
            raise Invalid(
                {"upload" if path == "file" else path: texts for path, texts in error.errors.items()}
            ) from error

    @display(description=_("file"), ordering="file__filename")
    def shown_file(self, row: LibraryFile) -> Any:
        return format_html(
            '<a class="text-primary-600" href="{}">{}</a>', self._url("file", row.pk), row.file.filename
        )

    @display(description=_("size"), ordering="file__size")
    def shown_size(self, row: LibraryFile) -> str:
        return row.file.human_size
