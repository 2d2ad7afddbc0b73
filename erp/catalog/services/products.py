"""What can happen to products."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from erp.catalog import pricing
from erp.catalog.models import Product, StockMovement
from erp.catalog.services.stock import SUMS, THRESHOLDS, adjust_stock
from erp.core import numbering
from erp.core import services as core
from erp.core.access import require, visible
from erp.core.errors import Invalid
from erp.core.fields import as_id
from erp.core.files import IMAGES, store_upload
from erp.core.money import AMOUNT_PLACES, UNIT_PLACES, Amounts
from erp.core.scope import current_actor, current_team
from erp.various.services import clean_html, default_vat_rate, team_today
from tenants.parameters import SERIES

__all__ = ["create_product", "list_row", "update_product"]

PRODUCT_SERIES = SERIES["product"].key

Cause = StockMovement.Cause
#: Attributes that name a row of a list, which is made when it is new.
NAMED = ("unit", "sale_category", "charge_category")


# --- Products -------------------------------------------------------------------------------------


def create_product(values: Mapping[str, Any]) -> Product:
    """A new product. Raises Invalid (422) by attribute, PermissionDenied (403) for stock numbers.

    Without a reference one is given, unless the team types its own (`product_reference_manual`). Prices come
    without VAT or with it; the default VAT rate of the team applies. `unit` and categories are rows or names;
    `picture` is an uploaded image.
    """
    return _save_product(Product(), dict(values))


def update_product(product: Product, values: Mapping[str, Any]) -> Product:
    """Change some attributes of a product; setting a stock quantity enters the difference in the ledger."""
    return _save_product(product, dict(values))


@transaction.atomic
def _save_product(product: Product, values: dict[str, Any]) -> Product:
    stocks = {kind: values.pop(name, None) for kind, name in SUMS.items()}
    if any(name in values and values[name] != getattr(product, name) for name in THRESHOLDS):
        require(current_actor(), "manage-stock", 1)
    _resolve(values)
    if product._state.adding and not values.get("reference"):
        values["reference"] = _automatic_reference()
    values |= _derived(product, values)
    cause = Cause.INITIAL if product._state.adding else Cause.INVENTORY
    _write(product, values)
    for kind, quantity in stocks.items():
        if quantity is not None:
            adjust_stock(product, kind, quantity, cause)
    return product


def _resolve(values: dict[str, Any]) -> None:
    """Turn names into rows, rich text into safe text, an upload into a file."""
    for name in NAMED:
        if isinstance(values.get(name), str):
            values[name] = list_row(Product._meta.get_field(name).related_model, name, values[name])
    if values.get("designation"):
        values["designation"] = clean_html(values["designation"])
    if upload := values.pop("picture", None):
        values["default_picture"] = store_upload(upload, allowed=IMAGES, field="picture")


def _write(product: Product, values: dict[str, Any]) -> None:
    """Save; of two programs that give the same reference at once, the second is told so."""
    try:
        core.save(product, values)
    except IntegrityError as error:
        if "reference" not in str(error):
            raise
        raise Invalid({"reference": _("Another product has this reference.")}, code="unique") from error


def _automatic_reference() -> str:
    """The next reference of the series that no product has. Raises Invalid when the team types its own."""
    if current_team().parameter("product_reference_manual"):
        raise core.missing("reference")
    while True:
        reference = numbering.take_number(PRODUCT_SERIES, team_today()).reference
        if not Product.objects.filter(reference=reference).exists():
            return reference


def list_row(model: Any, attribute: str, text: str) -> Any:
    """The team's row of a list that a text names (or whose id it is); None for an empty text.

    A new name is added to the list by those who may manage lists; others get Invalid (422) on `attribute`.
    """
    label = text.strip()
    if not label:
        return None
    row = visible(model).filter(label__iexact=label).order_by("pk").first()
    key = as_id(label)
    if row is None and key is not None:
        row = visible(model).filter(pk=key).first()
    if row is None and (key is not None or not _may_extend_lists()):
        raise Invalid({attribute: _("There is no such element: %(id)s.") % {"id": label}}, code="unknown")
    return row or core.create(model, {"label": label})


def _may_extend_lists() -> bool:
    actor = current_actor()
    return actor is None or actor.level("manage-list") >= 1


# --- Amounts of a product -------------------------------------------------------------------------


def _derived(product: Product, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every amount that follows from a product's attributes once `values` are set."""
    vat_rate = values.get("vat_rate") or ("vat_rate" not in values and product.vat_rate) or default_vat_rate()
    rate = vat_rate.rate if vat_rate else Decimal(0)

    def value(name: str) -> Decimal:
        return Decimal(values.get(name, getattr(product, name)))

    kept = vat_rate == product.vat_rate
    price = _price(product, values, "unit_price", rate, UNIT_PLACES, kept=kept)
    eco_tax = _price(product, values, "eco_tax", rate, AMOUNT_PLACES, kept=kept)
    costs = value("unit_buy_price_ht") + value("various_costs")
    return {
        "vat_rate": vat_rate,
        **_named(price, "unit_price"),
        **_named(eco_tax, "eco_tax"),
        **_named(pricing.times(price, value("default_quantity")), "total"),
        "total_costs": costs,
        **pricing.margins(price.ht, costs),
    }


def _price(
    product: Product, values: Mapping[str, Any], name: str, rate: Decimal, places: int, *, kept: bool
) -> Amounts:
    """A price as given without VAT, else with VAT; else as it was (`kept`: the rate did not change)."""
    ht, tva, ttc = (f"{name}_{part}" for part in ("ht", "tva", "ttc"))
    if ht not in values and ttc in values:
        return pricing.without_vat(values[ttc], rate, places)
    if ht in values or not kept:
        return pricing.with_vat(values.get(ht, getattr(product, ht)), rate, places)
    return Amounts(getattr(product, ht), getattr(product, tva), getattr(product, ttc))


def _named(amounts: Amounts, name: str) -> dict[str, Decimal]:
    return {f"{name}_ht": amounts.ht, f"{name}_tva": amounts.tva, f"{name}_ttc": amounts.ttc}
