"""Turning a document into the next one: the buttons, the page that shows what will be made, the making."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from erp.core.access import LEVELS
from erp.core.errors import BusinessError
from erp.core.inputs import NumberField
from erp.sales import services
from erp.sales.admin.pages import next_reference, totals_context
from erp.sales.choices import SEALED_KINDS, Kind
from erp.sales.models import PROXIES, Affair, Document, Line
from erp.various.figures import money, shown
from erp.various.services import team_today

__all__ = ["MakingPages"]

#: Conversions by name: (verb of the button, title of the page, icon).
VERBS: Mapping[str, tuple[Any, Any, str]] = {
    "command": (_("Turn into an order"), _("Make an order"), "shopping_cart"),
    "quotation": (_("Quote again"), _("Make a quotation"), "request_quote"),
    "proforma": (_("Proforma…"), _("Make a proforma invoice"), "description"),
    "deposit-invoice": (_("Deposit…"), _("Bill a deposit"), "savings"),
    "deliver": (_("Deliver…"), _("Make a delivery note"), "local_shipping"),
    "bill": (_("Bill"), _("Make an invoice"), "receipt_long"),
    "cancel": (_("Credit…"), _("Make a credit"), "undo"),
}
#: Conversions that take a part of the lines.
BY_QUANTITY = ("deliver", "cancel")
DRAFT, VALIDATED = "draft", "validated"
USUAL_DEPOSIT = Decimal(30)
#: A deposit that shows whether any is possible.
LEAST = Decimal("0.01")


class Stale(Exception):
    """The affair changed since the page was shown: what it offered may be made already."""


class MakingForm(forms.Form):
    """How the document is to be made: date, draft or validated, and what the conversion asks besides."""

    date = forms.DateField(label=_("Date"), widget=UnfoldAdminSingleDateWidget)
    state = forms.ChoiceField(
        label=_("Make it"),
        choices=((DRAFT, _("as a draft, to be checked")), (VALIDATED, _("validated at once"))),
        widget=UnfoldAdminRadioSelectWidget,
    )
    percentage = NumberField(label=_("Percentage"), required=False, max_digits=5, decimal_places=2)
    amount = NumberField(label=_("Amount incl. VAT"), required=False, max_digits=15, decimal_places=2)
    with_vatrate = forms.BooleanField(label=_("With VAT"), required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, name: str, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = {"deposit-invoice": {"percentage", "amount", "with_vatrate"}, "cancel": {"amount"}}.get(
            name, set()
        )
        for field in {"percentage", "amount", "with_vatrate"} - wanted:
            del self.fields[field]
        self.rests = {line.affair_content_id: abs(line.quantity) for line in lines}
        for key, rest in self.rests.items():
            widget = UnfoldAdminTextInputWidget(attrs={"class": "sd-quantity", "aria-label": _t("Quantity")})
            self.fields[f"quantity-{key}"] = NumberField(
                required=False, initial=rest, min_value=0, widget=widget
            )

    def quantity(self, line: Line) -> Any:
        """The input of a line's quantity; None when it has none."""
        name = f"quantity-{line.affair_content_id}"
        return self[name] if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.rests and not self._wanted(values) and not values.get("amount"):
            self.add_error(None, _t("Give at least one quantity."))
        return values

    def _wanted(self, values: Mapping[str, Any]) -> dict[int, Decimal]:
        quantities = {key: values.get(f"quantity-{key}") for key in self.rests}
        return {key: quantity for key, quantity in quantities.items() if quantity}

    def values(self) -> dict[str, Any]:
        """What `convert` takes. Lines are named only when less than all that remains is asked for."""
        data = self.cleaned_data
        asked = ("percentage", "amount", "with_vatrate")
        values: dict[str, Any] = {name: data[name] for name in asked if name in data}
        values |= {"date": data["date"], "is_draft": data["state"] == DRAFT}
        wanted = self._wanted(data)
        if wanted != self.rests and not values.get("amount"):
            values["contents"] = [{"id": key, "quantity": quantity} for key, quantity in wanted.items()]
        return values

    def show(self, error: BusinessError) -> None:
        """Show a refusal beside the inputs that it is about."""
        named = [key for key in self.rests if self.cleaned_data.get(f"quantity-{key}")]
        for path, texts in error.errors.items():
            parts = path.split(".")
            name = path
            if parts[0] == "contents" and len(parts) == 3 and int(parts[1]) < len(named):
                name = f"quantity-{named[int(parts[1])]}"
            self.add_error(name if name in self.fields else None, texts)


def affair_state(document: Document) -> str:
    """What a page was made from: changes when a document of the affair is made or deleted."""
    row = Document.objects.filter(affair_id=document.affair_id).aggregate(count=Count("pk"), last=Max("pk"))
    return f"{row['count']}-{row['last']}"


class MakingPages:
    """Conversions in a document admin. Mixed into DocumentAdmin."""

    kind: ClassVar[Kind]

    def makings(self: Any, request: HttpRequest, document: Document) -> list[dict[str, Any]]:
        """The buttons; those that cannot be say why."""
        if document.is_draft:
            return []
        names = [name for name in VERBS if (self.kind, name) in services.CONVERSIONS]
        return [self._button(request, document, name) for name in names]

    def _button(self: Any, request: HttpRequest, document: Document, name: str) -> dict[str, Any]:
        verb, title, icon = VERBS[name]
        reason = "" if self._may_make(request, name) else _t("Your permissions do not allow this.")
        if not reason:
            try:
                services.preview(document, name, {"amount": LEAST} if name == "deposit-invoice" else {})
            except BusinessError as error:
                reason = error.message
        rest = money(document.to_bill, document.currency) if name == "bill" and document.to_bill else ""
        return {"verb": verb, "title": title, "icon": icon, "reason": reason, "rest": rest,
                "url": self._url("make", document.pk, name)}  # fmt: skip

    def _may_make(self: Any, request: HttpRequest, name: str) -> bool:
        """As the API: reading the source and creating what is made."""
        made = services.CONVERSIONS[self.kind, name].to_kind
        return bool(self.allows(request, "read") and request.actor.level(f"sales-{made}") >= LEVELS["create"])  # type: ignore[attr-defined]

    # --- The page --------------------------------------------------------------------------------

    def making_view(self: Any, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """What will be made, to be changed and confirmed; by POST with `_make`, it is made."""
        if (self.kind, name) not in services.CONVERSIONS:
            raise Http404
        document = self.found(request, pk, "read")
        if not self._may_make(request, name):
            raise PermissionDenied
        try:
            offered = self._offered(document, name)
        except BusinessError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.change_url(document))
        form = MakingForm(
            request.POST or None, name=name, lines=offered, initial=self._initial(document, name)
        )
        if "_make" in request.POST and form.is_valid():
            if (response := self._made(request, document, name, form)) is not None:
                return response
            form = (
                form
                if form.errors
                else MakingForm(name=name, lines=self._offered(document, name), initial=form.cleaned_data)
            )
        return self._making_page(request, document, name, form)

    @staticmethod
    def _offered(document: Document, name: str) -> list[Line]:
        """Lines of which a part may be taken, with what remains. Raises BusinessError when nothing does."""
        if name not in BY_QUANTITY:
            return []
        lines = services.preview(document, name, {}).preview_lines  # type: ignore[attr-defined]
        return [line for line in lines if line.affair_content_id and (line.is_goods or line.is_deposit)]

    @staticmethod
    def _initial(document: Document, name: str) -> dict[str, Any]:
        stated = name == "deposit-invoice" and not document.advance_payment_amount
        return {
            "date": max(team_today(), document.date), "state": DRAFT, "with_vatrate": True,
            "percentage": USUAL_DEPOSIT if stated else None,
        }  # fmt: skip

    def _made(
        self: Any, request: HttpRequest, document: Document, name: str, form: MakingForm
    ) -> HttpResponse | None:
        """Make it and go to it; None when the page has to be shown again."""
        try:
            made = self._make(document, name, form.values(), request.POST.get("state_of_affair", ""))
        except Stale:
            text = _t(
                "Something was made from this document meanwhile: check what remains, then confirm again."
            )
            messages.warning(request, text)
            return HttpResponseRedirect(self.change_url(document))
        except BusinessError as error:
            form.show(error)
            return None
        words = {"kind": Kind(made.kind).label, "document": made}
        messages.success(request, _t("%(kind)s: %(document)s was made.") % words)
        page = self.admin_site.get_model_admin(PROXIES[made.kind])
        return HttpResponseRedirect(page.change_url(made))

    @staticmethod
    @transaction.atomic
    def _make(document: Document, name: str, values: dict[str, Any], state: str) -> Document:
        """Convert, once per page: the same form sent twice makes one document. Raises Stale."""
        Affair.objects.select_for_update().get(pk=document.affair_id)
        if state != affair_state(document):
            raise Stale
        return services.convert(document, name, values)

    def _making_page(
        self: Any, request: HttpRequest, document: Document, name: str, form: MakingForm
    ) -> HttpResponse:
        to_kind = services.CONVERSIONS[self.kind, name].to_kind
        preview = self._preview(document, name, form)
        lines = preview.preview_lines if preview else []
        return self._page(
            request, "make", document, VERBS[name][1], form=form, made=preview, name=name,
            rows=[self._row(line, form, name) for line in lines],
            missing=self._left_out(form, lines) if preview else [],
            totals=totals_context(preview, lines) if preview else None,
            reference=next_reference(to_kind), is_sealed=to_kind in SEALED_KINDS,
            verb=VERBS[name][0], state_of_affair=affair_state(document),
            has_quantities=name in BY_QUANTITY,
        )  # fmt: skip

    @staticmethod
    def _preview(document: Document, name: str, form: MakingForm) -> Any:
        """What would be made; None when the form does not say enough, with the reason on it."""
        if form.is_bound and not form.is_valid():
            return None
        values = (
            form.values()
            if form.is_bound
            else {k: form.initial.get(k) for k in ("percentage", "with_vatrate")}
        )
        try:
            return services.preview(document, name, values)
        except BusinessError as error:
            if form.is_bound:
                form.show(error)
            return None

    @staticmethod
    def _row(line: Line, form: MakingForm, name: str) -> dict[str, Any]:
        is_text = line.is_comments or line.is_pagebreak
        return {
            "line": line,
            "quantity": form.quantity(line) if name in BY_QUANTITY else None,
            "shown_quantity": "" if is_text or line.is_subtotal else shown(line.quantity),
            "rest": shown(form.rests[line.affair_content_id]) if line.affair_content_id in form.rests else "",
            "total": "" if is_text else shown(line.subtotal_ht if line.is_subtotal else line.total_net_ht, 2),
        }

    @staticmethod
    def _left_out(form: MakingForm, lines: list[Line]) -> list[Any]:
        """Inputs of lines that were set to nothing, so that they can come back."""
        present = {line.affair_content_id for line in lines}
        return [form[f"quantity-{key}"] for key in form.rests if key not in present]
