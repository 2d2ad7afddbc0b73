"""What is done for customers: services, and the products that they use up."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.catalog.durations import DurationType, hours_of
from erp.catalog.models.elements import LIVING, CatalogElement, total
from erp.catalog.models.products import Product
from erp.core.columns import fine, own_team
from erp.core.models import TenantModel
from erp.core.money import round_half_up

__all__ = ["Service", "ServiceProduct"]

NOT_NEGATIVE = [MinValueValidator(0)]
MAX_PEOPLE = 10_000


class Service(CatalogElement):
    """Work that is sold: the people, time and products that it takes, and what it costs (reference: Service).

    The costs of its products and of its work follow from the rest, unless somebody typed them
    (`products_costs_typed`, `workforce_costs_typed`).
    """

    CUSTOM_FIELD_USAGES = ("service",)

    hourly_person_cost = total(_("hourly cost of a technician"), max_digits=9, validators=NOT_NEGATIVE)
    number_people_needed = models.PositiveSmallIntegerField(
        _("technicians needed"), default=1, validators=[MaxValueValidator(MAX_PEOPLE)]
    )
    duration = fine(_("duration"), max_digits=12, validators=NOT_NEGATIVE)
    duration_type = models.CharField(
        _("duration in"), max_length=6, choices=DurationType.choices, default=DurationType.HOUR
    )
    products_costs = total(_("product costs"), validators=NOT_NEGATIVE)
    products_costs_typed = models.BooleanField(default=False, editable=False)
    workforce_costs = total(_("workforce costs"), validators=NOT_NEGATIVE)
    workforce_costs_typed = models.BooleanField(default=False, editable=False)
    products_stock_management = models.BooleanField(_("needed products leave the stock"), default=True)

    allowed_all_technicians = models.BooleanField(_("every technician may do it"), default=True)
    technicians = models.ManyToManyField(
        "tenants.TeamUser", blank=True, related_name="services", verbose_name=_("technicians who may do it")
    )
    work_description = models.TextField(_("description for the technicians"), blank=True)

    class Meta(CatalogElement.Meta):
        abstract = False
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "reference"],
                condition=LIVING,
                name="service_reference",
                violation_error_message=_("Another service has this reference."),
            )
        ]
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="service_created"),
            models.Index(fields=["team", "updated_at"], name="service_updated"),
            models.Index(fields=["team", "name", "id"], condition=LIVING, name="service_name"),
            models.Index(fields=["team", "unit_price_ht", "id"], condition=LIVING, name="service_price"),
            models.Index(fields=["team", "sale_category"], condition=LIVING, name="service_sale_category"),
        ]

    @property
    def hours(self) -> Decimal:
        """The duration in hours, to the second or better."""
        return round_half_up(hours_of(self.duration, self.duration_type), 5)

    @property
    def minutes(self) -> Decimal:
        """The duration in minutes."""
        return round_half_up(hours_of(self.duration, self.duration_type) * 60, 5)


class ServiceProduct(TenantModel):
    """How much of a product one unit of a service uses up (reference: Service, products)."""

    team = own_team()
    service = models.ForeignKey(
        Service, models.CASCADE, related_name="needs", verbose_name=_("service"), db_index=False
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="service_needs", verbose_name=_("product")
    )
    quantity = fine(
        _("quantity"), max_digits=15, default=Decimal(1), validators=[MinValueValidator(Decimal("0.00001"))]
    )

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("needed product")
        verbose_name_plural = _("needed products")
        constraints = [models.UniqueConstraint(fields=["service", "product"], name="service_product_once")]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.product}"

    @property
    def total_ht(self) -> Decimal:
        """What the quantity is sold for, without VAT."""
        return round_half_up(self.product.unit_price_ht * self.quantity)

    @property
    def cost(self) -> Decimal:
        """What the quantity costs the company (not rounded)."""
        return self.product.total_costs * self.quantity
