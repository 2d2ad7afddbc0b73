"""Answers of pages that are no page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from erp.core.files import IMAGES

__all__ = ["pdf_response", "picture_response"]

PICTURES = {ending: f"image/{'jpeg' if ending == 'jpg' else ending}" for ending in IMAGES}


def pdf_response(content: bytes, name: str, *, attached: bool = False) -> HttpResponse:
    """A PDF to look at, or with `attached` to keep under `name`."""
    disposition = content_disposition_header(attached, name) or "inline"
    # SAMEORIGIN: the PDF page shows it in a frame; every other answer refuses frames.
    headers = {
        "Content-Disposition": disposition,
        "Cache-Control": "private, no-store",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def picture_response(content: bytes, extension: str) -> HttpResponse:
    """A stored picture to show on a page; what is no picture is offered as a file, never shown."""
    # A stored file never changes: the browser need not ask again.
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'"}
    kind = PICTURES.get(extension)
    if kind is None:
        headers["Content-Disposition"] = "attachment"
    return HttpResponse(content, content_type=kind or "application/octet-stream", headers=headers)
