"""Two years of charges of the demonstration company: what comes every month, materials, credits, payments."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from erp.charges.choices import ChargeType
from erp.charges.models import Charge
from erp.charges.services import SETTLEMENT, create_charge
from erp.customers.models import Customer, CustomerType
from erp.customers.services import create_customer
from erp.sales import demo as sales
from erp.various.models import BankAccount, ChargeCategory, PaymentMethod, VatRate
from erp.various.services import team_today

__all__ = ["fill"]

#: What comes again: (supplier, title, account, price excl. VAT, VAT rate, every so many months, day).
REGULAR: tuple[tuple[str, str, str, str, str, int, int], ...] = (
    ("SCI des Artisans", "Loyer de l'atelier", "6132", "1450", "20", 1, 1),
    ("Télécom Rhône", "Téléphones et internet", "626", "89.90", "20", 1, 5),
    ("Cabinet Perrin Expertise", "Honoraires comptables", "6226", "310", "20", 1, 10),
    ("Énergies du Sud-Est", "Électricité de l'atelier", "6061", "264", "20", 2, 12),
    ("Assurances Bâti Confiance", "Assurance décennale", "616", "1180", "0", 3, 3),
    ("Location Outillage 69", "Location de nacelle", "6135", "420", "20", 2, 18),
)
#: What suppliers of materials bill: (part of the supplier's name, titles).
MATERIALS = (
    ("Négoce", ("Plaques et ossature", "Isolants", "Enduits et colles", "Bois de structure")),
    ("Sanitaire", ("Appareils sanitaires", "Robinetterie", "Radiateurs")),
    ("Électro", ("Appareillage électrique", "Câbles et gaines", "Éclairage")),
)
#: Days after which charges are paid.
PAID_AFTER = 35


def fill() -> None:
    """Make the suppliers, their charges and credits, and pay all that is old enough but a few."""
    if Charge.objects.exists():
        return
    chance = random.Random(11)  # noqa: S311 (demonstration data)
    made = [create_charge(values) for values in sorted(_charges(chance), key=lambda row: row["date"])]
    _credit(made)
    _pay(made, chance)


def _charges(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Bodies of charges, in any order."""
    today = team_today()
    rates = {f"{rate.rate.normalize():f}": rate for rate in VatRate.objects.order_by("-pk")}
    categories = {category.account_number: category for category in ChargeCategory.objects.all()}
    months = sorted({(today - datetime.timedelta(days=back)).replace(day=1) for back in range(sales.DAYS)})
    for name, title, account, price, rate, every, day in REGULAR:
        supplier = _supplier(name)
        for number, month in enumerate(months):
            if number % every == 0 and (date := month.replace(day=day)) <= today:
                amount = Decimal(price) * chance.choice((1, 1, 1, Decimal("1.04")))
                line = {"charge_category": categories.get(account), "vat_rate": rates.get(rate, rates["20"])}
                yield _charge(supplier, f"{title} {date:%m/%Y}", title, date, amount, line)
    for word, titles in MATERIALS:
        supplier = Customer.objects.filter(is_provider=True, name__startswith=word).first() or _supplier(word)
        for month in months:
            date = month + datetime.timedelta(days=chance.randrange(0, 27))
            if date <= today:
                amount = Decimal(chance.randrange(18000, 240000)) / 100
                line = {"charge_category": categories.get("601"), "vat_rate": rates["20"]}
                yield _charge(supplier, chance.choice(titles), "Fournitures de chantier", date, amount, line)


def _charge(
    supplier: Customer,
    title: str,
    designation: str,
    date: datetime.date,
    price: Decimal,
    line: dict[str, Any],
) -> dict[str, Any]:
    row = {"designation": designation, "unit_price_ht": round(price, 2), "quantity": Decimal(1), **line}
    reference = f"{supplier.name[:3].upper()}-{date:%y%m%d}"
    given = {"customer": supplier, "title": title, "date": date, "invoice_reference": reference}
    return {**given, "status": 2, "contents": [row]}


def _supplier(name: str) -> Customer:
    company = CustomerType.objects.filter(is_company=True).order_by("-use_default", "pk").first()
    return create_customer({"type": company, "company_name": name, "is_provider": True, "is_customer": False})


def _credit(made: list[Charge]) -> None:
    """Two suppliers take something back: one credit pays a charge, the other waits."""
    materials = [charge for charge in made if charge.contents.filter(charge_category__account_number="601")]
    rate = VatRate.objects.filter(rate=20).first()
    for charge, price in zip(materials[-3:-1], ("84.50", "36"), strict=False):
        line = {"designation": "Retour de marchandises", "unit_price_ht": Decimal(price), "vat_rate": rate}
        credit = create_charge(
            {
                "type": ChargeType.CREDIT,
                "customer": charge.customer,
                "title": f"Avoir sur {charge.invoice_reference}",
                "date": charge.date,
                "status": 2,
                "contents": [{**line, "quantity": Decimal(1)}],
            }
        )
        if price != "36":
            SETTLEMENT.use_credits(charge, {"add_credits": [credit]})


def _pay(made: list[Charge], chance: random.Random) -> None:
    """One transfer a month pays what each supplier billed, in part now and then."""
    today = team_today()
    account = BankAccount.objects.order_by("-use_default", "pk").first()
    transfer = PaymentMethod.objects.order_by("-type").first()
    together: dict[tuple[int, int, int], list[Charge]] = {}
    for charge in SETTLEMENT.open_documents().filter(type=ChargeType.CHARGE).order_by("date", "pk"):
        together.setdefault((charge.customer_id, charge.date.year, charge.date.month), []).append(charge)
    for charges in together.values():
        date = charges[-1].date + datetime.timedelta(days=PAID_AFTER)
        if date > today or chance.random() < 0.03:
            continue
        part = Decimal("0.5") if chance.random() < 0.04 else Decimal(1)
        rows = [{"id": charge, "amount": round(charge.stay_to_pay * part, 2)} for charge in charges]
        SETTLEMENT.create(
            {
                "date": date,
                "payment_method": transfer,
                "account": account,
                "reference": f"VIR {date:%y%m%d}",
                "charges": rows,
            }
        )
