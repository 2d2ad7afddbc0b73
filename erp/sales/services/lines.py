"""Lines of a document as typed: sheets and prices of the catalog for what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from erp.catalog.models import CatalogElement, Product, ProductVariation
from erp.core.errors import Invalid
from erp.core.money import round_half_up
from erp.core.scope import current_team
from erp.sales.choices import InputMode
from erp.sales.models import Document, Line
from erp.sales.services import sheets
from erp.sales.services.amounts import ecotax_of, fix, net_of
from erp.sales.services.prices import Counted, PriceList, counted
from erp.various import services as various
from erp.various.models import VatRate

__all__ = ["build_lines", "edited_lines"]

#: Attributes of a typed line that are set as they are.
PLAIN = (
    "is_comments",
    "is_subtotal",
    "is_pagebreak",
    "is_option",
    "is_hidden",
    "picture",
    "reference",
    "designation",
    "comments",
    "ean_code",
    "weight_unit",
    "discount_type",
    "discount_value",
    "unit",
    "quantity",
    "secondary_quantity",
    "secondary_unit",
    "vat_rate",
    "catalog_costs_u",
    "various_costs_u",
    "hourly_person_cost",
    "number_people_needed",
    "duration",
    "duration_type",
    "sale_category",
)
#: What a line is worth depends on these.
PRICED = (
    "quantity",
    "unit_price_ht",
    "unit_price_ttc",
    "discount_value",
    "vat_rate_value",
    "ecotax_u_ht",
    "ecotax_u_ttc",
)


@dataclass
class _Typed:
    """A line that is being built: what was typed, and what it was before."""

    line: Line
    row: Mapping[str, Any]
    before: Mapping[str, Any]
    #: It sells something else than before.
    is_other: bool

    @property
    def has_price(self) -> bool:
        """Whether a price was typed, which wins over any of the catalog's."""
        return self.row.get("unit_price_ht") is not None or self.row.get("unit_price_ttc") is not None


def edited_lines(
    document: Document,
    contents: Sequence[Mapping[str, Any]] | None,
    known: Mapping[int, Line],
    former_customer: int | None,
) -> list[Line]:
    """The lines of a document after an edit of its head: as typed, or the present ones without `contents`.

    For another customer than the one of this id, automatic prices are asked of the catalog again; what was
    typed or agreed on stays. Raises Invalid as `build_lines`.
    """
    is_other = document.customer_id != former_customer
    if contents is None and not (is_other and any(line.is_price_automatic for line in known.values())):
        return list(known.values())
    if contents is None:
        contents = [{"affair_content": key} for key in known]
    return build_lines(document, contents, known, asks_again=is_other)


def build_lines(
    document: Document,
    contents: Sequence[Mapping[str, Any]],
    known: Mapping[int, Line],
    *,
    asks_again: bool = False,
) -> list[Line]:
    """Lines (unsaved) from typed rows. `known` are the document's present lines by affair content: a row that
    names one changes it. Raises Invalid with the path of each wrong row.

    What a line leaves out comes from the sheet of its product or service, its price from the catalog's custom
    prices. Such an automatic price follows the quantity, until somebody types one; that of a line made by a
    conversion was agreed on, and stays. With `asks_again` every automatic price is looked up anew.
    """
    prefetch_related_objects(list(known.values()), "product", "service", "variation")
    before = None if asks_again else counted(document, known.values())
    typed: dict[int, _Typed] = {}
    errors: dict[str, list[str]] = {}

    def attempt(number: int, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Invalid as error:
            errors.update({f"contents.{number}.{path}": texts for path, texts in error.errors.items()})
        return None

    reader = _Reader(document, contents, known)
    for number, row in enumerate(contents):
        if (item := attempt(number, lambda row=row: reader.read(row))) is not None:  # type: ignore[misc]
            typed[number] = item
            item.line.line_number = number + 1
    lines = [item.line for item in typed.values()]
    prices = PriceList(document, lines)
    for number, item in typed.items():
        attempt(number, lambda item=item: _finish(document, item, prices, before))  # type: ignore[misc]
    if errors:
        raise Invalid(errors)
    return lines


class _Reader:
    """Reads typed rows into lines, without their prices."""

    def __init__(
        self, document: Document, contents: Sequence[Mapping[str, Any]], known: Mapping[int, Line]
    ) -> None:
        self.document, self.free = document, dict(known)
        varied = [row for row in contents if row.get("variation")]
        sheets.load_variations(row["variation"] for row in varied)
        alone = [row["variation"] for row in varied if not row.get("catalog")]
        prefetch_related_objects(alone, "product")
        elements = [row.get("catalog") for row in contents]
        self.needs = sheets.load(
            [*elements, *(variation.product for variation in alone)],
            [document.vat_rate, *(row.get("vat_rate") for row in contents)],
        )
        self.standard_rate: Callable[[], VatRate | None] = cache(various.default_vat_rate)

    def read(self, row: Mapping[str, Any]) -> _Typed:
        """One row. Raises Invalid (422)."""
        line = _line_to_change(row, self.free)
        before = {name: getattr(line, name) for name in PRICED}
        is_new, is_other = line.pk is None, _choose(line, row)
        if is_other and line.element is not None:
            sheets.take(line, line.element, self.needs)
        for name in PLAIN:
            if name in row:
                setattr(line, name, row[name])
        line.designation = various.clean_html(line.designation)
        _check_designation(line)
        if line.vat_rate is None and is_new:
            line.vat_rate = self.standard_rate()
        if is_new or is_other or "vat_rate" in row:
            line.vat_rate_value = line.vat_rate.rate if line.vat_rate else Decimal(0)
        _set_prices(self.document, line, row)
        _set_quantity(self.document, line, row)
        return _Typed(line, row, before, is_other and line.element is not None)


def _line_to_change(row: Mapping[str, Any], free: dict[int, Line]) -> Line:
    """The line that a row names, each once; else a new one."""
    key = row.get("affair_content")
    if key is None:
        return Line()
    if key not in free:
        raise Invalid(
            {
                "affair_content": _("This document has no such line, or the line is named twice: %(id)s.")
                % {"id": key}
            }
        )
    return free.pop(key)


def _choose(line: Line, row: Mapping[str, Any]) -> bool:
    """Set what a line sells of the catalog; answers whether it is something else than before.

    A variation without its product stands for both. Raises Invalid (422) when they do not belong together.
    """
    former, former_variation = line.element, line.variation
    variation: ProductVariation | None = row.get("variation")
    element: CatalogElement | None = row.get("catalog", former)
    if "catalog" not in row and variation is not None and former in (None, variation.product):
        element = variation.product  # whose links are loaded
    if "variation" not in row and element == former:
        variation = former_variation
    if variation is not None:
        if not isinstance(element, Product) or variation.product_id != element.pk:
            raise Invalid({"variation": _("This is no variation of the product.")})
        variation.product = element  # whose price and links are loaded
    if element == former and variation == former_variation:
        return False
    line.element, line.variation, line.needed_products = element, variation, {}
    return True


# --- Prices ---------------------------------------------------------------------------------------


def _finish(document: Document, item: _Typed, prices: PriceList, before: Counted | None) -> None:
    """Give a line its price, and what follows from it. Raises Invalid (422)."""
    line = item.line
    if line.element is None:
        line.is_price_automatic = False
    else:
        _take_price(document, item, line.element, prices, before)
    _keep_amounts(line, item.before)


def _take_price(
    document: Document, item: _Typed, element: CatalogElement, prices: PriceList, before: Counted | None
) -> None:
    """The catalog's price unless one is typed in, which some elements do not allow."""
    line, name = item.line, f"unit_price_{document.input_mode}"
    price = getattr(prices.of(line), str(document.input_mode))
    if item.has_price:
        line.is_price_automatic = False
    elif item.is_other:
        line.is_price_automatic = True
    if line.is_price_automatic and (item.is_other or prices.follows(line, before)):
        setattr(line, name, price)
    allowed = {price} if item.is_other else {price, item.before[name]}
    sheets.check_price(line, element, name, price, allowed)


def _set_prices(document: Document, line: Line, row: Mapping[str, Any]) -> None:
    """Prices on the document's side: as typed, or converted from the other side."""
    rate = document.vat_rate if document.use_global_vatrate else line.vat_rate
    percent: Decimal = rate.rate if rate is not None else Decimal(0)
    factor = 1 + percent / 100
    for name in ("unit_price", "ecotax_u"):
        side, other = ("ht", "ttc") if document.input_mode == InputMode.HT else ("ttc", "ht")
        given, converted = row.get(f"{name}_{side}"), row.get(f"{name}_{other}")
        if given is None and converted is not None:
            given = round_half_up(converted / factor if side == "ht" else converted * factor, 5)
        if given is not None:
            setattr(line, f"{name}_{side}", given)


def _keep_amounts(line: Line, before: Mapping[str, Any]) -> None:
    """A part of an order's line keeps its share of it; another quantity takes another share, another price a
    price of its own. A deduction of a deposit stays as it is. Raises Invalid."""
    if not line.is_fixed or all(getattr(line, name) == value for name, value in before.items()):
        return
    if line.is_deposit:
        raise Invalid({"unit_price_ht": _("This line deducts a deposit: leave it as it is, or delete it.")})
    if (
        any(getattr(line, name) != value for name, value in before.items() if name != "quantity")
        or not before["quantity"]
    ):
        line.is_fixed = False
    else:
        shares = (
            amounts.part(Decimal(0), line.quantity, before["quantity"])
            for amounts in (net_of(line), ecotax_of(line))
        )
        fix(line, *shares)


# --- Words and quantities -------------------------------------------------------------------------


def _check_designation(line: Line) -> None:
    if line.designation or line.is_pagebreak:
        return
    if line.is_subtotal:
        line.designation = current_team().parameter("sales_subtotal_designation")
        return
    raise Invalid({"designation": _("This field is required.")})


def _set_quantity(document: Document, line: Line, row: Mapping[str, Any]) -> None:
    """A total quantity typed without a first quantity gives the first one."""
    total = row.get("total_quantity")
    if total is None or row.get("quantity") is not None:
        return
    by_document = document.secondary_quantity_mode == "global"
    second = document.secondary_quantity if by_document else line.secondary_quantity
    if document.secondary_quantity_mode == "disable" or not second:
        line.quantity = total
    else:
        line.quantity = round_half_up(total / second, 5)
