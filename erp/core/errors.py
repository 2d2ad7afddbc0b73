"""Errors of business rules, and how every error is answered to API clients: always JSON."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

__all__ = ["BusinessError", "Conflict", "Invalid", "answer"]

logger = logging.getLogger(__name__)


class BusinessError(Exception):
    """A business rule refuses. `errors` maps dotted field paths to whole sentences for people."""

    status = 422

    def __init__(self, errors: Mapping[str, str | Iterable[str]] | str, *, code: str = "invalid") -> None:
        if isinstance(errors, str):
            errors = {"": errors}
        self.errors = {path: [text] if isinstance(text, str) else list(text) for path, text in errors.items()}
        self.code = code
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """All sentences in one line."""
        return " ".join(str(text) for texts in self.errors.values() for text in texts)


class Replay(Exception):
    """The request was done before (see idempotency.py): `response` is what it was answered."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Invalid(BusinessError):
    """The data asked for cannot be: answered 422."""


class Conflict(BusinessError):
    """The data is fine but the state forbids it now: answered 409."""

    status = 409


def joined(refusals: Mapping[int, BusinessError]) -> BusinessError:
    """The errors of several elements in one, below the index of each."""
    errors = {
        f"{number}.{path}".strip("."): texts
        for number, refusal in refusals.items()
        for path, texts in refusal.errors.items()
    }
    kinds = {type(refusal) for refusal in refusals.values()}
    return Conflict(errors) if kinds == {Conflict} else Invalid(errors)


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: undo what was half-written and answer `{"message", "errors"}`."""
    if isinstance(error, Replay):
        return error.response
    if getattr(context.get("view"), "in_transaction", False):
        transaction.set_rollback(True)
    if isinstance(error, BusinessError):
        return _response(error.status, error.message, error.errors)
    if isinstance(error, DjangoValidationError):
        return _response(422, None, _django_errors(error))
    if isinstance(error, exceptions.ValidationError):
        return _response(422, None, flatten(error.detail))
    if isinstance(error, exceptions.APIException):
        return _api_exception(error)
    return _django_exception(error)


def _django_exception(error: Exception) -> Response | None:
    if isinstance(error, RequestDataTooBig):
        return _response(413, _("The request is too large."))
    if isinstance(error, TooManyFieldsSent):
        return _response(413, _("The request has too many fields."))
    if isinstance(error, Http404):
        return _response(404, _("Nothing was found at this address."))
    if isinstance(error, PermissionDenied):
        return _response(403, str(error) or _("Your permissions do not allow this."))
    return None


def _api_exception(error: exceptions.APIException) -> Response:
    response = _response(error.status_code, str(error.detail))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _response(status: int, message: str | None, errors: Mapping[str, list[str]] | None = None) -> Response:
    body: dict[str, Any] = {"message": message or _summary(errors or {})}
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=status)


def _summary(errors: Mapping[str, list[str]]) -> str:
    for path, texts in errors.items():
        if texts:
            return f"{path}: {texts[0]}" if path else str(texts[0])
    return _("The data sent is not valid.")


def _django_errors(error: DjangoValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {("" if name == "__all__" else name): texts for name, texts in error.message_dict.items()}
    return {"": error.messages}


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as dotted paths: {"contents.0.quantity": ["…"]}."""
    if isinstance(detail, Mapping):
        items: Iterable[tuple[Any, Any]] = detail.items()
    elif isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        items = enumerate(detail)
    else:
        return {path: [str(text) for text in (detail if isinstance(detail, list) else [detail])]}
    flat: dict[str, list[str]] = {}
    for name, value in items:
        step = "" if name == "non_field_errors" else str(name)
        flat.update(flatten(value, f"{path}.{step}".strip(".")))
    return {name: texts for name, texts in flat.items() if texts}


@csrf_exempt
def no_such_endpoint(request: HttpRequest) -> JsonResponse:
    """Any other address of the API: 404 in JSON."""
    return JsonResponse({"message": _("Nothing was found at this address.")}, status=404)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 outside any view: JSON for API clients, a page for people."""
    if request.path.startswith("/api/"):
        return no_such_endpoint(request)
    text = _("It may have been deleted, or belong to another company: then turn to that company first.")
    return _page(request, 404, _("This page does not exist"), text)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside the API: a page for people."""
    text = _("Your permissions do not allow this. Ask whoever manages the users of your company.")
    return _page(request, 403, _("You may not see this page"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent from a page older than the session: somebody signed in or out since, in another tab."""
    text = _("This page was opened before you last signed in. Go back, load it again, and send it once more.")
    return _page(request, 403, _("This page is too old"), text)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that says what is wrong and leads back, even when nobody is signed in."""
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: JSON for API clients, a page for people."""
    text = _("The server failed. It was logged; please try again.")
    if request.path.startswith("/api/"):
        return JsonResponse({"message": text}, status=500)
    return _page(request, 500, _("Something went wrong"), text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 and 413 raised before any view (oversized bodies): JSON for API clients."""
    too_big = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent))
    text = _("The request is too large.") if too_big else _("The request could not be read.")
    status = 413 if too_big else 400
    if request.path.startswith("/api/"):
        return JsonResponse({"message": text}, status=status)
    return _page(request, status, _("Something went wrong"), text)
