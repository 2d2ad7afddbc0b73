"""A believable company for demonstrations: what it sells, to whom, and two years of its business."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from stdnum import luhn

from erp.catalog import services as catalog
from erp.catalog.models import Product, Service
from erp.core import services as core
from erp.customers import services as customers
from erp.customers.models import Customer, CustomerType
from erp.sales import services
from erp.sales.choices import Kind, Status
from erp.sales.demo_payments import fill
from erp.sales.models import Document
from erp.various.models import BankAccount, PdfModel, SaleCategory, Unit, VatRate
from erp.various.services import team_today

__all__ = ["COMPANY", "DAYS", "Demo", "fill"]

COMPANY = {
    "company_name": "Atelier Rénov'Habitat",
    "company_type": "SARL",
    "company_siret": "81234567600017",
    "company_vatrate": "FR19812345676",
    "company_rcs": "Lyon B 812 345 676",
    "company_naf": "4391B",
    "company_capital": "20 000 €",
    "road1": "14 quai des Artisans",
    "postal_code": "69007",
    "town": "Lyon",
    "phone": "+33 4 72 00 00 00",
    "email": "bonjour@renov-habitat.example",
    "website": "www.renov-habitat.example",
}
#: How far the business goes back.
DAYS = 730
CUSTOMERS = 200

#: (name, unit, price excl. VAT, cost, VAT rate)
PRODUCTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("Plaque de plâtre BA13 2,50 m", "Unité", "9.80", "5.90", "20"),
    ("Plaque de plâtre hydrofuge 2,50 m", "Unité", "14.60", "9.10", "20"),
    ("Rail R48 3 m", "Unité", "4.20", "2.40", "20"),
    ("Montant M48 2,50 m", "Unité", "3.90", "2.10", "20"),
    ("Laine de verre 100 mm", "m²", "7.50", "4.30", "5.5"),
    ("Laine de bois 145 mm", "m²", "19.90", "12.80", "5.5"),
    ("Ouate de cellulose insufflée", "m²", "24.00", "11.50", "5.5"),
    ("Pare-vapeur armé", "m²", "2.10", "0.95", "5.5"),
    ("Enduit de rebouchage 25 kg", "Unité", "21.50", "13.20", "20"),
    ("Peinture acrylique mate blanche 10 L", "Unité", "78.00", "44.00", "20"),
    ("Peinture satinée 2,5 L", "Unité", "36.50", "19.80", "20"),
    ("Sous-couche universelle 10 L", "Unité", "49.00", "27.00", "20"),
    ("Carrelage grès cérame 60 × 60", "m²", "34.90", "19.50", "20"),
    ("Faïence blanche 20 × 40", "m²", "22.90", "11.40", "20"),
    ("Colle carrelage C2 25 kg", "Unité", "18.70", "10.60", "20"),
    ("Joint carrelage gris 5 kg", "Unité", "11.20", "5.80", "20"),
    ("Parquet contrecollé chêne 14 mm", "m²", "52.00", "33.00", "20"),
    ("Plinthe chêne 70 mm", "Mètre", "7.40", "3.90", "20"),
    ("Sol vinyle clipsable", "m²", "29.50", "16.90", "20"),
    ("Ragréage autolissant 25 kg", "Unité", "23.80", "14.10", "20"),
    ("Fenêtre PVC double vitrage 120 × 100", "Unité", "289.00", "178.00", "5.5"),
    ("Porte-fenêtre PVC 215 × 120", "Unité", "548.00", "339.00", "5.5"),
    ("Volet roulant solaire 120 × 110", "Unité", "412.00", "255.00", "10"),
    ("Porte d'entrée aluminium", "Unité", "1490.00", "930.00", "5.5"),
    ("Bloc-porte isoplane 83 cm", "Unité", "94.00", "55.00", "20"),
    ("Poignée de porte inox", "Unité", "24.90", "12.00", "20"),
    ("Receveur de douche 90 × 120", "Unité", "268.00", "158.00", "20"),
    ("Paroi de douche 120 cm", "Unité", "345.00", "205.00", "20"),
    ("WC suspendu avec bâti", "Unité", "389.00", "236.00", "20"),
    ("Meuble vasque 80 cm", "Unité", "428.00", "251.00", "20"),
    ("Robinet mitigeur de lavabo", "Unité", "79.00", "41.00", "20"),
    ("Mitigeur thermostatique de douche", "Unité", "139.00", "74.00", "20"),
    ("Sèche-serviettes 750 W", "Unité", "259.00", "149.00", "20"),
    ("Radiateur à inertie 1500 W", "Unité", "489.00", "301.00", "20"),
    ("Chauffe-eau thermodynamique 200 L", "Unité", "2190.00", "1480.00", "5.5"),
    ("Pompe à chaleur air-eau 8 kW", "Unité", "6890.00", "4750.00", "5.5"),
    ("VMC hygroréglable type B", "Unité", "349.00", "198.00", "5.5"),
    ("Tableau électrique 3 rangées", "Unité", "214.00", "121.00", "20"),
    ("Disjoncteur 16 A", "Unité", "11.90", "5.60", "20"),
    ("Interrupteur différentiel 40 A", "Unité", "49.00", "27.50", "20"),
    ("Prise de courant 16 A", "Unité", "8.90", "3.70", "20"),
    ("Câble R2V 3G2,5", "Mètre", "1.95", "0.98", "20"),
    ("Spot LED encastré", "Unité", "14.50", "6.80", "20"),
    ("Tube multicouche 16 mm", "Mètre", "2.60", "1.25", "20"),
    ("Évacuation PVC 100 mm", "Mètre", "6.90", "3.40", "20"),
    ("Tuile mécanique terre cuite", "m²", "27.00", "15.80", "10"),
    ("Gouttière zinc 25 cm", "Mètre", "31.00", "17.90", "10"),
    ("Chevron sapin 63 × 75", "Mètre", "5.40", "3.10", "10"),
    ("Panneau OSB 18 mm", "m²", "16.90", "10.40", "20"),
    ("Bastaing 63 × 175", "Mètre", "9.60", "5.70", "20"),
    ("Béton prêt à l'emploi", "m³", "142.00", "98.00", "20"),
    ("Treillis soudé ST25", "Unité", "48.00", "31.00", "20"),
    ("Parpaing creux 20 × 20 × 50", "Unité", "1.85", "1.05", "20"),
    ("Mortier prêt à gâcher 25 kg", "Unité", "7.20", "4.00", "20"),
    ("Terrasse composite", "m²", "89.00", "56.00", "10"),
    ("Clôture aluminium 1,80 m", "Mètre", "124.00", "79.00", "10"),
    ("Portail coulissant 3,50 m", "Unité", "1980.00", "1290.00", "10"),
    ("Motorisation de portail", "Unité", "589.00", "362.00", "10"),
    ("Borne de recharge 7,4 kW", "Unité", "1090.00", "690.00", "5.5"),
    ("Benne à gravats 8 m³", "Unité", "420.00", "340.00", "20"),
)
#: (name, unit, price excl. VAT, hours for one, products used up with their quantities)
WORKS: tuple[tuple[str, str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Dépose et évacuation de l'existant", "m²", "38.00", "0.7", ()),
    (
        "Pose de cloisons",
        "m²",
        "31.00",
        "0.6",
        (("Rail R48 3 m", "0.3"), ("Montant M48 2,50 m", "0.7")),
    ),
    (
        "Préparation et peinture des murs",
        "m²",
        "24.50",
        "0.5",
        (("Enduit de rebouchage 25 kg", "0.02"), ("Sous-couche universelle 10 L", "0.015")),
    ),
    (
        "Pose de carrelage",
        "m²",
        "46.00",
        "0.9",
        (("Colle carrelage C2 25 kg", "0.2"), ("Joint carrelage gris 5 kg", "0.1")),
    ),
    ("Raccordements électriques", "Heure", "52.00", "1", (("Câble R2V 3G2,5", "3"),)),
    ("Raccordements d'eau", "Heure", "54.00", "1", (("Tube multicouche 16 mm", "2"),)),
    ("Pose de menuiseries", "Unité", "180.00", "3.5", ()),
    ("Nettoyage de fin de chantier", "Unité", "290.00", "6", ()),
)
FIRST_NAMES = (
    "Camille",
    "Louise",
    "Inès",
    "Hugo",
    "Léon",
    "Nadia",
    "Karim",
    "Paul",
    "Sophie",
    "Marc",
    "Élodie",
    "Thomas",
    "Aïcha",
    "Julien",
    "Claire",
    "Yann",
    "Manon",
    "Olivier",
    "Fatou",
    "Gaël",
)
LAST_NAMES = (
    "Martin",
    "Bernard",
    "Petit",
    "Durand",
    "Moreau",
    "Lefèvre",
    "Garcia",
    "Roux",
    "Fontaine",
    "Chevalier",
    "Benali",
    "Nguyen",
    "Diallo",
    "Perrin",
    "Morel",
    "Girard",
    "Bonnet",
    "Lambert",
    "Faure",
    "Mercier",
)
TRADES = (
    "Boulangerie",
    "Cabinet",
    "Clinique",
    "École",
    "Garage",
    "Hôtel",
    "Immobilière",
    "Librairie",
    "Menuiserie",
    "Pharmacie",
    "Restaurant",
    "Syndic",
)
TOWNS = (
    ("Lyon", "69003"),
    ("Villeurbanne", "69100"),
    ("Caluire-et-Cuire", "69300"),
    ("Bron", "69500"),
    ("Vénissieux", "69200"),
    ("Écully", "69130"),
    ("Tassin-la-Demi-Lune", "69160"),
    ("Oullins", "69600"),
)
ROADS = (
    "rue de la République",
    "avenue Jean-Jaurès",
    "rue des Lilas",
    "cours Gambetta",
    "chemin du Moulin",
    "place du Marché",
    "rue Victor-Hugo",
    "impasse des Tilleuls",
)
JOBS = (
    "Rénovation de la salle de bain",
    "Isolation des combles",
    "Réfection de la cuisine",
    "Aménagement de bureaux",
    "Remplacement des menuiseries",
    "Création d'une terrasse",
    "Mise aux normes électriques",
    "Ravalement intérieur",
)


def siret(number: int) -> str:
    """A SIRET whose check digits hold."""
    siren = f"9{number:07d}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


class Demo:
    """Makes the data, always the same for the same day. Works in the team in scope."""

    def __init__(self, seed: int = 2024) -> None:
        self.random = random.Random(seed)  # noqa: S311 (demonstration data)
        self.rates = {str(rate.rate.normalize()): rate for rate in VatRate.objects.order_by("-pk")}
        self.pdf_model = PdfModel.objects.first()

    # --- Lists, products, customers ---------------------------------------------------------------

    def account(self) -> None:
        """The company's bank account."""
        values = {
            "name": "Compte courant",
            "owner": COMPANY["company_name"],
            "iban": "FR7630006000011234567890189",
            "bic": "AGRIFRPP",
            "use_default": True,
        }
        core.create(BankAccount, values)

    def products(self) -> Iterator[Product]:
        """The catalog."""
        units = {unit.label: unit for unit in Unit.objects.all()}
        category = SaleCategory.objects.first()
        for name, unit, price, cost, rate in PRODUCTS:
            stock = Decimal(self.random.randrange(0, 120))
            yield catalog.create_product(
                {
                    "name": name,
                    "unit": units.get(unit),
                    "unit_price_ht": Decimal(price),
                    "unit_buy_price_ht": Decimal(cost),
                    "vat_rate": self._rate(rate),
                    "with_stock": True,
                    "stock_quantity": stock,
                    "stock_theoretical_quantity": stock,
                    "sale_category": category,
                    "stock_alert": Decimal(10),
                    "stock_minimum": Decimal(5),
                }
            )

    def works(self, products: Sequence[Product]) -> Iterator[Service]:
        """What the company does, with the products that it takes."""
        units = {unit.label: unit for unit in Unit.objects.all()}
        by_name = {product.name: product for product in products}
        for name, unit, price, hours, needs in WORKS:
            yield catalog.create_service(
                {
                    "name": name,
                    "unit": units.get(unit),
                    "unit_price_ht": Decimal(price),
                    "vat_rate": self._rate("10"),
                    "duration": Decimal(hours),
                    "hourly_person_cost": Decimal(28),
                    "work_description": "Protéger les sols, photographier l'état des lieux.",
                    "products": [
                        {"product": by_name[product], "quantity": Decimal(quantity)}
                        for product, quantity in needs
                    ],
                }
            )

    def _rate(self, rate: str) -> VatRate:
        return self.rates[str(Decimal(rate).normalize())]

    def customers(self) -> Iterator[Customer]:
        """Companies, people and prospects of the region."""
        company = CustomerType.objects.filter(is_company=True).order_by("-use_default", "pk").first()
        person = CustomerType.objects.filter(is_person=True).order_by("pk").first()
        for number in range(CUSTOMERS):
            is_company = number % 3 != 0
            values = self._company(number) if is_company else self._person(number)
            values |= {
                "type": company if is_company else person,
                "address_invoice": self._address(),
                "is_prospect": number % 5 == 4,
                "is_customer": number % 5 != 4,
                "phone": f"+33 4 78 {number // 100:02d} {number % 100:02d} 00",
            }
            yield customers.create_customer(values)

    def _company(self, number: int) -> dict[str, Any]:
        name = f"{TRADES[number % len(TRADES)]} {LAST_NAMES[number * 7 % len(LAST_NAMES)]}"
        name = name if number < 120 else f"{name} & Fils"
        return {
            "company_name": f"{name} {number}" if number >= 60 else name,
            "company_siret": siret(number + 1000),
            "email": f"contact{number}@client.example",
            "company_type": self.random.choice(("SARL", "SAS", "EURL")),
        }

    def _person(self, number: int) -> dict[str, Any]:
        return {
            "firstname": FIRST_NAMES[number % len(FIRST_NAMES)],
            "lastname": LAST_NAMES[number * 3 % len(LAST_NAMES)],
            "email": f"particulier{number}@client.example",
        }

    def _address(self) -> dict[str, Any]:
        from erp.various.models import Country

        town, code = self.random.choice(TOWNS)
        road = f"{self.random.randrange(1, 140)} {self.random.choice(ROADS)}"
        return {"road1": road, "postal_code": code, "town": town, "country": Country.objects.get(code="FR")}

    # --- Two years of business ----------------------------------------------------------------------

    def days(self) -> list[datetime.date]:
        """The working days on which a quotation is made."""
        today = team_today()
        days = (today - datetime.timedelta(days=back) for back in range(DAYS, -1, -1))
        return [day for day in days if day.weekday() < 5]

    def events(self, days: list[datetime.date]) -> list[tuple[datetime.date, int]]:
        """(day, deal) in order of time: deals advance day after day, as dates of a series never go back."""
        return [(day, number) for number, day in enumerate(days) if self.random.random() < 0.55]

    def deal(
        self, day: datetime.date, buyers: list[Customer], products: list[Product], works: list[Service]
    ) -> Document:
        """One deal of a day, taken as far as its age and its luck allow."""
        quotation = self._quotation(day, self.random.choice(buyers), self._contents(products, works))
        age = (team_today() - day).days
        luck = self.random.random()
        if luck < 0.08 or age < 3:
            return quotation
        services.validate(quotation)
        if luck < 0.22:
            services.set_status(quotation, Status.SENT)
        elif luck < 0.34:
            services.set_status(quotation, Status.REFUSED)
        elif luck < 0.40:
            services.convert(quotation, "proforma", {"date": day, "is_draft": False})
        else:
            self._order(quotation, day, luck)
        return quotation

    def _quotation(self, day: datetime.date, customer: Customer, contents: list[dict[str, Any]]) -> Document:
        return services.create_document(
            Kind.QUOTATION,
            {
                "date": day,
                "customer": customer,
                "pdf_model": self.pdf_model,
                "title": self.random.choice(JOBS),
                "global_discount_value": Decimal(self.random.choice((0, 0, 0, 0, 3, 5))),
                "contents": contents,
            },
        )

    def _contents(self, products: list[Product], works: list[Service]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [{"is_comments": True, "designation": "<b>Fournitures</b>"}]
        rows.extend(
            {"catalog": product, "quantity": Decimal(self.random.randrange(1, 25))}
            for product in self.random.sample(products, self.random.randrange(1, 5))
        )
        rows.append({"is_subtotal": True, "designation": "Sous-total fournitures"})
        rows.extend(
            {"catalog": work, "quantity": Decimal(self.random.randrange(4, 40))}
            for work in self.random.sample(works, self.random.randrange(1, 4))
        )
        return rows

    def _order(self, quotation: Document, day: datetime.date, luck: float) -> None:
        order = services.convert(quotation, "command", {"date": day, "is_draft": False})
        if luck < 0.48:
            return
        if luck < 0.62:
            services.convert(
                order, "deposit-invoice", {"date": day, "is_draft": False, "percentage": Decimal(30)}
            )
        if luck < 0.56:
            return
        delivery = services.convert(
            order, "deliver", {"date": day, "is_draft": False, **self._half(order, luck)}
        )
        if luck > 0.70:
            services.set_status(delivery, Status.SENT)
        invoice = services.convert(order, "bill", {"date": day, "is_draft": luck > 0.985})
        if not invoice.is_draft:
            services.set_status(invoice, Status.SENT)
            if luck > 0.96:
                services.convert(invoice, "cancel", {"date": day, "is_draft": False})

    def _half(self, order: Document, luck: float) -> dict[str, Any]:
        """Sometimes only a part is delivered at first."""
        if luck > 0.68:
            return {}
        line = next(line for line in order.contents.all() if line.is_goods)
        return {"contents": [{"id": line.affair_content_id, "quantity": Decimal(1)}]}
