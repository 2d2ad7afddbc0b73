"""The printed pages of the chapter, as people open them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from erp.core.admin.responses import pdf_response
from erp.core.files import file_content
from erp.core.scope import current_team
from erp.core.stored_pdf import PdfFailed

__all__ = ["SeePdf", "moment"]


def moment(value: Any) -> str:
    """A moment in the team's timezone."""
    return date_format(localtime(value, current_team().timezone), "SHORT_DATETIME_FORMAT")


class SeePdf:
    """The button that opens the printed page."""

    make_pdf: Any

    @action(description=_("PDF"), icon="picture_as_pdf", permissions=["see_pdf"], attrs={"target": "_blank"})
    def see_pdf(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page, made now unless it was."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        try:
            file = type(self).make_pdf(row)
        except PdfFailed as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.change_url(row))
        return pdf_response(file_content(file), file.filename)

    def has_see_pdf_permission(self: Any, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever reads the row reads its page."""
        return bool(self.allows(request, "read"))
