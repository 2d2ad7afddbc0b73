"""Particulars of the chapter "Opportunities & Funnels" (see case.py)."""

from __future__ import annotations

import datetime
from typing import Any

from erp.customers.models import Customer
from erp.opportunities.models import Opportunity
from erp.sales.models import Affair
from tenants.models import TeamUser
from tests.contract.case import Form, case
from tests.contract.common import contact, customer, every_document
from tests.contract.stage import Stage, ok
from tests.contract.values import WORDS, linked, spread
from tests.factories import make

DOCUMENTS = ("quotations", "commands", "proformas", "deliveries", "invoices", "credits")

case(
    "/opportunity/funnel",
    forms=(
        Form(without=("categories.*.name",), values={"restricted": True}),
        Form(without=("categories.*.label", "team_users"), values={"restricted": False}),
    ),
    reads={"categories.*.name": "categories.*.label"},
    removed=lambda stage, name, answer, body: [row["label"] for row in answer["categories"]],
    nested={"Funnel Category": "categories", "Funnel Step": "steps"},
)


def step(stage: Stage, n: int) -> int:
    """The step of a new funnel, whose category goes with it."""
    name = WORDS[n % 6]
    body = {
        "name": f"{name} funnel",
        "steps": [{"name": f"{name} step", "probability": 10}],
        "categories": [{"label": f"{name} category", "color": "#102030"}],
    }
    made = ok(stage.api.post("/opportunity/funnel", body))["id"]
    funnel = ok(stage.api.get(f"/opportunity/funnel/{made}", include="steps,categories"))
    stage.kept["category"] = funnel["categories"][0]["id"]
    return int(funnel["steps"][0]["id"])


def affairs(stage: Stage, n: int) -> list[int]:
    """An affair of the customer."""
    held = Customer.objects.filter(pk=stage.kept["customer"].pk).first() or make(Customer)
    return [make(Affair, customer=held).pk]


def linked_affairs(stage: Stage, sent: Any, answer: Any) -> None:
    held = affairs_of(stage, answer)
    assert held == (sent if isinstance(sent, list) else [sent])


def affairs_of(stage: Stage, answer: Any) -> list[int]:
    return [*Opportunity.objects.get(pk=answer["id"]).affairs.values_list("pk", flat=True)]


def with_documents(stage: Stage, made: list[int]) -> None:
    """The first opportunity came to all the kinds of documents; two were won, lost and given up."""
    row = Opportunity.objects.get(pk=made[0])
    row.affairs.set([every_document(stage, row.customer_id)])
    for n, pk in enumerate(made[:3]):
        day = datetime.date(2024, 4, spread(n))
        Opportunity.objects.filter(pk=pk).update(won_at=day, lost_at=day, cancelled_at=day)


case(
    "/opportunity",
    values={
        "customer": customer,
        "contact": contact,
        "step": step,
        "category": lambda stage, n: stage.kept["category"],
        "amount": lambda stage, n: f"{120 + n}.00",
        "probability": lambda stage, n: str(20 + n % 60),
        "status": lambda stage, n: str(1 + n % 4),
        "team_user": lambda stage, n: linked(TeamUser, n),
        "affairs": affairs,
        "add_affairs": affairs,
    },
    reads={"affairs": linked_affairs},
    lists={"affairs": affairs_of},
    prepare=with_documents,
    paths={"contact.fullname": "contact.firstname", "edited": "updated_at"},
    includes={"linked_documents": ",".join(DOCUMENTS)},
)
