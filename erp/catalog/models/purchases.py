"""What is ordered from suppliers, and how much of it arrived."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from erp.catalog.models.elements import total, unit_amount
from erp.catalog.models.products import Product
from erp.catalog.models.variations import ProductVariation
from erp.core.columns import link, own_team
from erp.core.global_lists import GlobalLink
from erp.core.models import File, TenantModel
from erp.core.stored_pdf import PdfStatus
from erp.customers.models import Contact, Customer
from erp.various.models import Country, Currency, PdfModel, Unit, VatRate

__all__ = ["CommandStatus", "ProviderCommand", "ProviderCommandLine"]

LIVING = Q(deleted_at=None)
#: The least quantity that can be written.
LEAST = Decimal("0.00001")


class CommandStatus(models.IntegerChoices):
    """Where an order to a supplier stands; the last two say what arrived."""

    DRAFT = 1, _("Draft")
    WAITING = 2, _("Waiting for delivery")
    PARTLY = 3, _("Partially delivered")
    DELIVERED = 4, _("Delivered")


class ProviderCommand(TenantModel):
    """An order to a supplier (reference: Provider Command). Amounts are in `currency`, computed by services.

    The address is the one to deliver to. The four options of the PDF are columns; the wire has `options`.
    """

    reference = models.CharField(_("reference"), max_length=35, editable=False)
    date = models.DateField(_("date"))
    title = models.CharField(_("title"), max_length=255, blank=True)
    provider = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="provider_commands",
        limit_choices_to=Q(is_provider=True) | Q(is_subcontractor=True),
        verbose_name=_("supplier"),
    )
    contact = link(Contact, _("contact"))
    road1 = models.CharField(_("road"), max_length=255, blank=True)
    road2 = models.CharField(_("road (2)"), max_length=255, blank=True)
    road3 = models.CharField(_("road (3)"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    town = models.CharField(_("town"), max_length=100, blank=True)
    country = link(Country, _("country"), field=GlobalLink)
    comments = models.TextField(_("comments"), blank=True)
    status = models.PositiveSmallIntegerField(
        _("status"), choices=CommandStatus.choices, default=CommandStatus.DRAFT
    )
    show_contact = models.BooleanField(_("print the contact"), default=True)
    show_reference_column = models.BooleanField(_("print references"), default=True)
    show_units = models.BooleanField(_("print units"), default=True)
    not_show_price = models.BooleanField(_("hide prices"), default=False)
    currency = GlobalLink(Currency, models.PROTECT, related_name="+", verbose_name=_("currency"))
    pdf_model = models.ForeignKey(PdfModel, models.PROTECT, related_name="+", verbose_name=_("PDF model"))
    #: By VAT rate: {"rate", "ht", "tva", "ttc"}, decimals as texts.
    vatrates = models.JSONField(_("VAT by rate"), default=list, blank=True, editable=False)
    total_ht = total(_("total excl. VAT"), editable=False)
    total_tva = total(_("VAT"), editable=False)
    total_ttc = total(_("total incl. VAT"), editable=False)
    #: Grows with each change of what is printed: a page of an older one is not kept.
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    pdf_status = models.PositiveSmallIntegerField(
        _("PDF status"), choices=PdfStatus.choices, default=PdfStatus.WAIT, editable=False
    )
    pdf_file = models.ForeignKey(
        File, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("PDF")
    )

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-created_at"]
        verbose_name = _("supplier order")
        verbose_name_plural = _("supplier orders")
        constraints = [
            models.UniqueConstraint(fields=["team", "reference"], name="provider_command_reference")
        ]
        indexes = [
            models.Index(
                fields=["team", "created_at", "id"], condition=LIVING, name="provider_command_created"
            ),
            models.Index(fields=["team", "updated_at"], name="provider_command_updated"),
            models.Index(fields=["team", "date", "id"], condition=LIVING, name="provider_command_date"),
            models.Index(fields=["team", "status", "id"], condition=LIVING, name="provider_command_status"),
        ]

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """None without the right to see suppliers, wherever they are named: tasks, events, mails."""
        return queryset if actor.level("provider") >= 1 else queryset.none()

    @property
    def status_label(self) -> str:
        """The status in words."""
        return str(CommandStatus(self.status).label)

    @property
    def is_draft(self) -> bool:
        """Whether it was not ordered yet."""
        return self.status == CommandStatus.DRAFT


class ProviderCommandLine(TenantModel):
    """A line of an order to a supplier (reference: Provider Command Content)."""

    team = own_team()
    command = models.ForeignKey(
        ProviderCommand, models.CASCADE, related_name="contents", verbose_name=_("supplier order")
    )
    place = models.PositiveSmallIntegerField(_("place"), default=0, editable=False)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    designation = models.TextField(_("designation"))
    unit_price_ht = unit_amount(_("unit price excl. VAT"))
    unit_price_tva = unit_amount(_("VAT of the unit price"), editable=False)
    unit_price_ttc = unit_amount(_("unit price incl. VAT"), editable=False)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=15,
        decimal_places=5,
        default=Decimal(1),
        validators=[MinValueValidator(LEAST)],
    )
    unit = link(Unit, _("unit"))
    vat_rate = models.ForeignKey(
        VatRate, models.PROTECT, related_name="+", db_index=False, verbose_name=_("VAT rate")
    )
    total_ht = total(_("total excl. VAT"), editable=False)
    total_tva = total(_("VAT"), editable=False)
    total_ttc = total(_("total incl. VAT"), editable=False)
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="provider_command_lines",
        verbose_name=_("product"),
    )
    variation = link(ProductVariation, _("product variation"))
    delivered_quantity = unit_amount(_("delivered quantity"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["place", "id"]
        verbose_name = _("line of a supplier order")
        verbose_name_plural = _("lines of supplier orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_quantity__gte=0, delivered_quantity__lte=F("quantity")),
                name="provider_command_line_delivered",
                violation_error_message=_("No more can be delivered than was ordered."),
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.reference, strip_tags(self.designation)[:80])))

    def validate_constraints(self, exclude: Any = None) -> None:
        """The only constraint is about what arrived: its error belongs there."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            raise ValidationError({"delivered_quantity": error.messages}) from error

    @property
    def quantity_to_deliver(self) -> Decimal:
        """What has not arrived yet."""
        return self.quantity - self.delivered_quantity
