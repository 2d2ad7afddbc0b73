"""What can be told: "<element>.<verb>", for every kind of element that rows can be linked to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.elements import element_type, element_types
from erp.core.errors import Invalid

__all__ = ["PING", "all_topics", "check_topics", "label_of", "name_of"]

#: What happens to rows of every kind.
VERBS = ("created", "updated", "deleted")
OFFER = ("validated", "sent", "accepted", "refused", "cancelled")
#: What else chapters announce.
ANNOUNCED: dict[str, tuple[str, ...]] = {
    "opportunity": ("won", "lost", "cancelled"),
    "quotation": OFFER,
    "command": OFFER,
    "proforma": OFFER,
    "delivery": ("validated", "sent", "cancelled"),
    "invoice": ("validated", "sent", "cancelled", "paid"),
    "credit": ("validated", "sent"),
    "charge": ("paid",),
    "stock": ("alert",),
}
#: A message that only shows that the address is reached.
PING = "webhook.test"


#: What happens, in words for people.
LABELS = {
    "created": _("creation"),
    "updated": _("change"),
    "deleted": _("deletion"),
    "validated": _("validation"),
    "sent": _("sending"),
    "accepted": _("acceptance"),
    "refused": _("refusal"),
    "cancelled": _("cancellation"),
    "paid": _("payment in full"),
    "won": _("won"),
    "lost": _("lost"),
    "alert": _("threshold reached"),
}


def label_of(topic: str) -> str:
    """A topic in words: "Invoice: validation"."""
    name, _dot, verb = topic.partition(".")
    if topic not in all_topics():
        return topic
    kind = _t("stock") if name == "stock" else element_type(name).label
    return _t("%(kind)s: %(event)s") % {"kind": capfirst(kind), "event": LABELS[verb]}


@cache
def names() -> dict[type[Any], str]:
    """The name of each kind of element by its model."""
    return {kind.model: kind.name for kind in element_types() if kind.name != "teamUser"}


def name_of(row: Any) -> str | None:
    """The name of a row's kind; None for rows that no topic is about."""
    for model in type(row).__mro__:
        if model in names():
            return names()[model]
    kind = getattr(row, "kind", None)  # a sales document read as such, not as one of its kind
    return str(kind) if kind in names().values() else None


@cache
def all_topics() -> tuple[str, ...]:
    """Every topic, in order."""
    kinds = [*sorted(names().values()), "stock"]
    return tuple(
        f"{name}.{verb}"
        for name in kinds
        for verb in ((*VERBS, *ANNOUNCED.get(name, ())) if name != "stock" else ANNOUNCED["stock"])
    )


def check_topics(topics: Iterable[str]) -> list[str]:
    """The topics, each once. Raises Invalid (422) naming the first that does not exist."""
    chosen = list(dict.fromkeys(topics))
    known = {"*", *all_topics(), *(f"{topic.partition('.')[0]}.*" for topic in all_topics())}
    if not chosen:
        raise Invalid({"topics": _t("Choose at least one topic.")})
    for topic in chosen:
        if topic not in known:
            text = _t("There is no topic %(topic)s. Topics: %(topics)s; also quotation.* and *.")
            raise Invalid({"topics": text % {"topic": topic, "topics": ", ".join(all_topics())}})
    return chosen
