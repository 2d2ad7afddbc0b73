"""Linked elements in the admin: one field that finds rows of any kind as one types.

@admin.register(Task)
class TaskAdmin(ElementsMixin, TenantAdmin):
    form = elements_form(ELEMENTS)

The values of the form have `elements`, a list of Element, for the chapter's service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminMultipleAutocompleteWidget

from erp.core.access import visible
from erp.core.admin.forms import TenantForm
from erp.core.elements import Element, ElementType, element_types

__all__ = ["ElementsMixin", "elements_form"]

#: Rows of one kind that a search offers at most.
OFFERED = 6
Keys = dict[str, set[int]]


def code(element: Element) -> str:
    """How a form names an element: "customer:12"."""
    return f"{element.type.name}:{element.row.pk}"


def name_of(element: Element) -> str:
    """How people tell an element from others: its title and its kind."""
    return f"{element.title} – {element.type.label.lower()}"


def coded(values: Iterable[Any], kinds: Mapping[str, ElementType]) -> Keys:
    """Ids by kind of the codes that make sense."""
    wanted: Keys = {}
    for value in values:
        name, _colon, pk = str(value).partition(":")
        if name in kinds and pk.isdecimal() and len(pk) < 19:
            wanted.setdefault(name, set()).add(int(pk))
    return wanted


def found(wanted: Keys, kinds: Mapping[str, ElementType]) -> dict[str, Element]:
    """The elements that the actor may see, by their code: one query per kind."""
    rows = [
        Element(kinds[name], row)
        for name, ids in wanted.items()
        for row in visible(kinds[name].model).filter(pk__in=ids)
    ]
    return {code(element): element for element in rows}


class ElementsWidget(UnfoldAdminMultipleAutocompleteWidget):
    """A box that searches; only what is chosen is in the page."""

    kinds: Mapping[str, ElementType]

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """The chosen elements alone are options."""
        chosen = found(coded(value, self.kinds), self.kinds)
        self.choices = [(key, name_of(element)) for key, element in chosen.items()]
        return super().optgroups(name, value, attrs)


class ElementsChoice(forms.MultipleChoiceField):
    """Elements by their codes; what the actor cannot see does not exist."""

    def __init__(self, accepts: Iterable[str], **kwargs: Any) -> None:
        self.accepts = tuple(accepts)
        super().__init__(required=False, label=_("About"), widget=ElementsWidget, **kwargs)
        self.widget.kinds = self.kinds

    @property
    def kinds(self) -> dict[str, ElementType]:
        return {kind.name: kind for kind in element_types(self.accepts)}

    def clean(self, value: Any) -> list[Element]:
        given = [str(item) for item in value or ()]
        known = found(coded(given, self.kinds), self.kinds)
        if unknown := [item for item in given if item not in known]:
            raise forms.ValidationError(_t("There is no such element: %(id)s.") % {"id": unknown[0]})
        return [known[item] for item in dict.fromkeys(given)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(initial or ()) != set(data or ())


class ElementsForm(TenantForm):
    """A row with the elements it is linked to; made by `elements_form`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["elements"] = [code(element) for element in living_elements(self.instance)]


def elements_form(accepts: Iterable[str], base: type[TenantForm] = TenantForm) -> type[ElementsForm]:
    """A form with the field `elements`, which takes elements of these kinds."""
    bases = (ElementsForm,) if base is TenantForm else (ElementsForm, base)
    make: Any = type(bases[-1])
    return make("WithElementsForm", bases, {"elements": ElementsChoice(accepts)})


def living_elements(row: Any) -> list[Element]:
    """The elements of a row that the actor sees and that are not deleted."""
    prefetch_related_objects([row], "element_links__element")
    links = row.element_links.all()
    return [link.element for link in links if link.element and not link.element.row.deleted_at]


class ElementsMixin:
    """The search behind the field, and links to the pages of the elements."""

    form: Any

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.elements_view)  # type: ignore[attr-defined]
        name = f"{self.opts.app_label}_{self.opts.model_name}_elements"  # type: ignore[attr-defined]
        return [path("elements/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        if "elements" in form.base_fields:
            form.base_fields["elements"].widget.attrs["data-ajax--url"] = self._url("elements")  # type: ignore[attr-defined]
        return form

    def elements_view(self, request: HttpRequest) -> JsonResponse:
        """What select2 offers for a term, by kind."""
        if not self.allows(request, "read"):  # type: ignore[attr-defined]
            raise PermissionDenied
        kinds = self.form.base_fields["elements"].kinds
        term = request.GET.get("term", "").strip()[:100].replace("\x00", "")
        results = [
            {"text": capfirst(kind.label), "children": children}
            for kind in kinds.values()
            if (children := list(self._offered(request, kind, term)))
        ]
        return JsonResponse({"results": results, "pagination": {"more": False}})

    def _offered(self, request: HttpRequest, kind: ElementType, term: str) -> Iterator[dict[str, str]]:
        """Rows of one kind that match a term, found as on their own page."""
        page = self.admin_site._registry.get(kind.model)  # type: ignore[attr-defined]
        if page is None or not page.has_view_permission(request):
            return
        rows, _twice = page.get_search_results(request, page.get_queryset(request), term)
        for row in rows[:OFFERED]:
            element = Element(kind, row)
            yield {"id": code(element), "text": name_of(element)}

    @display(description=_("About"))
    def elements(self, row: Any) -> Any:
        """Links to the pages of the elements."""
        return format_html_join(", ", "{}", ((self._link(element),) for element in living_elements(row)))

    def _link(self, element: Element) -> Any:
        page = self.admin_site._registry.get(element.type.model)  # type: ignore[attr-defined]
        if page is None:
            return element.title
        address = reverse(
            f"{self.admin_site.name}:{page.opts.app_label}_{page.opts.model_name}_change",  # type: ignore[attr-defined]
            args=[element.row.pk],
        )
        return format_html('<a class="text-primary-600" href="{}">{}</a>', address, element.title)
