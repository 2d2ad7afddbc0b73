"""Pages and answers around a document's form: live totals, defaults, products, validation, PDF, versions."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from erp.core import numbering
from erp.core.access import Verb, visible
from erp.core.admin.forms import Refusal
from erp.core.admin.responses import pdf_response, picture_response
from erp.core.errors import BusinessError
from erp.core.files import file_content
from erp.core.inputs import shown_input
from erp.customers.models import Contact
from erp.sales import services
from erp.sales.admin.lists import DELIVERY_COLORS, STATUS_COLORS
from erp.sales.admin.proposals import offered, proposal
from erp.sales.choices import BILLING_STATUSES, ORDER_KINDS, SEALED_KINDS, Kind, Status, moves, status_label
from erp.sales.forms import customer_named
from erp.sales.models import PROXIES, Document, DocumentVersion
from erp.sales.services.rendering import pdf_bytes
from erp.sales.services.trial import lines_of_elements, start_values, trial
from erp.various.figures import money, shown
from erp.various.services import team_today

__all__ = ["BUTTONS", "DocumentPages", "next_reference", "totals_context"]

TERM_LENGTH = 100

#: Buttons that chapters above add to a document's page: each gives what `makings` shows of one, or None.
BUTTONS: list[Callable[[HttpRequest, Document], dict[str, Any] | None]] = []


def next_reference(kind: str, date: datetime.date | None = None) -> str:
    """The reference that the next validated document of a kind takes."""
    return numbering.preview(numbering.series(f"sales_{kind}"), date or team_today(), 1)[0]


def totals_context(document: Document, lines: Any) -> dict[str, Any]:
    """What the totals panel shows of a computed document."""
    deducted = sum(
        (line.total_net_ttc for line in lines if line.is_deposit and line.quantity < 0), Decimal(0)
    )
    options = document.input_options or {}
    margins = (
        ("gross_margin_amount", _("Margin"), lambda: money(document.gross_margin_amount, document.currency)),
        ("gross_margin_rate", _("Margin rate"), lambda: f"{shown(document.gross_margin_rate, 2)} %"),
        ("markup_rate", _("Markup rate"), lambda: f"{shown(document.markup_rate, 2)} %"),
    )
    currency = document.currency
    rows = [
        (_("Global discount"), -document.global_discount_ht, bool(document.global_discount_ht)),
        (_("Eco-participation"), document.total_ecotaxe_ht, bool(document.total_ecotaxe_ht)),
        (_("Total excl. VAT"), document.total_ht, True),
    ]
    after = [
        (_("Deposits deducted"), deducted, bool(deducted)),
        (_("Grant"), -document.grant_amount, bool(document.grant_amount)),
        (
            _("Guarantee holdback"),
            -document.guarantee_holdback_amount,
            bool(document.guarantee_holdback_amount),
        ),
        (_("Advance"), document.advance_payment_amount, bool(document.advance_payment_amount)),
    ]
    return {
        "before": [(label, money(value, currency)) for label, value, is_shown in rows if is_shown],
        "vat": [_vat_row(row, currency) for row in document.vatrates],
        "total": money(document.total_ttc, currency),
        "after": [(label, money(value, currency)) for label, value, is_shown in after if is_shown],
        "due": money(document.amount_due, currency),
        "margins": [(label, text()) for name, label, text in margins if options.get(name)],
    }


def _vat_row(row: dict[str, Any], currency: Any) -> tuple[str, str]:
    words = {"rate": shown(Decimal(row["rate"])), "base": money(Decimal(row["ht"]), currency)}
    return _("VAT %(rate)s %% of %(base)s") % words, money(Decimal(row["tva"]), currency)


class DocumentPages:
    """What a document admin has beside its list and form. Mixed into DocumentAdmin."""

    kind: ClassVar[Kind]

    def get_urls(self: Any) -> list[Any]:
        views = {
            "totals/": (require_POST(self.totals_view), "new_totals"),
            "defaults/": (require_GET(self.defaults_view), "defaults"),
            "catalog/": (require_GET(self.catalog_view), "catalog"),
            "<int:pk>/totals/": (require_POST(self.totals_view), "totals"),
            "<int:pk>/validate/": (self.validate_view, "validate"),
            "<int:pk>/status/": (require_POST(self.status_view), "status"),
            "<int:pk>/make/<slug:name>/": (self.making_view, "make"),
            "<int:pk>/pdf/": (require_GET(self.pdf_view), "pdf"),
            "<int:pk>/pdf/file/": (require_GET(xframe_options_sameorigin(self.pdf_file_view)), "pdf_file"),
            "<int:pk>/pictures/<int:file>/": (require_GET(self.picture_view), "picture"),
            "<int:pk>/versions/<int:version>/": (require_GET(self.version_view), "version"),
        }
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(address, self.admin_site.admin_view(view), name=f"{prefix}_{name}")
            for address, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    # --- Who asks, about what --------------------------------------------------------------------

    def found(self: Any, request: HttpRequest, pk: int, *verbs: Verb) -> Document:
        """The document, for someone who may do one of the verbs. Raises 403, or 404 when it is not theirs."""
        if not any(self.allows(request, verb) for verb in verbs):
            raise PermissionDenied
        document: Document | None = self.get_object(request, str(pk))
        if document is None:
            raise Http404
        return document

    def _writer(self: Any, request: HttpRequest) -> None:
        if not (self.allows(request, "create") or self.allows(request, "update")):
            raise PermissionDenied

    # --- Live totals -----------------------------------------------------------------------------

    def totals_view(self: Any, request: HttpRequest, pk: int | None = None) -> JsonResponse:
        """What the form would be worth if it were saved now; nothing is written."""
        document = self.found(request, pk, "update") if pk else None
        if document is None:
            self._writer(request)
        form = self.get_form(request, document, change=document is not None)(request.POST, instance=document)
        form.is_valid()
        return JsonResponse(self._answer(form, document))

    def _answer(self: Any, form: Any, document: Document | None) -> dict[str, Any]:
        errors = self._line_errors(form)
        try:
            context = {} if errors else self.totals_of(document, form)
        except BusinessError as error:
            form.lines.take(refusal := Refusal(error))
            errors = self._line_errors(form)
            return {
                "errors": errors,
                "message": " ".join(text for texts in refusal.errors.values() for text in texts),
            }
        if errors:
            return {"errors": errors, "message": ""}
        html = render_to_string("admin/sales/document/totals.html", context)
        return {
            "errors": {},
            "message": "",
            "totals": html,
            "lines": self._line_totals(form, context["computed_lines"]),
            "prices": self._line_prices(form, context["computed_lines"]),
        }

    @staticmethod
    def _line_errors(form: Any) -> dict[str, str]:
        """Texts by the name of the input."""
        forms_ = form.lines.filled if form.lines.data is not None else []
        return {
            (each.add_prefix(name) if name != "__all__" else each.prefix): " ".join(texts)
            for each in forms_ for name, texts in each.errors.items()
        }  # fmt: skip

    @staticmethod
    def _line_totals(form: Any, lines: Any) -> dict[str, str]:
        """Totals by the lines' prefixes, on the side that is typed."""
        result = {}
        for each, line in zip(form.lines.filled, lines, strict=False):
            name = f"{'subtotal' if line.is_subtotal else 'total_net'}_{form.mode}"
            result[each.prefix] = (
                "" if line.is_comments or line.is_pagebreak else shown(getattr(line, name), 2)
            )
        return result

    @staticmethod
    def _line_prices(form: Any, lines: Any) -> dict[str, str]:
        """Prices that the catalog gives, by the lines' prefixes."""
        return {
            each.prefix: shown_input(getattr(line, f"unit_price_{form.mode}"), True)
            for each, line in zip(form.lines.filled, lines, strict=False)
            if line.is_price_automatic
        }

    def totals_of(self: Any, document: Document | None, form: Any) -> dict[str, Any]:
        """The totals panel of a form: bound, of what was typed; else of what it starts from."""
        values = getattr(form, "cleaned_data", None) or {}
        values = {name: value for name, value in values.items() if name != "tags"}
        if "contents" in values:
            values["contents"] = [_nameable(row) for row in values["contents"]]
        computed, lines = trial(self.kind, values, document)
        return {"totals": totals_context(computed, lines), "computed_lines": lines}

    # --- Filling in ------------------------------------------------------------------------------

    def defaults_view(self: Any, request: HttpRequest) -> JsonResponse:
        """What a new document takes from a customer: values of inputs by name, and their contacts."""
        self._writer(request)
        customer = customer_named(request.GET.get("customer"))
        if customer is None:
            raise Http404
        values = start_values(self.kind, customer)
        del values["date"]
        initial = {name: getattr(value, "pk", value) for name, value in values.items()}
        form = self.get_form(request)(initial=initial)
        contacts = visible(Contact).filter(customers=customer)
        return JsonResponse({
            "values": {name: _input_value(form[name]) for name in form.fields if name in values},
            "contacts": [{"id": contact.pk, "label": str(contact)} for contact in contacts],
        })  # fmt: skip

    def catalog_view(self: Any, request: HttpRequest) -> JsonResponse:
        """Products, their variations and services whose reference, name or EAN code has the term, each with
        what its line would hold."""
        self._writer(request)
        term = request.GET.get("q", "").strip()[:TERM_LENGTH]
        mode = "ttc" if request.GET.get("mode") == "ttc" else "ht"
        document = PROXIES[self.kind](kind=self.kind, input_mode=mode, date=team_today())
        if (customer := customer_named(request.GET.get("customer"))) is not None:
            document.customer = customer
        options = self._options(None)
        lines = lines_of_elements(document, offered(term))
        return JsonResponse({"elements": [proposal(line, mode, options) for line in lines]})

    # --- Validation and status -------------------------------------------------------------------

    def validate_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """A page that says which number the draft takes; by POST, it takes it."""
        document = self.found(request, pk, "update")
        if not document.is_draft:
            messages.info(request, _("%(document)s is validated already.") % {"document": document})
            return HttpResponseRedirect(self.change_url(document))
        if request.method == "POST":
            return self._validate(request, document)
        lines = list(document.contents.all())
        return self._page(
            request, "validate", document, _("Validate the draft"), reference=next_reference(self.kind),
            is_sealed=self.kind in SEALED_KINDS, is_offer=self.kind in ORDER_KINDS, lines=lines,
            totals=totals_context(document, lines),
        )  # fmt: skip

    def _validate(self: Any, request: HttpRequest, document: Document) -> HttpResponse:
        try:
            document = services.update_document(document, {"is_draft": False})
        except BusinessError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, _("The draft became %(reference)s.") % {"reference": document.reference}
            )
        return HttpResponseRedirect(self.change_url(document))

    def status_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Move the document to the status of the button that was pressed."""
        document = self.found(request, pk, "update")
        status = request.POST.get("status", "")
        if status not in {str(choice) for choice in Status.values}:
            raise Http404
        try:
            document = services.update_lite(document, {"status": int(status)})
        except BusinessError as error:
            messages.error(request, error.message)
        else:
            words = {"document": document, "status": document.status_label}
            messages.success(request, _("%(document)s is now “%(status)s”.") % words)
        return HttpResponseRedirect(self.change_url(document))

    # --- PDF -------------------------------------------------------------------------------------

    def pdf_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """The PDF in a frame, with its totals in words."""
        document = self.found(request, pk, "read")
        lines = list(document.contents.all())
        return self._page(
            request,
            "pdf",
            document,
            _("PDF"),
            file_url=self._url("pdf_file", document.pk),
            totals=totals_context(document, lines),
        )

    def pdf_file_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """The PDF itself; a draft's is made now. `?download=1` offers it as a file."""
        document = self.found(request, pk, "read")
        file = services.pdf_of(document)
        return pdf_response(file_content(file), file.filename, attached=bool(request.GET.get("download")))

    def version_view(self: Any, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """The PDF of a former version."""
        document = self.found(request, pk, "read")
        former = (
            DocumentVersion.objects.filter(document_id=document.pk, version=version)
            .select_related("pdf_file")
            .first()
        )
        if former is None:
            raise Http404
        if former.pdf_file is not None:
            return pdf_response(file_content(former.pdf_file), former.pdf_file.filename)
        document.snapshot = former.snapshot
        return pdf_response(pdf_bytes(document), f"{document.reference}-v{version}.pdf")

    def picture_view(self: Any, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """The picture of one of the document's lines, as its form shows it."""
        document = self.found(request, pk, "read")
        line = document.contents.filter(picture=file).select_related("picture").first()
        if line is None:
            raise Http404
        return picture_response(file_content(line.picture), line.picture.extension)

    # --- Around the form -------------------------------------------------------------------------

    def pages_of(self: Any, request: HttpRequest, document: Document | None) -> dict[str, Any]:
        """Addresses that the form's script asks."""
        totals = self._url("totals", document.pk) if document else self._url("new_totals")
        return {
            "urls": {"totals": totals, "defaults": self._url("defaults"), "catalog": self._url("catalog")}
        }

    def around(self: Any, request: HttpRequest, document: Document) -> dict[str, Any]:
        """What shows around a document: what can be done next, where it stands, what belongs to it."""
        lines = list(document.contents.select_related("unit", "vat_rate"))
        may_update = self.allows(request, "update")
        return {
            "lines": lines,
            "totals": totals_context(document, lines),
            "makings": self.makings(request, document),
            "buttons": [button for make in BUTTONS if (button := make(request, document))],
            "moves": self._moves(document) if may_update else [],
            "can_validate": document.is_draft and may_update,
            "next_version": document.version + 1 if self.kind in ORDER_KINDS and document.reference else None,
            "path": _path(document),
            "family": self._family(request, document),
            "versions": [
                (number, self._url("version", document.pk, number), date)
                for number, date in document.versions.values_list("version", "created_at")
            ],
            "status_urls": {
                name: self._url(name, document.pk) for name in ("status", "validate", "pdf", "pdf_file")
            },
        }  # fmt: skip

    def _moves(self: Any, document: Document) -> list[tuple[int, str]]:
        """Statuses that a person may choose now, besides validation."""
        if document.is_draft:
            return []
        return [
            (status, status_label(document.kind, status)) for status in moves(document.kind, document.status)
        ]

    def _family(self: Any, request: HttpRequest, document: Document) -> list[dict[str, Any]]:
        """All documents of the affair that the team user may see, this one included."""
        rows = (
            visible(Document)
            .filter(affair_id=document.affair_id)
            .select_related("currency")
            .order_by("date", "pk")
        )
        return [
            {
                "label": f"{Kind(row.kind).label} {row}",
                "url": self.admin_site.get_model_admin(PROXIES[row.kind]).change_url(row),
                "date": row.date,
                "total": money(row.total_ttc, row.currency),
                "status": row.status_label,
                "color": STATUS_COLORS[row.status],
                "is_here": row.pk == document.pk,
            }
            for row in rows
        ]


def _nameable(row: dict[str, Any]) -> dict[str, Any]:
    """A line that is still being typed counts before it has a designation."""
    return row if row.get("designation") or row.get("catalog") else {**row, "designation": "–"}


def _path(document: Document) -> list[dict[str, Any]]:
    """The usual steps of a document, and how far it got."""
    steps: list[int] = [Status.DRAFT, Status.VALIDATED, Status.SENT]
    if document.kind in ORDER_KINDS:
        steps += [Status.ACCEPTED, document.status if document.status in BILLING_STATUSES else Status.BILLED]
    if document.status in (Status.REFUSED, Status.CANCELLED):
        steps = [Status.DRAFT, Status.VALIDATED, document.status]
    path = [
        {
            "label": status_label(document.kind, step),
            "is_done": step <= document.status,
            "is_now": step == document.status,
        }
        for step in steps
    ]
    if document.kind in (*ORDER_KINDS, Kind.INVOICE) and not document.is_draft:
        label = document.delivery_status_label
        path.append({"label": label, "is_aside": True, "color": DELIVERY_COLORS[document.delivery_status]})
    return path


def _input_value(bound: Any) -> Any:
    """What the input of a bound field holds, as a script sets it."""
    value = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return bool(value)
    if isinstance(bound.field, forms.ModelMultipleChoiceField):
        return [str(getattr(row, "pk", row)) for row in value or ()]
    shown_value = bound.field.widget.format_value(value)
    shown_value = shown_value[0] if isinstance(shown_value, list) and shown_value else shown_value
    return "" if shown_value in (None, []) else str(shown_value)
