"""Lines of documents."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.catalog.durations import DurationType
from erp.catalog.models import CatalogElement, Product, Service
from erp.core.columns import amount, fine, link, own_team, rate
from erp.core.models import File, TenantModel
from erp.sales.choices import DiscountType
from erp.sales.models.affairs import AffairContent
from erp.sales.models.documents import Document


class Line(TenantModel):
    """A line of a document: something sold, a comment, a subtotal or a page break."""

    team = own_team()
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="contents", verbose_name=_("document")
    )
    affair_content = models.ForeignKey(AffairContent, models.PROTECT, related_name="lines", editable=False)
    line_number = models.PositiveIntegerField(_("line number"), default=0)
    product = link("catalog.Product", _("product"), db_index=True)
    variation = link("catalog.ProductVariation", _("product variation"))
    service = link("catalog.Service", _("service"), db_index=True)
    #: What one unit of the service uses up, {product id: quantity}, as its sheet said when the line was made.
    needed_products = models.JSONField(_("needed products"), default=dict, blank=True, editable=False)
    picture = link(File, _("picture"))
    is_comments = models.BooleanField(_("comment"), default=False)
    is_subtotal = models.BooleanField(_("subtotal"), default=False)
    is_pagebreak = models.BooleanField(_("page break"), default=False)
    is_hidden = models.BooleanField(_("hidden"), default=False)
    is_option = models.BooleanField(_("option"), default=False)
    #: A deposit asked for, or deducted: amounts as they are, no goods.
    is_deposit = models.BooleanField(_("deposit"), default=False, editable=False)
    #: Amounts were given, not computed (deposits, credits of an amount).
    is_fixed = models.BooleanField(_("fixed amounts"), default=False, editable=False)
    #: The price was taken from the catalog: it follows the quantity until somebody types one.
    is_price_automatic = models.BooleanField(_("price of the catalog"), default=False, editable=False)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    designation = models.TextField(_("designation"), blank=True)
    comments = models.TextField(_("internal comment"), blank=True)
    ean_code = models.CharField(_("EAN code"), max_length=50, blank=True)
    sale_category = link("various.SaleCategory", _("sale category"))
    quantity = fine(_("quantity"), default=Decimal(1))
    unit = link("various.Unit", _("unit"))
    secondary_quantity = fine(_("secondary quantity"), null=True, blank=True, default=None)
    secondary_unit = link("various.Unit", _("secondary unit"))
    total_quantity = fine(_("total quantity"), editable=False)
    weight_unit = amount(_("unit weight"), null=True, blank=True, default=None)
    total_weight = amount(_("total weight"), editable=False)
    vat_rate = link("various.VatRate", _("VAT rate"))
    vat_rate_value = rate(_("VAT (%)"), editable=False)
    discount_type = models.CharField(
        _("discount in"), max_length=8, choices=DiscountType.choices, default=DiscountType.PERCENT
    )
    discount_value = amount(_("discount"))

    unit_price_ht = fine(_("unit price excl. VAT"))
    unit_price_tva = fine(_("unit VAT"), editable=False)
    unit_price_ttc = fine(_("unit price incl. VAT"))
    ecotax_u_ht = amount(_("eco-participation excl. VAT"))
    ecotax_u_tva = amount(_("eco-participation VAT"), editable=False)
    ecotax_u_ttc = amount(_("eco-participation incl. VAT"))
    discount_ht = fine(_("unit discount excl. VAT"), editable=False)
    discount_tva = fine(_("unit discount VAT"), editable=False)
    discount_ttc = fine(_("unit discount incl. VAT"), editable=False)
    unit_price_net_ht = fine(_("net unit price excl. VAT"), editable=False)
    unit_price_net_tva = fine(_("net unit VAT"), editable=False)
    unit_price_net_ttc = fine(_("net unit price incl. VAT"), editable=False)
    subtotal_ht = amount(_("subtotal excl. VAT"), editable=False)
    subtotal_tva = amount(_("subtotal VAT"), editable=False)
    subtotal_ttc = amount(_("subtotal incl. VAT"), editable=False)
    total_ecotax_ht = amount(_("total eco-participation excl. VAT"), editable=False)
    total_ecotax_tva = amount(_("total eco-participation VAT"), editable=False)
    total_ecotax_ttc = amount(_("total eco-participation incl. VAT"), editable=False)
    total_ht = amount(_("total excl. VAT"), editable=False)
    total_tva = amount(_("VAT"), editable=False)
    total_ttc = amount(_("total incl. VAT"), editable=False)
    global_discount_ht = amount(_("global discount share excl. VAT"), editable=False)
    global_discount_tva = amount(_("global discount share VAT"), editable=False)
    global_discount_ttc = amount(_("global discount share incl. VAT"), editable=False)
    total_net_ht = amount(_("net total excl. VAT"), editable=False)
    total_net_tva = amount(_("net VAT"), editable=False)
    total_net_ttc = amount(_("net total incl. VAT"), editable=False)

    catalog_costs_u = fine(_("unit product cost"))
    various_costs_u = fine(_("unit various costs"))
    total_costs_u = fine(_("unit costs"), editable=False)
    hourly_person_cost = fine(_("hourly cost of a technician"))
    number_people_needed = models.PositiveSmallIntegerField(_("technicians needed"), default=0)
    duration = fine(_("duration"))
    duration_type = models.CharField(
        _("duration in"), max_length=6, choices=DurationType.choices, default=DurationType.HOUR
    )
    workforce_costs_u = fine(_("unit workforce costs"), editable=False)
    total_charge_u = fine(_("unit charge"), editable=False)
    gross_margin_amount_u = fine(_("unit margin"), editable=False)
    total_catalog_costs = amount(_("product costs"), editable=False)
    total_various_costs = amount(_("various costs"), editable=False)
    total_costs = amount(_("costs"), editable=False)
    total_duration_hour = amount(_("hours of work"), editable=False)
    total_workforce = amount(_("workforce costs"), editable=False)
    total_charge = amount(_("charges"), editable=False)
    gross_margin_amount = amount(_("margin"), editable=False)
    gross_margin_rate = rate(_("margin rate (%)"), editable=False)
    markup_rate = rate(_("markup rate (%)"), editable=False)

    delivered_quantity = fine(_("delivered quantity"), editable=False)
    quantity_to_deliver = fine(_("quantity to deliver"), editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["line_number", "pk"]
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            models.CheckConstraint(condition=Q(product=None) | Q(service=None), name="line_of_one_element")
        ]

    def __str__(self) -> str:
        return self.designation[:60]

    @property
    def element(self) -> CatalogElement | None:
        """What of the catalog the line sells: a product, a service, or nothing."""
        return self.product if self.service_id is None else self.service

    @element.setter
    def element(self, element: CatalogElement | None) -> None:
        self.service = element if isinstance(element, Service) else None
        self.product = element if isinstance(element, Product) else None

    @property
    def is_goods(self) -> bool:
        """Whether the line is something to deliver and bill: no text, no option, no deposit."""
        return not (
            self.is_comments or self.is_subtotal or self.is_pagebreak or self.is_option or self.is_deposit
        )
