"""Links from one row to any others: customers of an event, quotations of a task, the invoice of a mail.

A chapter whose rows others link to says so when it is ready:

    elements.register("quotation", Quotation)

A chapter whose rows link to others declares the table of its links, beside the model that owns them:

    class EventElement(ElementLink):
        owner = models.ForeignKey(Event, models.CASCADE, related_name="element_links")

        class Meta(ElementLink.Meta):
            abstract = False

and sets them with `set_elements(event, elements)`. The attribute and the filter of the wire are in
`elements_wire.py`, those of the admin in `admin/elements.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.access import visible
from erp.core.models import TenantModel
from erp.core.scope import WrongTeam

__all__ = [
    "Element",
    "ElementLink",
    "ElementType",
    "LinkedElement",
    "element_type",
    "element_types",
    "linked_to",
    "register",
    "set_elements",
]


# --- What can be linked to ------------------------------------------------------------------------


@dataclass(frozen=True)
class ElementType:
    """A kind of row that others link to: its word on the wire, and how a row is called."""

    name: str
    model: type[TenantModel]
    title: Callable[[Any], str] = str

    @property
    def label(self) -> str:
        """The kind in words for people."""
        return str(self.model._meta.verbose_name)


_types: dict[str, ElementType] = {}


def register(name: str, model: type[TenantModel], title: Callable[[Any], str] = str) -> None:
    """Let rows of `model` be linked to as `name`; called by the chapter's AppConfig.ready."""
    known = _types.setdefault(name, ElementType(name, model, title))
    if known.model is not model:
        raise LookupError(f"Elements called {name!r} are rows of {known.model.__name__} already.")


def element_type(name: str) -> ElementType:
    """The kind of element of that name. Raises KeyError."""
    return _types[name]


def element_types(accepts: Iterable[str] | None = None) -> list[ElementType]:
    """The kinds that exist, all or those among `accepts` (which may name kinds of chapters to come)."""
    return [_types[name] for name in (_types if accepts is None else accepts) if name in _types]


@dataclass(frozen=True)
class Element:
    """One row to link to, which the actor was shown to see."""

    type: ElementType
    row: Any

    @property
    def key(self) -> tuple[str, int]:
        return self.type.name, self.row.pk

    @property
    def title(self) -> str:
        return self.type.title(self.row)


# --- Links ----------------------------------------------------------------------------------------


class LinkedElement:
    """The Element that a link shows: None when the actor may not see its row. Of deleted rows too.

    Works with `prefetch_related("element_links__element")`, as Django's GenericForeignKey does: one query per
    kind, each with what answering the rows needs.
    """

    cache_name = "element"

    def __get__(self, link: Any, owner: Any = None) -> Any:
        if link is None:
            return self
        if self.cache_name not in link._state.fields_cache:
            models.prefetch_related_objects([link], self.cache_name)
        return link._state.fields_cache[self.cache_name]

    def is_cached(self, link: Any) -> bool:
        return self.cache_name in link._state.fields_cache

    def get_prefetch_querysets(self, instances: list[Any], querysets: Any = None) -> tuple[Any, ...]:
        if querysets:
            raise ValueError("Elements are of several models: no queryset of one can fetch them.")
        wanted: dict[str, set[int]] = {}
        for link in instances:
            wanted.setdefault(link.element_type, set()).add(link.element_id)
        found = [item for kind in element_types(wanted) for item in _elements(kind, wanted[kind.name])]
        return (
            found,
            lambda element: element.key,
            lambda link: (link.element_type, link.element_id),
            True,
            self.cache_name,
            False,
        )


def _elements(kind: ElementType, ids: Iterable[int]) -> list[Element]:
    """The rows of one kind that the actor may see, deleted ones included, loaded for their answers."""
    from erp.core.wire import loaded, serializer_for

    queryset = visible(kind.model, with_deleted=True).filter(pk__in=ids)
    return [Element(kind, row) for row in loaded(serializer_for(kind.model), queryset, ())]


class ElementLink(TenantModel):
    """Base of a table of links: `owner` (declared by each) to a row known by its kind and id."""

    owner: ClassVar[Any]
    element_type = models.CharField(_("kind of element"), max_length=30)
    element_id = models.PositiveBigIntegerField(_("element"))
    element = LinkedElement()

    class Meta(TenantModel.Meta):
        abstract = True
        ordering: ClassVar[Sequence[str]] = ["pk"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["owner", "element_type", "element_id"], name="%(class)s_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["team", "element_type", "element_id"], name="%(class)s_element")
        ]

    def __str__(self) -> str:
        return f"{self.element_type} {self.element_id}"

    def clean(self) -> None:
        """What is linked is a row of the team; rows of others do not exist."""
        kind = _types.get(self.element_type)
        if kind is None:
            names = ", ".join(_types)
            raise ValidationError({"element_type": _t("Give one of: %(names)s.") % {"names": names}})
        if not kind.model._base_manager.filter(team_id=self.team_id, pk=self.element_id).exists():
            text = _t("There is no such element: %(id)s.") % {"id": self.element_id}
            raise ValidationError({"element_id": text})


def linked_to(links: type[ElementLink], name: str, pk: int) -> models.Q:
    """The condition that an owner of `links` is linked to the row `pk` of the kind `name`."""
    return models.Q(pk__in=links.objects.filter(element_type=name, element_id=pk).values("owner"))


@transaction.atomic
def set_elements(owner: Any, elements: Iterable[Element]) -> None:
    """Link `owner` to these rows and to no others; what the actor may not see stays linked.

    Raises WrongTeam when a row is another team's.
    """
    wanted = {element.key: element for element in elements}
    if any(element.row.team_id != owner.team_id for element in wanted.values()):
        raise WrongTeam(f"{owner!r} would be linked to another team's row.")
    type(owner).objects.select_for_update().get(pk=owner.pk)  # two writers take turns
    links = owner.element_links.model
    present = list(links.objects.filter(owner=owner).prefetch_related("element"))
    gone = [link.pk for link in present if link.element and link.element.key not in wanted]
    if gone:
        links.objects.filter(pk__in=gone).hard_delete()
    kept = {(link.element_type, link.element_id) for link in present}
    links.objects.bulk_create(
        links(owner=owner, element_type=name, element_id=pk) for name, pk in wanted if (name, pk) not in kept
    )
    getattr(owner, "_prefetched_objects_cache", {}).pop("element_links", None)
