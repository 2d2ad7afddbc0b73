"""Sales documents of all kinds: one table."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.core.columns import amount, fine, link, rate
from erp.core.global_lists import GlobalLink
from erp.core.models import File, TenantModel
from erp.core.stored_pdf import PdfStatus
from erp.customfields.carriers import CustomFieldCarrier
from erp.sales.choices import (
    SEALED_KINDS,
    DeliveryStatus,
    DiscountType,
    InputMode,
    Kind,
    PaymentStatus,
    SecondaryMode,
    Status,
    status_label,
)
from erp.sales.models.affairs import Affair, Grant


class Document(CustomFieldCarrier, TenantModel):
    """A sales document of any kind. Attributes have the reference's names; amounts are in `currency`."""

    CUSTOM_FIELD_USAGES = tuple(Kind.values)
    #: The kind of a proxy; None on the base.
    only_kind: ClassVar[Kind | None] = None

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, editable=False)
    date = models.DateField(_("date"))
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    reference = models.CharField(_("reference"), max_length=35, blank=True, editable=False)
    is_draft = models.BooleanField(_("draft"), default=True)
    #: A deposit asked for in advance (type 386), to be deducted from the final invoice.
    is_deposit = models.BooleanField(_("deposit invoice"), default=False, editable=False)
    creation_date = models.DateTimeField(_("date of this version"), default=timezone.now, editable=False)
    status = models.PositiveSmallIntegerField(
        _("status"), choices=Status.choices, default=Status.DRAFT, editable=False
    )
    title = models.CharField(_("title"), max_length=255, blank=True)
    comments = models.TextField(_("comments for the customer"), blank=True)
    language = models.CharField(
        _("language"), max_length=2, default="fr", choices=[("fr", "Français"), ("en", "English")]
    )

    # Parties
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="documents", verbose_name=_("customer")
    )
    contact = link("customers.Contact", _("contact"))
    team_user = link("tenants.TeamUser", _("salesperson"), db_index=True)
    customer_vatrate = models.CharField(_("customer's VAT number"), max_length=20, blank=True)
    customer_command_reference = models.CharField(_("customer's order reference"), max_length=100, blank=True)
    customer_proforma_reference = models.CharField(_("customer's reference"), max_length=100, blank=True)

    billing_address_name = models.CharField(_("billing: name"), max_length=255, blank=True)
    billing_address_contact = models.CharField(_("billing: contact"), max_length=255, blank=True)
    billing_address_road = models.CharField(_("billing: road"), max_length=255, blank=True)
    billing_address_road2 = models.CharField(_("billing: road (2)"), max_length=255, blank=True)
    billing_address_road3 = models.CharField(_("billing: road (3)"), max_length=255, blank=True)
    billing_address_city = models.CharField(_("billing: city"), max_length=100, blank=True)
    billing_address_postal_code = models.CharField(_("billing: postal code"), max_length=20, blank=True)
    billing_address_country = link("various.Country", _("billing: country"), field=GlobalLink)
    billing_address_comments = models.TextField(_("billing: comments"), blank=True)
    delivery_address_name = models.CharField(_("delivery: name"), max_length=255, blank=True)
    delivery_address_contact = models.CharField(_("delivery: contact"), max_length=255, blank=True)
    delivery_address_road = models.CharField(_("delivery: road"), max_length=255, blank=True)
    delivery_address_road2 = models.CharField(_("delivery: road (2)"), max_length=255, blank=True)
    delivery_address_road3 = models.CharField(_("delivery: road (3)"), max_length=255, blank=True)
    delivery_address_city = models.CharField(_("delivery: city"), max_length=100, blank=True)
    delivery_address_postal_code = models.CharField(_("delivery: postal code"), max_length=20, blank=True)
    delivery_address_country = link("various.Country", _("delivery: country"), field=GlobalLink)
    delivery_address_comments = models.TextField(_("delivery: comments"), blank=True)

    # How amounts are entered and computed
    currency = GlobalLink(
        "various.Currency", models.PROTECT, related_name="+", db_index=False, verbose_name=_("currency")
    )
    exchange_rate = fine(_("exchange rate"), default=Decimal(1))
    input_mode = models.CharField(
        _("input mode"), max_length=3, choices=InputMode.choices, default=InputMode.HT
    )
    use_global_vatrate = models.BooleanField(_("one VAT rate for all"), default=False)
    vat_rate = link("various.VatRate", _("VAT rate"))
    secondary_quantity_mode = models.CharField(
        _("secondary quantity"), max_length=7, choices=SecondaryMode.choices, default=SecondaryMode.DISABLE
    )
    secondary_quantity = fine(_("secondary quantity of the document"), null=True, blank=True, default=None)
    secondary_unit = link("various.Unit", _("secondary unit"))
    global_discount_type = models.CharField(
        _("global discount in"), max_length=8, choices=DiscountType.choices, default=DiscountType.PERCENT
    )
    global_discount_value = amount(_("global discount"))
    global_discount_type_amount = models.CharField(
        _("global discount is"), max_length=3, choices=InputMode.choices, default=InputMode.HT
    )

    # Amounts, computed by `calculation/`
    total_content_ht = amount(_("content excl. VAT"), editable=False)
    total_content_tva = amount(_("content VAT"), editable=False)
    total_content_ttc = amount(_("content incl. VAT"), editable=False)
    total_ecotaxe_ht = amount(_("eco-participation excl. VAT"), editable=False)
    total_ecotaxe_tva = amount(_("eco-participation VAT"), editable=False)
    total_ecotaxe_ttc = amount(_("eco-participation incl. VAT"), editable=False)
    global_discount_ht = amount(_("global discount excl. VAT"), editable=False)
    global_discount_tva = amount(_("global discount VAT"), editable=False)
    global_discount_ttc = amount(_("global discount incl. VAT"), editable=False)
    total_ht = amount(_("total excl. VAT"), editable=False)
    total_tva = amount(_("total VAT"), editable=False)
    total_ttc = amount(_("total incl. VAT"), editable=False)
    #: [{"rate", "vat_rate_id", "ht", "tva", "ttc"}], decimals as text.
    vatrates = models.JSONField(_("amounts by VAT rate"), default=list, editable=False)
    catalog_costs = amount(_("product costs"), editable=False)
    various_costs = amount(_("various costs"), editable=False)
    total_costs = amount(_("total costs"), editable=False)
    workforce_costs = amount(_("workforce costs"), editable=False)
    total_charge = amount(_("total charges"), editable=False)
    gross_margin_amount = amount(_("gross margin"), editable=False)
    gross_margin_rate = rate(_("gross margin rate (%)"), editable=False)
    markup_rate = rate(_("markup rate (%)"), editable=False)
    total_duration_hour = amount(_("hours of work"), editable=False)
    nb_people_needed = models.PositiveIntegerField(_("technicians needed"), default=0, editable=False)
    total_weight = amount(_("total weight"), editable=False)
    total_quantity_1 = fine(_("total of first quantities"), editable=False)
    total_quantity_2 = fine(_("total of second quantities"), editable=False)
    total_quantity = fine(_("total quantity"), editable=False)
    #: The total less grant and holdback.
    amount_due = amount(_("to pay"), editable=False)
    # What of a validated invoice or credit is settled: erp/sales/services/payments.py
    already_paid = amount(_("already paid"), editable=False)
    stay_to_pay = amount(_("remains to be paid"), editable=False)
    guarantee_holdback_to_pay = amount(_("guarantee holdback to be paid"), editable=False)

    # Terms
    pdf_model = link("various.PdfModel", _("PDF model"))
    sale_term = link("various.SaleTerm", _("sale term"))
    payment_term = link("various.PaymentTerm", _("payment term"))
    payment_term_value = models.CharField(
        _("payment term in words"), max_length=150, blank=True, editable=False
    )
    due_date = models.DateField(_("due date"), null=True, blank=True, editable=False)
    payment_methods = models.ManyToManyField(
        "various.PaymentMethod", blank=True, related_name="+", verbose_name=_("payment methods")
    )
    penalty_rate = rate(_("penalty rate (%)"))
    penalty_rate_law = models.BooleanField(_("mention late penalties"), default=True)
    collection_costs_law = models.BooleanField(_("mention collection costs"), default=True)
    escompte_rate = rate(_("early-payment discount (%)"))
    escompte_amount_ht = amount(_("early-payment discount excl. VAT"), editable=False)
    escompte_amount_tva = amount(_("early-payment discount VAT"), editable=False)
    escompte_amount_ttc = amount(_("early-payment discount incl. VAT"), editable=False)
    grant = link(Grant, _("grant"))
    grant_amount = amount(_("grant amount"))
    grant_label = models.CharField(_("grant label"), max_length=150, blank=True, editable=False)
    grant_pdf_mentions = models.TextField(_("grant mention"), blank=True, editable=False)
    guarantee_holdback_percent = rate(_("guarantee holdback (%)"))
    guarantee_holdback_amount = amount(_("guarantee holdback"))
    guarantee_holdback_duration = models.PositiveSmallIntegerField(_("holdback duration (months)"), default=0)
    expire_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    advance_payment_type = models.CharField(
        _("advance in"), max_length=8, choices=DiscountType.choices, default=DiscountType.PERCENT
    )
    advance_payment_value = amount(_("advance"))
    advance_payment_amount = amount(_("advance amount"), editable=False)

    # Delivery notes
    package_qty = models.CharField(_("packages"), max_length=50, blank=True)
    delivery_mode = models.CharField(_("delivery mode"), max_length=100, blank=True)
    delivery_tracking = models.CharField(_("tracking number"), max_length=100, blank=True)

    # What became of it
    affair = models.ForeignKey(
        Affair, models.PROTECT, related_name="documents", verbose_name=_("affair"), editable=False
    )
    source = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="results", verbose_name=_("made from")
    )
    delivery_status = models.PositiveSmallIntegerField(
        _("delivery status"),
        choices=DeliveryStatus.choices,
        default=DeliveryStatus.TO_DELIVER,
        editable=False,
    )
    already_billed = amount(_("already billed"), editable=False)
    percent_billed = rate(_("billed (%)"), editable=False)
    to_bill = amount(_("to bill"), editable=False)
    percent_to_bill = rate(_("to bill (%)"), editable=False)

    tags = models.ManyToManyField("various.Tag", blank=True, related_name="+", verbose_name=_("tags"))
    #: Settings of the form and of the PDF, by the names of parameters.py.
    input_options = models.JSONField(_("form options"), default=dict, blank=True)
    pdf_options = models.JSONField(_("PDF options"), default=dict, blank=True)

    # What is printed, frozen at validation
    snapshot = models.JSONField(_("printed content"), null=True, editable=False)
    pdf_status = models.PositiveSmallIntegerField(
        _("PDF"), choices=PdfStatus.choices, default=PdfStatus.WAIT, editable=False
    )
    pdf_file = link(File, _("PDF file"), editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("sales document")
        verbose_name_plural = _("sales documents")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "kind", "reference"], condition=~Q(reference=""), name="document_reference"
            ),
            models.CheckConstraint(condition=Q(is_draft=True) | ~Q(reference=""), name="document_numbered"),
            models.CheckConstraint(
                condition=Q(already_paid=0) | Q(already_paid__gt=0, already_paid__lte=F("total_ttc")),
                name="document_not_overpaid",
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "kind", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="document_newest",
            ),
            models.Index(
                fields=["team", "kind", "date", "id"], condition=Q(deleted_at=None), name="document_date"
            ),
            models.Index(
                fields=["team", "kind", "status"], condition=Q(deleted_at=None), name="document_status"
            ),
            models.Index(
                fields=["team", "kind", "total_ttc", "id"],
                condition=Q(deleted_at=None),
                name="document_total",
            ),
            models.Index(
                fields=["team", "kind", "reference", "id"],
                condition=Q(deleted_at=None),
                name="document_by_reference",
            ),
            models.Index(
                fields=["team", "kind", "due_date", "id"],
                condition=Q(deleted_at=None, stay_to_pay__gt=0),
                name="document_to_pay",
            ),
            models.Index(fields=["team", "updated_at"], name="document_edited"),
            models.Index(fields=["team", "affair"], name="document_affair"),
        ]

    def __str__(self) -> str:
        return self.reference or str(_("Draft %(id)s") % {"id": self.pk})

    @property
    def status_label(self) -> str:
        """The status in words."""
        return status_label(self.kind, self.status)

    @property
    def delivery_status_label(self) -> str:
        """The delivery status in words."""
        return str(DeliveryStatus(self.delivery_status).label)

    def payment_status(self, today: datetime.date) -> int | None:
        """What has been paid of a validated invoice or credit on a day: a PaymentStatus; None of others."""
        if self.is_draft or self.kind not in SEALED_KINDS:
            return None
        if not self.stay_to_pay:
            return PaymentStatus.PAID.value
        if self.kind == Kind.INVOICE and self.due_date is not None and self.due_date < today:
            return PaymentStatus.OVERDUE.value
        return (PaymentStatus.PARTLY_PAID if self.already_paid else PaymentStatus.TO_PAY).value

    @property
    def custom_field_usages(self) -> Sequence[str]:
        """A document has the custom fields of its kind."""
        return (self.kind,)

    @property
    def is_sealed(self) -> bool:
        """Whether the law forbids any change: a validated invoice or credit."""
        return not self.is_draft and self.kind in SEALED_KINDS

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Rows that a team user may see: kinds by permission, own documents under `sales-limitation`."""
        hidden = [kind for kind in Kind.values if actor.level(f"sales-{kind}") < 1]
        if hidden and cls.only_kind is None:
            queryset = queryset.exclude(kind__in=hidden)
        elif cls.only_kind in hidden:
            return queryset.none()
        return queryset if actor.level("sales-limitation") >= 1 else cls.own(actor, queryset)

    @classmethod
    def own(cls, actor: Any, queryset: Any = None) -> Any:
        """Documents of which a team user is the salesperson, or the salesperson's manager."""
        rows = cls.objects.all() if queryset is None else queryset
        return rows.filter(Q(team_user=actor) | Q(team_user__in=actor.team_users.all()))


class DocumentVersion(TenantModel):
    """A former version of an edited quotation, order or proforma, as it was printed."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="versions", verbose_name=_("document")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    snapshot = models.JSONField(_("printed content"))
    pdf_file = link(File, _("PDF file"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-version"]
        verbose_name = _("former version")
        verbose_name_plural = _("former versions")
        constraints = [models.UniqueConstraint(fields=["document", "version"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.document} v{self.version}"
