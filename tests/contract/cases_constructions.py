"""Particulars of the chapter Constructions (see case.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erp.constructions.models import Construction, Technician
from tenants.models import TeamUser
from tests.contract.case import case
from tests.contract.common import contact, country_code, customer, every_document, varied_product
from tests.contract.stage import Stage, ok
from tests.contract.values import DAYS, WORDS, linked
from tests.factories import make

DOCUMENTS = ("quotations", "commands", "proformas", "deliveries", "invoices", "credits")

# --- Worksites ----------------------------------------------------------------------------------------


def country_shown(stage: Stage, sent: str, answer: Any) -> None:
    assert answer["country"]["code"] == sent


def with_documents(stage: Stage, made: list[int]) -> None:
    """The first worksite has documents of all kinds; another is planned."""
    row = Construction.objects.get(pk=made[0])
    row.affairs.set([every_document(stage, row.customer_id)])
    Construction.objects.filter(pk=made[1]).update(status=2)


def own_line(stage: Stage, n: int) -> int | None:
    row = stage.kept.get("row")
    return stage.one(row)["contents"][0]["id"] if row else None


case(
    "/construction",
    values={
        "customer": customer,
        "contact": contact,
        "country": country_code,
        "contents.*.id": own_line,
        "contents.*.catalog": lambda stage, n: {"type": "product", "id": varied_product(stage, n)},
        "contents.*.duration_type": lambda stage, n: ("minute", "hour", "day")[n % 3],
    },
    reads={"country": country_shown},
    together={"contents.*.designation": ("contents.*.id", "contents.*.catalog")},
    prepare=with_documents,
    paths={"contact.name": "contact.lastname", "town": "city"},
    includes={"linked_documents": ",".join(DOCUMENTS), "contents.catalog": "contents.catalog.element"},
    nested={
        "Construction Content": "contents",
        "Construction Product": "products",
        "Construction Material": "materials",
    },
)


# --- Planifications -----------------------------------------------------------------------------------


def worksite(stage: Stage, n: int) -> dict[str, Any]:
    """A worksite with four units of work to plan."""
    content = {"designation": "Roof", "quantity": 40, "duration": 2, "number_people_needed": 3}
    body = {
        "title": f"{WORDS[n % 6]} site",
        "customer": customer(stage, n),
        "contact": stage.kept["contact"],
        "contents": [{**content, "duration_type": "hour"}],
        "country": "FR",
        **{name: f"{WORDS[n % 6]} {name}" for name in ("road1", "road2", "road3", "city")},
        "postal_code": f"2{n % 6}000",
    }
    made = ok(stage.api.post("/construction", body))["id"]
    return dict(ok(stage.api.get(f"/construction/{made}", include="contents")))


def content(stage: Stage, n: int) -> int:
    """Work of a new worksite, or of the one whose planification changes."""
    row = stage.kept.get("row")
    if row:
        pk = stage.one(row)["construction_id"]
        site = ok(stage.api.get(f"/construction/{pk}", include="contents"))
    else:
        site = worksite(stage, n)
    return int(site["contents"][0]["id"])


def technicians(stage: Stage, n: int) -> list[dict[str, Any]]:
    if n % 2:
        pk = linked(TeamUser, n)
        TeamUser.objects.filter(pk=pk).update(roles=["technical"])
        return [{"type": "teamUser", "id": pk}]
    return [{"type": "technician", "id": make(Technician).pk}]


def moment(hour: int) -> Callable[[Stage, int], str]:
    return lambda stage, n: f"{DAYS[n % 6]}T{hour:02}:00:00.000000Z"


def all_planned(stage: Stage, made: list[int]) -> None:
    """One planification is of a whole worksite."""
    site = worksite(stage, 5)
    body = {
        "construction": site["id"],
        "all_contents": True,
        "technicians": technicians(stage, 0),
        "begin": "2025-02-03T08:00:00.000000Z",
        "end": "2025-02-03T12:00:00.000000Z",
    }
    made.insert(1, ok(stage.api.post("/construction/planification", body))["id"])


def on_days(name: str, *, since: bool) -> Callable[[Stage], list[tuple[Any, Callable[[Any], bool]]]]:
    """What begins on a day or later, or ends on a day or before."""

    def checks(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
        days = {pk: stage.local_day(answer[name]) for pk, answer in stage.answers.items()}
        limit = sorted(days.values())[2]
        if since:
            return [(limit, lambda answer: days[answer["id"]] >= limit)]
        return [(limit, lambda answer: days[answer["id"]] <= limit)]

    return checks


def technician(stage: Stage) -> list[tuple[Any, Callable[[Any], bool]]]:
    people = [row for answer in stage.answers.values() for row in answer["technicians"]]
    first = next(row["id"] for row in people if row["type"] == "technician")
    wanted = ("technician", first)
    return [(first, lambda answer: wanted in [(row["type"], row["id"]) for row in answer["technicians"]])]


case(
    "/construction/planification",
    values={
        "contents.*.content": content,
        "contents.*.quantity": lambda stage, n: f"{1 + n % 3}.00",
        "technicians": technicians,
        "all_contents": False,
        "begin": moment(8),
        "end": moment(12),
        "status": lambda stage, n: 1 + n % 2,
    },
    reads={"contents.*.content": "contents.*.content_id"},
    prepare=all_planned,
    paths={
        "construction.town": "construction.city",
        "construction.customer.name": "orm:construction__customer__name",
        "construction.contact.name": "orm:construction__contact__lastname",
        "customer": "orm:construction__customer_id",
        "contact": "orm:construction__contact_id",
        "construction_reference": "construction.reference",
    },
    filters={
        "begin": on_days("begin", since=True),
        "end": on_days("end", since=False),
        "technician": technician,
    },
    nested={"Construction Planification Content": "contents"},
)
