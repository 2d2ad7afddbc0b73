"""Answers of pages that are no page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

__all__ = ["pdf_response"]


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
