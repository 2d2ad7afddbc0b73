"""Particulars of the chapter Various (see case.py)."""

from __future__ import annotations

from typing import Any

from erp.various.models import PdfModel
from tests.contract.case import Form, case
from tests.contract.stage import Stage
from tests.factories import make

KINDS = ("quotation", "command", "proforma", "delivery", "invoice", "credit")


def pdf_models(stage: Stage) -> list[int]:
    """Layouts that each serve other kinds of documents; programs cannot make them."""
    labels = ("Sober", "Classic", "Modern")
    return [
        make(
            PdfModel, label=label, **{f"use_{kind}": (n + bit) % 2 == 0 for bit, kind in enumerate(KINDS)}
        ).pk
        for n, label in enumerate(labels)
    ]


def top_and_below(stage: Stage, made: list[int]) -> None:
    """The last category is above the first."""
    stage.model.objects.filter(pk=made[0]).update(parent=made[-1])


def is_parent(stage: Stage) -> list[tuple[Any, Any]]:
    """Whether a category stands at the top."""
    return [("true", lambda answer: not answer["parent"]), ("false", lambda answer: bool(answer["parent"]))]


def of_parent(stage: Stage) -> list[tuple[Any, Any]]:
    """The categories below one."""
    top = stage.rows[-1]
    return [(top, lambda answer: bool(answer["parent"]) and answer["parent"]["id"] == top)]


case("/unit", update_forms=(Form(without=("name",)), Form(without=("label",))), reads={"name": "label"})
case("/payment_method", values={"type": lambda stage, n: n % 6})
case("/sales/pdf_model", rows=pdf_models)
case(
    "/catalog/charge_category",
    prepare=top_and_below,
    filters={"is_parent": is_parent, "parent": of_parent},
    paths={"parent": "parent.label"},
)
case(
    "/catalog/sale_category",
    forms=(
        Form(without=("accounts",), values={"account_by_vatrate": False}),
        Form(without=("account_number",), values={"account_by_vatrate": True}),
    ),
    prepare=top_and_below,
    filters={"is_parent": is_parent, "parent": of_parent},
    paths={"parent": "parent.label"},
)
