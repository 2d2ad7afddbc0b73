"""Public pages: what the links of mails lead to."""

from __future__ import annotations

import base64
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from erp.communication import services, tracking
from tenants.views import LinkView

__all__ = ["SenderValidationView", "click_view", "open_view"]

#: A transparent point.
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@never_cache
def open_view(request: HttpRequest, token: str) -> HttpResponse:
    """The picture that tells that a mail was opened. It always shows, whatever the token."""
    _record(request, token)
    return HttpResponse(PIXEL, content_type="image/gif")


@require_safe
@never_cache
def click_view(request: HttpRequest, token: str) -> HttpResponse:
    """Go where a link of a mail leads, and nowhere else."""
    try:
        target = tracking.target_of(token)
    except signing.BadSignature:
        raise Http404 from None
    if not target:
        raise Http404
    _record(request, token)
    return HttpResponseRedirect(target)


def _record(request: HttpRequest, token: str) -> None:
    if request.method == "GET":
        try:
            tracking.record(token)
        except signing.BadSignature:
            return


class SenderValidationView(LinkView):
    """Confirming that mail to a sender's address arrives."""

    def find(self, token: str) -> None:
        self.sender = services.sender_to_validate(token)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Confirm the address of a sender"),
            text=_("Mails will be sent as %(sender)s.") % {"sender": self.sender},
            button=_("Confirm this address"),
            **kwargs,
        )

    def use(self, token: str, values: dict[str, Any]) -> tuple[str, str]:
        sender = services.confirm_sender(token)
        return _("The sender is confirmed"), _("Mails can now be sent as %(sender)s.") % {"sender": sender}
