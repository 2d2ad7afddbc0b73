"""The printed pages of the chapter, as programs get them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.core.files_wire import FileSerializer
from erp.core.listing import ListQuery
from erp.core.stored_pdf import PdfFailed


class PdfMixin:
    """GET …/<ID>/pdf: the page as a File, its content in base64."""

    make_pdf: Any
    get_object: Any

    @extend_schema(responses=FileSerializer)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Any, pk: str) -> Response:
        """The printed page as a File, its content in base64."""
        ListQuery(request, allowed=())
        try:
            file = type(self).make_pdf(self.get_object())
        except PdfFailed as error:  # answered, not raised: what was noted of the failure stays
            return Response({"message": error.message}, status=error.status)
        return Response(FileSerializer.render(file, (("file", ()),)))
