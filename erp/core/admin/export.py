"""Lists as spreadsheets: the columns that a list shows, all its pages, as filtered and sorted now."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any, ClassVar

import xlsxwriter
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

__all__ = ["MAX_ROWS", "Exported"]

#: More would keep a person waiting for too long.
MAX_ROWS = 50_000
#: The longest text that a cell holds.
MAX_TEXT = 32_767
#: What a list shows for nothing, and for what the team user may not see.
NOTHING = {"", "-", "–"}
KEY = "datas-export"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Exported:
    """A list with a button that makes a spreadsheet of it, for those whose permissions say so."""

    #: Attributes in further columns, where those of the list do not say enough.
    export_more: ClassVar[tuple[str, ...]] = ()

    opts: Any
    admin_site: Any

    @admin.display(description=gettext_lazy("Currency"))
    def currency_code(self, row: Any) -> str:
        """A column for `export_more`: amounts of a list may be in several currencies."""
        return str(row.currency.code)

    def may_export(self, request: Any) -> bool:
        """Whether the request's team user may take the list away."""
        return self.allows(request, "read") and request.actor.level(KEY) >= 1  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        shown = response.context_data if isinstance(response, TemplateResponse) else None
        if shown and "cl" in shown and not shown["cl"].is_popup and self.may_export(request):
            shown["actions_list"] = [*shown.get("actions_list", ()), self._export_button(request)]
        return response

    def _export_button(self, request: HttpRequest) -> dict[str, Any]:
        query = request.GET.urlencode()
        return {
            "title": _("Export"),
            "icon": "download",
            "path": f"{self._url('export')}{'?' if query else ''}{query}",  # type: ignore[attr-defined]
            "variant": ActionVariant.DEFAULT,
            "attrs": {"title": _("A spreadsheet of this list, as filtered and sorted now")},
            "dialog": None,
        }

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The spreadsheet of the list that the same address without `export/` shows."""
        if not self.may_export(request):
            raise PermissionDenied
        back = f"{self.list_url()}?{request.GET.urlencode()}"  # type: ignore[attr-defined]
        try:
            rows = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return HttpResponseRedirect(back)  # which says what is wrong
        if rows.result_count > MAX_ROWS:
            text = _("This list has %(count)d rows: narrow it by filters to %(limit)d at most.")
            messages.error(request, text % {"count": rows.result_count, "limit": MAX_ROWS})
            return HttpResponseRedirect(back)
        title = str(capfirst(self.opts.verbose_name_plural))
        filename = f"{slugify(title)}-{timezone.localdate().isoformat()}.xlsx"
        sheet = _sheet(title, _table(self, rows))
        return FileResponse(sheet, as_attachment=True, filename=filename, content_type=TYPE)


def _table(page: Any, rows: Any) -> Iterator[list[Any]]:
    """The heads of the columns, then the cells of each row."""
    names = [name for name in (*rows.list_display, *page.export_more) if name != "action_checkbox"]
    yield [capfirst(str(label_for_field(name, rows.model, page))) for name in names]
    for row in rows.queryset.iterator(chunk_size=500):
        yield [_value(page, row, name) for name in names]


def _value(page: Any, row: Any, name: Any) -> Any:
    """A number or a date where the column is sorted by one, else the text that the list shows."""
    field, shower, value = lookup_field(name, row, page)
    if field is not None and field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, (tuple, list)):  # a coloured label, or a text with another below
        texts = value[1:] if isinstance(value, tuple) else value
        return " · ".join(text for item in texts if (text := _text(item)))
    if isinstance(value, (int, Decimal, datetime.date)):
        return value
    text = _text(value)
    plain = None if text in NOTHING else _sorted_by(row, getattr(shower, "admin_order_field", None))
    if isinstance(plain, Decimal) and text.startswith("-"):  # credits are shown as less than nothing
        return -abs(plain)
    return text if plain is None else plain


def _sorted_by(row: Any, order: Any) -> Any:
    """The number or date that a column is sorted by."""
    value: Any = row
    for step in order.lstrip("-").split("__") if isinstance(order, str) else ():
        value = getattr(value, step, None)
    return value if isinstance(value, (int, Decimal, datetime.date)) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    """A text without marks and icons."""
    text = "" if value is None else str(value)
    text = re.sub(r'<span class="[^"]*material-symbols-outlined[^"]*"[^>]*>[^<]*</span>', "", text)
    return re.sub(r"[ \t]+", " ", unescape(strip_tags(text))).strip() if "<" in text else text.strip()


def _sheet(title: str, table: Iterator[list[Any]]) -> Any:
    """An open spreadsheet file. Texts are never formulas nor links, whatever they begin with."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    with xlsxwriter.Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31])
        bold = book.add_format({"bold": True})
        formats = {
            datetime.date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime.datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            Decimal: book.add_format({"num_format": "#,##0.00###"}),
        }
        for number, cells in enumerate(table):
            for column, value in enumerate(cells):
                _write(sheet, number, column, value, formats.get(type(value)) if number else bold)
            if number == 0:
                sheet.set_column(0, len(cells) - 1, 18)
                sheet.freeze_panes(1, 0)
    file.seek(0)
    return file


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), style)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, (int, Decimal)):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:MAX_TEXT], style)
