"""Suppliers of the demonstration team, what was ordered, what arrived, and stock set right by hand."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from erp.catalog.models import CommandStatus, Product, ProviderCommand, ProviderReference
from erp.catalog.services import create_provider_command, move_by_hand, receive
from erp.core import services as core
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


def fill() -> None:
    """Suppliers with their references, six orders in all states, two movements by hand."""
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
        values = {"product": product, "customer": supplier, "buy_price_ht": product.unit_buy_price_ht}
        core.create(ProviderReference, {**values, "reference": f"{supplier.pk}-{4100 + 7 * number}"})


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
