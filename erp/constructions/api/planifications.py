"""Planifications, as programs see them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.constructions import services
from erp.constructions.access import GUARD
from erp.constructions.api.constructions import quantity
from erp.constructions.api.pages import PdfMixin
from erp.constructions.models import (
    Construction,
    ConstructionContent,
    Planification,
    PlanificationContent,
    Technician,
)
from erp.core.fields import (
    Column,
    Computed,
    DayOrMoment,
    LinkField,
    Relation,
    Rows,
    WireBoolean,
    WireChoice,
    datetime_of,
    number_of,
)
from erp.core.filters import ChoiceFilter, DateFilter, IdFilter, TextFilter
from erp.core.listing import same
from erp.core.resources import ResourceViewSet
from erp.core.typed_link import TypedLink
from erp.core.wire import BodySerializer, WireSerializer
from erp.customers.filters import created_since, created_until, day_start
from erp.customers.models import Contact, Customer
from tenants.models import TeamUser

DATES = ("created_at", "updated_at")
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}


class TechnicianLink(TypedLink):
    """Reads {"type": "teamUser" or "technician", "id": 1} as somebody who works on site."""

    targets = {"teamUser": TeamUser, "technician": Technician}
    default_error_messages = {
        "not_an_object": _("Give an object with a type (teamUser or technician) and an id."),
        "no_type": _("The type is teamUser or technician."),
    }


def person_of(link: Any) -> dict[str, Any]:
    """Who does a planification: the attributes of a technician, and which kind it is."""
    person, is_user = link.person, link.team_user_id is not None
    return {
        "type": "teamUser" if is_user else "technician",
        "id": person.pk,
        "name": str(person),
        "email": (person.user.email if is_user else person.email) or None,
        "created_at": datetime_of(person.created_at),
        "updated_at": datetime_of(person.updated_at),
    }


PERSON = {
    "type": "object",
    "required": ["type", "id", "name"],
    "properties": {
        "type": {"type": "string", "enum": list(TechnicianLink.targets)},
        "id": INTEGER,
        "name": {"type": "string"},
        "email": {"type": ["string", "null"]},
        "created_at": {"type": "string"},
        "updated_at": {"type": "string"},
    },
}


class Technicians(LinkField):
    """Who does it: read as types and ids, answered as objects when included."""

    default_error_messages = {"not_a_list": _("Give a list of objects.")}
    body_schema = {"type": "array", "items": TechnicianLink.body_schema}
    one = TechnicianLink()

    def wanted(self, data: Any) -> list[Any]:
        return [pair for item in self._items(data) or () for pair in self.one.wanted(item)]

    def to_internal_value(self, data: Any) -> list[TeamUser | Technician]:
        items = self._items(data)
        if items is None:
            self.fail("not_a_list")
        rows, errors = [], {}
        for number, item in enumerate(items):
            try:
                rows.append(self.one.to_internal_value(item))
            except serializers.ValidationError as error:
                errors[str(number)] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return rows

    @staticmethod
    def _items(data: Any) -> list[Any] | None:
        if isinstance(data, Mapping):  # {"0": {...}, "1": {...}}: numeric keys of a form
            return list(data.values())
        return data if isinstance(data, list) else None

    def columns(self, name: str) -> list[Column]:
        return [
            Column(
                name,
                lambda row: [person_of(link) for link in row.technician_links.all()],
                on_request=True,
                needs=("technician_links__technician", "technician_links__team_user__user"),
                schema={"type": "array", "items": PERSON},
            )
        ]


def warnings_of(row: Planification) -> list[dict[str, Any]]:
    """Where technicians are elsewhere at the same time; the other worksite only for those who may see it."""
    answers = []
    for conflict in row.conflicts:
        other, person = conflict["other"], person_of(conflict["link"])
        seen = conflict["is_seen"]
        text = _t("%(name)s is planned elsewhere at the same time.") % {"name": person["name"]}
        answers.append(
            {
                "message": text,
                "technician": {name: person[name] for name in ("type", "id", "name")},
                "planification_id": other.pk if seen else None,
                "reference": other.reference if seen else None,
                "begin": datetime_of(other.begin),
                "end": datetime_of(other.end),
            }
        )
    return answers


WARNINGS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "technician": {"type": "object"},
            "planification_id": {"type": ["integer", "null"]},
            "reference": {"type": ["string", "null"]},
            "begin": {"type": "string"},
            "end": {"type": "string"},
        },
    },
}


class PlannedSerializer(WireSerializer):
    content = Relation(model=ConstructionContent, read_only=True)

    class Meta:
        model = PlanificationContent
        fields = ("quantity", "content")
        numbers = ("quantity",)


class PlannedBody(BodySerializer):
    content = Relation(model=ConstructionContent)
    quantity = quantity(required=False, allow_null=True)

    class Meta:
        aliases = {"content_id": "content"}


class PlanificationSerializer(WireSerializer):
    begin = DayOrMoment()
    end = DayOrMoment()
    all_contents = WireBoolean(required=False)
    contents = Rows(PlannedBody, PlanificationContent)
    technicians = Technicians(required=True)
    status = WireChoice(choices=Planification.Status.choices, required=False)
    total_duration_hour = Computed(
        lambda row: number_of(row.figures["hours"]), needs=("figures",), schema=NUMBER
    )
    nb_people_needed = Computed(lambda row: row.figures["people"], needs=("figures",), schema=INTEGER)
    document_status = Computed(lambda row: row.document_status, needs=("figures",), schema=INTEGER)
    warnings = Computed(warnings_of, needs=("conflicts",), schema=WARNINGS)

    class Meta:
        model = Planification
        fields = (
            "id",
            "reference",
            "begin",
            "end",
            "all_contents",
            "contents",
            "technicians",
            "status",
            "total_duration_hour",
            "nb_people_needed",
            "document_status",
            "construction",
            "warnings",
            *DATES,
        )
        read_only_fields = ("reference",)
        # That of the contents unless given.
        extra_kwargs: Mapping[str, Any] = {"construction": {"required": False, "allow_null": True}}

    @classmethod
    def finish(cls, row: Planification, data: dict[str, Any]) -> dict[str, Any]:
        """Planned contents are only those of a planification of some."""
        if row.all_contents:
            data.pop("contents", None)
        return data


def on_days(lookup: str, days: int = 0) -> DateFilter:
    """Moments compared with a day of the team's timezone."""

    def condition(date: datetime.date) -> Q:
        return Q(**{lookup: day_start(date + datetime.timedelta(days=days))})

    return DateFilter(condition=condition)


PLACE = ("title", "road1", "road2", "road3", "city", "postal_code", "reference", "customer.name")


class PlanificationViewSet(PdfMixin, ResourceViewSet):
    """Who works when on which worksite."""

    serializer_class = PlanificationSerializer
    guard = GUARD
    make_pdf = staticmethod(services.pdf_of_planification)
    sorts = {
        **same("reference", "begin", "end", "status", *DATES, *(f"construction.{name}" for name in PLACE)),
        "construction.town": "construction__city",
        "construction.contact.name": (
            "construction__contact__lastname",
            "construction__contact__firstname",
        ),
    }
    searches = same("reference", "construction.reference", "construction.title", "construction.customer.name")
    filters = {
        "customer": IdFilter("construction__customer", model=Customer),
        "contact": IdFilter("construction__contact", model=Contact),
        "reference": TextFilter("reference"),
        "begin": on_days("begin__gte"),
        "end": on_days("end__lte", days=1),
        "created_since": created_since(),
        "created_until": created_until(),
        "status": ChoiceFilter("status", choices=Planification.Status.values),
        "construction": IdFilter("construction", model=Construction),
        "construction_reference": TextFilter("construction__reference"),
        "technician": IdFilter("technician_links__technician", model=Technician),
        "team_user": IdFilter("technician_links__team_user", model=TeamUser),
    }
    list_includes = (
        "contents",
        "contents.content",
        "technicians",
        "construction",
        "construction.contents",
    )

    def create_row(self, values: dict[str, Any]) -> Planification:
        return services.create_planification(values)

    def update_row(self, row: Planification, values: dict[str, Any]) -> Planification:
        return services.update_planification(row, values)

    def delete_row(self, row: Planification) -> None:
        services.delete_planification(row)
