"""Worksites, what is to do on them, and what they need."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.catalog.durations import DurationType, hours_of
from erp.catalog.models import Product, Service
from erp.constructions.figures import invoicing_of
from erp.constructions.models.lists import Material
from erp.core.columns import LIVING, amount, fine, link, own_team
from erp.core.global_lists import GlobalLink
from erp.core.models import File, TenantModel
from erp.core.money import round_half_up
from erp.core.per_row import PerRow
from erp.core.stored_pdf import PdfStatus
from erp.customers.models import Contact, Customer
from erp.customfields.carriers import CustomFieldCarrier
from erp.sales.linked import documents_through
from erp.sales.models import Affair
from erp.various.models import Country, Tag

#: The least quantity that can be written.
LEAST = Decimal("0.00001")
NOT_NEGATIVE = [MinValueValidator(0)]


def quantity_column(**options: Any) -> models.DecimalField:
    return fine(_("quantity"), max_digits=15, default=Decimal(1), validators=[MinValueValidator(LEAST)])


class Printed(TenantModel):
    """A row with a printed page, made when somebody asks for it."""

    pdf_status = models.PositiveSmallIntegerField(
        _("PDF status"), choices=PdfStatus.choices, default=PdfStatus.WAIT, editable=False
    )
    pdf_file = models.ForeignKey(
        File, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("PDF")
    )

    class Meta(TenantModel.Meta):
        abstract = True


class Construction(CustomFieldCarrier, Printed):
    """A worksite of a customer (reference: Construction).

    `status`, the totals and the planned quantities of its contents are kept by services, under its lock.
    """

    CUSTOM_FIELD_USAGES = ("construction",)

    class Status(models.IntegerChoices):
        TO_PLAN = 1, _("To plan")
        PARTLY = 2, _("Partially planned")
        PLANNED = 3, _("Planned")
        ENDED = 4, pgettext_lazy("worksite", "Ended")

    class InvoiceStatus(models.IntegerChoices):
        TO_INVOICE = 1, _("To invoice")
        PARTLY = 2, _("Partially invoiced")
        INVOICED = 3, _("Invoiced")

    reference = models.CharField(_("reference"), max_length=35, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="constructions", verbose_name=_("customer")
    )
    contact = link(Contact, _("contact"), db_index=True)
    road1 = models.CharField(_("road"), max_length=255, blank=True)
    road2 = models.CharField(_("road (2)"), max_length=255, blank=True)
    road3 = models.CharField(_("road (3)"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20)
    city = models.CharField(_("town"), max_length=100)
    country = GlobalLink(Country, models.PROTECT, related_name="+", verbose_name=_("country"))
    status = models.PositiveSmallIntegerField(
        _("status"), choices=Status.choices, default=Status.TO_PLAN, editable=False
    )
    total_duration_hour = amount(_("hours of work"), editable=False)
    nb_people_needed = models.PositiveIntegerField(_("technicians needed"), default=0, editable=False)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("tags"))
    affairs = models.ManyToManyField(
        Affair, blank=True, related_name="constructions", verbose_name=_("affairs")
    )
    #: Grows with each change of what pages of the worksite and of its planifications print.
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)

    #: How far its documents are billed.
    invoice_status = PerRow(invoicing_of)
    #: Its documents that the actor may see, by kind.
    documents = PerRow(documents_through("constructions"))

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-id"]
        verbose_name = _("worksite")
        verbose_name_plural = _("worksites")
        constraints = [models.UniqueConstraint(fields=["team", "reference"], name="construction_reference")]
        indexes = [
            models.Index(fields=["team", "-created_at"], condition=LIVING, name="construction_living"),
            models.Index(fields=["team", "updated_at"], name="construction_updated"),
            models.Index(fields=["team", "status", "id"], condition=LIVING, name="construction_status"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}".strip()

    @property
    def address_lines(self) -> list[str]:
        """Its address, line by line."""
        town = f"{self.postal_code} {self.city}".strip()
        return [text for text in (self.road1, self.road2, self.road3, town, self.country.name) if text]

    @property
    def full_address(self) -> str:
        """Its address as HTML."""
        return "<br/>".join(map(escape, self.address_lines))

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Worksites of the customers that are seen (`customer-limitation`)."""
        customers = Customer.objects.all()
        seen = Customer.restrict(customers, actor)
        return queryset if seen is customers else queryset.filter(customer__in=seen)


class PartOfConstruction(TenantModel):
    """What belongs to a worksite is seen by those who see it."""

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    def restrict(cls, queryset: Any, actor: Any) -> Any:
        """Hide what belongs to hidden worksites."""
        rows = Construction.objects.all()
        seen = Construction.restrict(rows, actor)
        return queryset if seen is rows else queryset.filter(construction__in=seen)


class ConstructionContent(PartOfConstruction):
    """Work to do on a worksite (reference: Construction Content).

    `planified_quantity` is what planifications plan of it; it never exceeds `quantity`.
    """

    team = own_team()
    construction = models.ForeignKey(
        Construction, models.CASCADE, related_name="contents", verbose_name=_("worksite")
    )
    place = models.PositiveIntegerField(_("place"), default=0, editable=False)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    designation = models.TextField(_("description"))
    number_people_needed = models.PositiveSmallIntegerField(_("technicians needed"), default=1)
    duration = fine(_("duration"), max_digits=12, validators=NOT_NEGATIVE)
    duration_type = models.CharField(
        _("duration in"), max_length=6, choices=DurationType.choices, default=DurationType.HOUR
    )
    quantity = quantity_column()
    planified_quantity = fine(_("planned quantity"), max_digits=15, editable=False)
    product = link(Product, _("product"))
    service = link(Service, _("service"))

    class Meta(PartOfConstruction.Meta):
        abstract = False
        ordering = ["place", "id"]
        verbose_name = _("content of a worksite")
        verbose_name_plural = _("contents of worksites")
        constraints = [
            models.CheckConstraint(
                condition=Q(planified_quantity__gte=0, planified_quantity__lte=F("quantity")),
                name="construction_content_planified",
                violation_error_message=_("No more can be planned than there is to do."),
            )
        ]

    def __str__(self) -> str:
        return self.reference or self.designation[:80]

    @property
    def stay_to_planify(self) -> Decimal:
        """What is left to plan."""
        return self.quantity - self.planified_quantity

    def hours(self, quantity: Decimal) -> Decimal:
        """How long a quantity takes, in hours, not rounded."""
        return hours_of(self.duration, self.duration_type) * quantity

    @property
    def total_duration_hour(self) -> Decimal:
        """How long all of it takes, in hours."""
        return round_half_up(self.hours(self.quantity), 2)


class ConstructionProduct(PartOfConstruction):
    """How much of a product a worksite needs (reference: Construction Product)."""

    team = own_team()
    construction = models.ForeignKey(
        Construction, models.CASCADE, related_name="products", db_index=False, verbose_name=_("worksite")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = quantity_column()

    class Meta(PartOfConstruction.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("product of a worksite")
        verbose_name_plural = _("products of worksites")
        constraints = [
            models.UniqueConstraint(fields=["construction", "product"], name="construction_product_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.product}"


class ConstructionMaterial(PartOfConstruction):
    """How many pieces of equipment a worksite needs (reference: Construction Material)."""

    team = own_team()
    construction = models.ForeignKey(
        Construction, models.CASCADE, related_name="materials", db_index=False, verbose_name=_("worksite")
    )
    material = models.ForeignKey(Material, models.PROTECT, related_name="+", verbose_name=_("equipment"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])

    class Meta(PartOfConstruction.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("equipment of a worksite")
        verbose_name_plural = _("equipment of worksites")
        constraints = [
            models.UniqueConstraint(fields=["construction", "material"], name="construction_material_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.material}"
