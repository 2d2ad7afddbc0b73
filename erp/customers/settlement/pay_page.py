"""The page that pays one document, with money or with credits."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from erp.core.access import visible
from erp.core.admin.forms import Refusal
from erp.core.errors import BusinessError
from erp.core.inputs import NumberField
from erp.customers.settlement.services import Settlement
from erp.various.figures import money
from erp.various.models import BankAccount, PaymentMethod
from erp.various.services import team_today

__all__ = ["PayPage", "usual_means"]


def usual_means() -> dict[str, Any]:
    """The account and the payment method to propose."""
    account = BankAccount.objects.order_by("-use_default", "pk").first()
    transfer = PaymentMethod.objects.filter(type=PaymentMethod.Type.TRANSFER).order_by("pk").first()
    return {
        "account": account.pk if account else None,
        "payment_method": transfer.pk if transfer else None,
    }


class PayForm(forms.Form):
    """A payment of one document."""

    amount = NumberField(label=_("Amount"), is_price=True, max_digits=15, decimal_places=2)
    date = forms.DateField(label=_("Date"), widget=UnfoldAdminSingleDateWidget)
    payment_method = cast("Any", forms.ModelChoiceField)(
        None, label=_("Payment method"), widget=UnfoldAdminSelectWidget
    )
    account = cast("Any", forms.ModelChoiceField)(
        None, label=_("Bank account"), required=False, widget=UnfoldAdminSelectWidget
    )
    reference = forms.CharField(
        label=_("Reference"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("payment_method", PaymentMethod), ("account", BankAccount)):
            self.fields[name].queryset = visible(model)  # type: ignore[attr-defined]


class CreditsForm(forms.Form):
    """Credits of the customer that can pay a document."""

    add_credits = cast("Any", forms.ModelMultipleChoiceField)(
        None, label=_("Credits"), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, settlement: Settlement, rows: QuerySet[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["add_credits"]
        field.queryset = rows
        field.label_from_instance = lambda row: f"{row} · {money(settlement.rest(row), row.currency)}"


class PayPage:
    """The page that records a payment of a document, or pays it with credits. Mixed into an admin."""

    settlement: ClassVar[Settlement]

    def payment_admin(self: Any) -> Any:
        """The admin of the chapter's payments, whose permissions rule."""
        return self.admin_site.get_model_admin(self.settlement.payment)

    def may_pay(self: Any, request: HttpRequest, row: Any) -> bool:
        """Whether the page is offered: something remains, and the team user may record payments."""
        is_open = not self.settlement.refusal(row) and bool(self.settlement.rest(row))
        return is_open and self.payment_admin().has_add_permission(request)

    def pay_page(self: Any, request: HttpRequest, row: Any) -> HttpResponse:
        """The page, with the amount that remains; by POST, the payment or the use of credits."""
        if not self.payment_admin().has_add_permission(request):
            raise PermissionDenied
        credits_form = self._credits_form(request, row)
        form = PayForm(request.POST if "_pay" in request.POST else None, initial=self._start_of_payment(row))
        if "_pay" in request.POST and form.is_valid() and self._record(form, row):
            messages.success(request, _t("The payment of %(document)s was recorded.") % {"document": row})
            return HttpResponseRedirect(self.change_url(row))
        if "_credits" in request.POST and credits_form.is_valid() and self._use_credits(credits_form, row):
            messages.success(request, _t("The credits pay %(document)s.") % {"document": row})
            return HttpResponseRedirect(self.change_url(row))
        is_refund = self.settlement.is_credit(row)
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Record the refund") if is_refund else _t("Record the payment"),
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            "media": self.media,
            "back": self.change_url(row),
            "figures": self.figures(row),
            "form": form if self.may_pay(request, row) else None,
            "credits": credits_form if credits_form.fields["add_credits"].queryset.exists() else None,
            "paid_by": self.paid_by(row),
        }
        return TemplateResponse(request, "admin/settlement/pay.html", context)

    def figures(self: Any, row: Any) -> list[tuple[Any, str]]:
        """What there is to pay, and what remains."""
        rows = (
            (_("Total incl. VAT"), row.total_ttc),
            (_("Already paid"), row.already_paid),
            (_("Remains to be paid"), self.settlement.rest(row)),
        )
        return [(label, money(amount, row.currency)) for label, amount in rows]

    def paid_by(self: Any, row: Any) -> list[dict[str, Any]]:
        """Payments and credits that pay a document (of a credit: what it pays), each leading to its page."""
        payments = visible(self.settlement.payment).filter(uses__target=row, uses__deleted_at=None)
        lines = [
            {
                "label": f"{each.get_type_display()} {each}",
                "url": self.payment_admin().change_url(each),
                "date": each.date,
                "amount": money(each.amount_paid, row.currency),
            }
            for each in payments.annotate(amount_paid=F("uses__amount")).order_by("date", "pk")
        ]
        side, other = ("credit", "target") if self.settlement.is_credit(row) else ("target", "credit")
        uses = self.settlement.credit_use.objects.filter(**{side: row}).select_related(other)
        for use in uses:
            document = getattr(use, other)
            lines.append({"label": str(document), "url": self.page_of(document), "date": document.date,
                          "amount": money(use.amount, row.currency)})  # fmt: skip
        return lines

    def page_of(self: Any, document: Any) -> str:
        """Address of the page of a document of the chapter."""
        return str(self.change_url(document))

    def _start_of_payment(self: Any, row: Any) -> dict[str, Any]:
        """What is due now; once it is paid, what was held back."""
        amount = row.stay_to_pay or self.settlement.rest(row)
        return {"amount": amount, "date": team_today(), **usual_means()}

    def _credits_form(self: Any, request: HttpRequest, row: Any) -> CreditsForm:
        rows = self.settlement.open_documents(credits_only=True).filter(
            customer_id=row.customer_id, currency_id=row.currency_id
        )
        usable = rows.exclude(pk=row.pk) if not self.settlement.is_credit(row) else rows.none()
        data = request.POST if "_credits" in request.POST else None
        return CreditsForm(self.settlement, usable.select_related("currency"), data)

    def _record(self: Any, form: PayForm, row: Any) -> bool:
        values = dict(form.cleaned_data)
        paid = [{"id": row, "amount": values.pop("amount")}]
        return self._tried(form, lambda: self.settlement.create({**values, self.settlement.name: paid}))

    def _use_credits(self: Any, form: CreditsForm, row: Any) -> bool:
        values = {"add_credits": list(form.cleaned_data["add_credits"])}
        return self._tried(form, lambda: self.settlement.use_credits(row, values))

    def _tried(self: Any, form: forms.Form, work: Any) -> bool:
        """Do it, or show why not."""
        try:
            work()
        except BusinessError as error:
            prefix = f"{self.settlement.name}.0."
            errors = {path.removeprefix(prefix): texts for path, texts in error.errors.items()}
            Refusal(type(error)(errors, code=error.code)).show_on(form)
            return False
        return True
