"""Suppliers of the demonstration team, what was ordered, what arrived, and stock set right by hand."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from erp.catalog.models import CommandStatus, Product, ProviderCommand
from erp.catalog.services import (
    create_product,
    create_provider_command,
    move_by_hand,
    receive,
    update_product,
)
from erp.core.scope import current_team
from erp.customers.models import Contact, Customer, CustomerType
from erp.customers.services import create_contact, create_customer
from erp.various.services import team_today
from tenants.models import TeamUser

__all__ = ["fill"]

#: (name, address, contact, words in the names of what it sells)
SUPPLIERS: tuple[tuple[str, dict[str, str], tuple[str, str], tuple[str, ...]], ...] = (
    (
        "Négoce Rhône Matériaux",
        {"road1": "112 route de Vienne", "postal_code": "69008", "town": "Lyon"},
        ("Hervé", "Blanchard"),
        ("plâtre", "Rail", "Montant", "Laine", "Enduit", "Mortier"),
    ),
    (
        "Sanitaire & Thermique du Sud-Est",
        {"road1": "Parc des Gaulnes, 5 rue Marcel-Mérieux", "postal_code": "69330", "town": "Meyzieu"},
        ("Nadia", "Ferrand"),
        ("douche", "lavabo", "WC", "Chauffe", "Radiateur", "Pompe"),
    ),
    (
        "Électro Distribution Saône",
        {"road1": "28 rue du Port", "postal_code": "71000", "town": "Mâcon"},
        ("Julien", "Tissot"),
        ("Disjoncteur", "Interrupteur", "Prise", "Câble", "Spot", "Tableau"),
    ),
)
#: (supplier, days ago, title, part of each line that arrived, status when nothing did)
ORDERS: tuple[tuple[int, int, str, tuple[str, ...], CommandStatus], ...] = (
    (0, 46, "Réassort plâtrerie", ("1", "1", "1"), CommandStatus.WAITING),
    (1, 38, "Chantier salle de bain", ("1", "1"), CommandStatus.WAITING),
    (2, 27, "Réassort appareillage", ("1", "1", "1"), CommandStatus.WAITING),
    (0, 16, "Isolation des combles", ("1", "0.5", "0"), CommandStatus.WAITING),
    (2, 6, "Tableaux et protections", (), CommandStatus.WAITING),
    (1, 1, "Devis à confirmer", (), CommandStatus.DRAFT),
)


#: (name, price, cost, levels with their values): products that come in several variations.
VARIED: tuple[tuple[str, str, str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "Polo de travail",
        "24.00",
        "11.50",
        (("Taille", ("S", "M", "L", "XL")), ("Couleur", ("Gris", "Marine"))),
    ),
    ("Peinture acrylique mate 10 L", "89.00", "48.00", (("Teinte", ("Blanc", "Lin", "Gris perle")),)),
)
#: (words in the name, (from, to, price)…): products that are cheaper by quantity.
TIERS: tuple[tuple[str, tuple[tuple[int, int | None, str], ...]], ...] = (
    ("Plaque de plâtre BA13", ((1, 49, "9.80"), (50, 199, "9.10"), (200, None, "8.60"))),
    ("Laine de verre", ((1, 99, "7.50"), (100, None, "6.80"))),
)


def fill() -> None:
    """Suppliers with their references, six orders in all states, two movements by hand; products that come in
    several variations, and prices that depend on the quantity or the customer."""
    products = list(Product.objects.select_related("vat_rate").order_by("pk"))
    if not products or Customer.objects.filter(name=SUPPLIERS[0][0]).exists():
        return
    _settings()
    suppliers = [_supplier(*supplier) for supplier in SUPPLIERS]
    shelves = [_sold_by(products, words) for _name, _address, _person, words in SUPPLIERS]
    for supplier, shelf in zip(suppliers, shelves, strict=True):
        _refer(supplier, shelf)
    for number, ago, title, arrived, status in ORDERS:
        _order(suppliers[number], shelves[number], ago, title, arrived, status)
    broken, found = shelves[0][0], shelves[2][0]
    move_by_hand(broken, "real", Decimal(-2), "Casse à la manutention")
    move_by_hand(found, "real", Decimal(4), "Retour de chantier")
    for product in VARIED:
        _varied(*product)
    _custom_prices(products)


def _settings() -> None:
    """Goods are delivered to the workshop; the owner is told when a stock runs out."""
    team = current_team()
    owner = TeamUser.objects.get(is_owner=True)
    team.configs = {
        **team.configs,
        "provider_command_delivery_address_road1": team.road1,
        "provider_command_delivery_address_postal_code": team.postal_code,
        "provider_command_delivery_address_town": team.town,
        "stock_notifications_users": [owner.pk],
    }
    team.save()


def _supplier(
    name: str, address: dict[str, str], person: tuple[str, str], words: tuple[str, ...]
) -> Customer:
    supplier = create_customer(
        {
            "is_provider": True,
            "type": CustomerType.objects.filter(is_company=True).first(),
            "company_name": name,
            "address_invoice": {**address, "country": current_team().country},
        }
    )
    create_contact({"firstname": person[0], "lastname": person[1], "customers": [supplier]})
    return supplier


def _sold_by(products: Sequence[Product], words: tuple[str, ...]) -> list[Product]:
    return [product for product in products if any(word in product.name for word in words)]


def _refer(supplier: Customer, shelf: Sequence[Product]) -> None:
    """What the supplier calls its products, at the price that the catalog knows."""
    for number, product in enumerate(shelf):
        values = {"customer": supplier, "buy_price_ht": product.unit_buy_price_ht}
        reference = {**values, "reference": f"{supplier.pk}-{4100 + 7 * number}"}
        update_product(product, {"add_providers_references": [reference]})


def _varied(name: str, price: str, cost: str, levels: tuple[tuple[str, tuple[str, ...]], ...]) -> Product:
    """A product in every combination of its values, of which there are a few each; the last is dearer."""
    combinations = list(itertools.product(*(values for _label, values in levels)))
    rows = [
        {
            **{f"level{level}": value for level, value in enumerate(values, 1)},
            "reference": "-".join([name[:4].upper(), *(value[:2].upper() for value in values)]),
            "stock_quantity": Decimal(3 + 5 * number % 11),
            "stock_theoretical_quantity": Decimal(3 + 5 * number % 11),
        }
        for number, values in enumerate(combinations)
    ]
    rows[-1]["unit_price_ht"] = Decimal(price) + 2
    return create_product(
        {
            "name": name,
            "unit_price_ht": Decimal(price),
            "unit_buy_price_ht": Decimal(cost),
            "with_stock": True,
            "stock_minimum": Decimal(5),
            **{f"variation_level{level}": label for level, (label, _values) in enumerate(levels, 1)},
            "variations": rows,
        }
    )


def _custom_prices(products: Sequence[Product]) -> None:
    """Some products cheaper by quantity, one for companies and cheaper still for a good customer."""
    for words, tiers in TIERS:
        for product in (row for row in products if words in row.name):
            rows = [
                {"minimum": minimum, "maximum": maximum, "price": Decimal(price)}
                for minimum, maximum, price in tiers
            ]
            update_product(product, {"custom_price_mode": "quantity", "custom_quantity_prices": rows})
    customer = Customer.objects.filter(is_customer=True, type__is_company=True).order_by("pk").first()
    mortar = next((row for row in products if "Mortier" in row.name), None)
    if mortar is not None and customer is not None:
        rows = [
            {"customer_type": customer.type, "price": mortar.unit_price_ht * Decimal("0.95")},
            {"customer": customer, "price": mortar.unit_price_ht * Decimal("0.88")},
        ]
        update_product(mortar, {"custom_price_mode": "customer", "custom_type_prices": rows})


def _order(
    supplier: Customer,
    shelf: Sequence[Product],
    ago: int,
    title: str,
    arrived: tuple[str, ...],
    status: CommandStatus,
) -> ProviderCommand:
    """An order of some products of the shelf, of which the named parts arrived since."""
    count = len(arrived) or 3
    start = ago % max(len(shelf) - count, 1)
    command = create_provider_command(
        {
            "provider": supplier,
            "contact": Contact.objects.filter(customers=supplier).first(),
            "date": team_today() - datetime.timedelta(days=ago),
            "title": title,
            "status": status,
            "contents": [
                {"product": product, "quantity": Decimal(20)} for product in shelf[start : start + count]
            ],
        }
    )
    receipts = list(_receipts(command, arrived))
    return receive(command, receipts) if receipts else command


def _receipts(command: ProviderCommand, arrived: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for line, part in zip(command.contents.all(), arrived, strict=False):
        if quantity := line.quantity * Decimal(part):
            yield {"id": line, "delivered_quantity": quantity}
