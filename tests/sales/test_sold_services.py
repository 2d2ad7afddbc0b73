"""Lines that sell services: what they take from the sheet, what they cost, which products they use up."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.catalog.models import Product, Service
from erp.catalog.services import adjust_stock, create_product, create_service, update_service
from erp.core.errors import Invalid
from erp.sales import services
from erp.sales.models import Line
from erp.sales.services.snapshot import legal_mentions
from erp.various.models import PdfModel, SaleCategory, Unit
from tests.sales.test_document_stock import chain

EVERYTHING = "contents.catalog,contents.vat_rate,contents.unit,contents.sale_category"


@pytest.fixture
def plates(scope, rates):
    """A product whose stock is managed, 100 of them in both stocks."""
    plates = create_product({"name": "Plaque", "with_stock": True, "unit_buy_price_ht": Decimal(4)})
    for kind in ("real", "theoretical"):
        adjust_stock(plates, kind, Decimal(100), "initial")
    return plates


@pytest.fixture
def service(scope, rates, plates):
    """Two people for half a day, and three and a half plates."""
    return create_service(
        {
            "reference": "S1",
            "name": "Pose",
            "designation": "Pose de cloison",
            "work_description": "Prévoir un escabeau",
            "unit_price_ht": Decimal(500),
            "various_costs": Decimal(20),
            "vat_rate": rates["10"],
            "unit": Unit.objects.create(label="Forfait"),
            "sale_category": SaleCategory.objects.first(),
            "default_quantity": Decimal(2),
            "hourly_person_cost": Decimal(30),
            "number_people_needed": 2,
            "duration": Decimal("0.5"),
            "duration_type": "day",
            "products": [{"product": plates, "quantity": Decimal("3.5")}],
        }
    )


@pytest.fixture
def sell(customer, service):
    """sell("command"): a document of two such services, which need seven plates; or of the lines given."""

    def sell(kind="quotation", *lines, **values):
        contents = list(lines) or [{"catalog": service, "quantity": Decimal(2)}]
        given = {"customer": customer, "pdf_model": PdfModel.objects.first(), "contents": contents}
        return services.create_document(kind, {**given, **values})

    return sell


def named(element):
    """A catalog element as bodies name it."""
    return {"type": type(element).__name__.lower(), "id": element.pk}


@pytest.fixture
def post(api, body):
    def post(*contents):
        response = api.post("/sales/quotation", body(contents=list(contents)))
        assert response.status_code == 201, response.json()
        return response.json()

    return post


# --- The sheet --------------------------------------------------------------------------------------


def test_a_line_starts_from_the_sheet_of_its_service(post, service, rates):
    document = post({"catalog": named(service)})
    [line] = document["contents"]
    expected = {
        "catalog": {"type": "service", "id": service.pk},
        "reference": "S1",
        "designation": "Pose de cloison",
        "comments": "Prévoir un escabeau",
        "ean_code": None,
        "quantity": "2.00000",
        "unit_id": service.unit_id,
        "sale_category_id": service.sale_category_id,
        "vat_rate_id": rates["10"].pk,
        "unit_price_ht": "500.00000",
        "total_ht": "1000.00",
        "catalog_costs_u": 14,
        "various_costs_u": 20,
        "hourly_person_cost": 30,
        "number_people_needed": 2,
        "duration": 0.5,
        "duration_type": "day",
        "workforce_costs_u": 210,
        "total_charge_u": 244,
        "total_duration_hour": 7,
        "gross_margin_amount": 512,
    }
    assert {name: line[name] for name in expected} == expected
    assert (document["workforce_costs"], document["total_duration_hour"], document["nb_people_needed"]) == (
        420,
        7,
        2,
    )


def test_what_is_typed_counts_before_the_sheet(post, service):
    [line] = post(
        {"catalog": named(service), "designation": "Autre", "unit_price_ht": 90, "quantity": 1,
         "duration": 3, "duration_type": "hour", "number_people_needed": 1, "comments": "Vu"}
    )["contents"]  # fmt: skip
    assert (line["designation"], line["comments"], line["total_ht"]) == ("Autre", "Vu", "90.00")
    assert (line["workforce_costs_u"], line["catalog_costs_u"]) == (90, 14)


def test_a_line_keeps_what_it_took(api, post, service, plates):
    document = post({"catalog": named(service)})
    update_service(service, {"unit_price_ht": Decimal(1), "duration": Decimal(9), "products": []})
    [row] = document["contents"]
    typed = {"affair_content": row["affair_content_id"], "catalog": named(service), "quantity": 3}
    answer = api.put(f"/sales/quotation/{document['id']}", {"contents": [typed]}).json()
    [line] = answer["contents"]
    assert (line["unit_price_ht"], line["duration"], line["total_ht"]) == ("500.00000", 0.5, "1500.00")
    assert Line.objects.get().needed_products == {str(plates.pk): "3.50000"}


def test_another_element_replaces_all_of_the_sheet(sell, service, plates):
    document = sell()
    content = document.contents.get().affair_content_id
    services.update_document(document, {"contents": [{"affair_content": content, "catalog": plates}]})
    line = document.contents.get()
    assert (line.product, line.service, line.needed_products) == (plates, None, {})
    assert (line.duration, line.number_people_needed, line.workforce_costs_u) == (0, 0, 0)
    assert line.catalog_costs_u == 4
    services.update_document(document, {"contents": [{"affair_content": content, "catalog": service}]})
    line = document.contents.get()
    assert (line.product, line.service, line.workforce_costs_u) == (None, service, 210)
    services.update_document(document, {"contents": [{"affair_content": content, "catalog": None}]})
    line = document.contents.get()
    assert (line.element, line.needed_products, line.workforce_costs_u) == (None, {}, 210)


def test_a_fixed_price_stays(sell, service):
    update_service(service, {"cant_change_price": True})
    with pytest.raises(Invalid) as refusal:
        sell("quotation", {"catalog": service, "unit_price_ht": Decimal(1)})
    assert list(refusal.value.errors) == ["contents.0.unit_price_ht"]
    assert sell().total_ht == 1000


@pytest.mark.parametrize(
    ("catalog", "path"),
    [
        ({"type": "service", "id": 987654321}, "contents.0.catalog.id"),
        ({"type": "service"}, "contents.0.catalog.id"),
        ({"type": "servant", "id": 1}, "contents.0.catalog.type"),
        ({"type": ["service"], "id": 1}, "contents.0.catalog.type"),
        (7, "contents.0.catalog"),
    ],
)
def test_wrong_elements_are_refused_by_their_place(api, body, catalog, path):
    response = api.post("/sales/quotation", body(contents=[{"catalog": catalog}]))
    assert (response.status_code, list(response.json()["errors"])) == (422, [path])


def test_another_team_s_service_does_not_exist(other_api, api, body):
    theirs = other_api.post("/catalog/service", {"name": "Secret"}).json()["id"]
    link = {"type": "service", "id": theirs}
    response = api.post("/sales/quotation", body(contents=[{"catalog": link}]))
    assert list(response.json()["errors"]) == ["contents.0.catalog.id"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.decimals(0, 999, places=2),
    duration=st.decimals("0.1", 99, places=1),
    people=st.integers(0, 5),
    kind=st.sampled_from(["minute", "hour", "day"]),
    typed=st.none() | st.decimals(0, 999, places=2),
)
def test_a_line_costs_what_its_service_costs(sell, price, duration, people, kind, typed):
    service = create_service(
        {
            "name": "Any",
            "unit_price_ht": price,
            "various_costs": Decimal("1.5"),
            "hourly_person_cost": Decimal(25),
            "number_people_needed": people,
            "duration": duration,
            "duration_type": kind,
            "workforce_costs": typed,
        }
    )
    line = sell("quotation", {"catalog": service, "quantity": Decimal(1)}).contents.get()
    assert abs(line.total_charge_u - service.total_costs) < Decimal("0.02")
    assert line.unit_price_ht == service.unit_price_ht


# --- Answers ----------------------------------------------------------------------------------------


def test_the_element_is_answered_when_it_is_included(api, post, service, plates):
    key = post({"catalog": named(service)}, {"catalog": named(plates)}, {"designation": "Libre"})["id"]
    lines = api.get(f"/sales/quotation/{key}", include="contents.catalog").json()["contents"]
    alone = api.get(f"/catalog/service/{service.pk}").json()
    assert lines[0]["catalog"] == {"type": "service", "id": service.pk, "element": alone}
    assert lines[1]["catalog"]["element"]["reference"] == plates.reference
    assert "catalog" not in lines[2]
    plain = api.get(f"/sales/quotation/{key}").json()["contents"]
    assert plain[0]["catalog"] == named(service)


def test_a_deleted_service_is_still_named(api, post, service):
    key = post({"catalog": named(service)})["id"]
    assert api.delete(f"/catalog/service/{service.pk}").status_code == 204
    [line] = api.get(f"/sales/quotation/{key}", include="contents.catalog").json()["contents"]
    assert line["catalog"]["element"]["id"] == service.pk


def another(plates):
    """One more service, which needs one more product."""
    nails = create_product({"name": "Clous", "with_stock": True})
    return create_service({"name": "Pose", "products": [{"product": plates}, {"product": nails}]})


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_more_services_cost_no_more_queries(api, team, sell, plates):
    team.configs = {**team.configs, "stock_real_out": 5}
    every = [another(plates) for _count in range(12)]

    def order(*elements):
        rows = Service.objects.in_bulk([element.pk for element in elements])
        lines = [{"catalog": row} for row in rows.values()]
        return sell("command", *lines, is_draft=False)

    order(*every[:2])
    api.get("/sales/command", include=EVERYTHING)  # what is read once is read now
    few = queries(lambda: order(*every[2:4])), queries(lambda: api.get("/sales/command", include=EVERYTHING))
    many = queries(lambda: order(*every[4:])), queries(lambda: api.get("/sales/command", include=EVERYTHING))
    assert few == many


# --- Stock ------------------------------------------------------------------------------------------


def stocks(plates):
    row = Product.objects.get(pk=plates.pk)
    return row.stock_quantity, row.stock_theoretical_quantity


@pytest.mark.parametrize("mode", range(1, 8))
def test_needed_products_move_when_products_would(team, sell, plates, mode):
    team.configs = {**team.configs, "stock_real_out": mode, "stock_theorical_out": mode}

    def steps(*lines):
        before = stocks(plates)
        for event in chain(lambda kind, **values: sell(kind, *lines, **values)):
            now = stocks(plates)
            yield event, now[0] - before[0], now[1] - before[1]

    of_services = list(steps())
    of_products = list(steps({"catalog": plates, "quantity": Decimal(7)}))
    assert of_services == of_products
    assert of_services[-1][1:] == (-7, -7)


def test_what_was_sold_moves_even_if_the_service_changed_since(team, sell, service, plates):
    team.configs = {**team.configs, "stock_real_out": 1}
    delivery = sell("delivery", is_draft=False)
    update_service(service, {"products": []})
    services.set_status(delivery, 3)
    assert stocks(plates)[0] == 93
    services.set_status(delivery, 9)
    assert stocks(plates)[0] == 100


def test_a_service_that_leaves_stocks_alone(team, sell, service, plates):
    team.configs = {**team.configs, "stock_real_out": 7}
    update_service(service, {"products_stock_management": False})
    sell("invoice", is_draft=False)
    assert stocks(plates)[0] == 100


def test_part_of_an_order_takes_its_part(team, sell, plates):
    team.configs = {**team.configs, "stock_real_out": 2}
    order = sell("command", is_draft=False)
    content = order.contents.get().affair_content_id
    wanted = {"contents": [{"id": content, "quantity": Decimal("0.5")}], "is_draft": False}
    services.convert(order, "deliver", wanted)
    assert stocks(plates)[0] == Decimal("98.25")
    services.convert(order, "deliver", {"is_draft": False})
    assert stocks(plates)[0] == 93


def test_a_credit_gives_needed_products_back(team, sell, plates):
    team.configs = {**team.configs, "stock_real_out": 7}
    invoice = sell("invoice", is_draft=False)
    assert stocks(plates)[0] == 93
    services.convert(invoice, "cancel", {"is_draft": False})
    assert stocks(plates)[0] == 100


# --- What the law asks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "category"),
    [
        (("service",), "prestation de services."),
        (("plates",), "livraison de biens."),
        (("service", "plates"), "livraison de biens et prestation de services."),
    ],
)
def test_invoices_say_whether_they_are_of_goods_or_services(request, sell, elements, category):
    lines = [{"catalog": request.getfixturevalue(name)} for name in elements]
    invoice = sell("invoice", *lines)
    mentions = legal_mentions(invoice, list(invoice.contents.all()))
    assert f"Catégorie de l'opération : {category}" in mentions


# --- Custom prices ----------------------------------------------------------------------------------


def test_a_service_has_the_price_of_its_quantity(sell, service):
    tiers = [{"minimum": 1, "maximum": 9, "price": Decimal(450)}, {"minimum": 10, "price": Decimal(400)}]
    update_service(service, {"custom_price_mode": "quantity", "custom_quantity_prices": tiers})
    for quantity, total in ((2, 900), (10, 4000)):
        assert sell("quotation", {"catalog": service, "quantity": Decimal(quantity)}).total_ht == total


def test_a_service_has_the_price_of_its_customer(sell, service, customer):
    prices = [
        {"customer_type": customer.type, "price": Decimal(450)},
        {"customer": customer, "price": Decimal(420)},
    ]
    update_service(service, {"custom_price_mode": "customer", "custom_type_prices": prices})
    assert sell().total_ht == 840
    update_service(service, {"remove_custom_type_prices": prices[1:]})
    assert sell().total_ht == 900
