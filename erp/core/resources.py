"""Resources: a viewset base that speaks the list protocol, and the one router of the API.

class UnitViewSet(ResourceViewSet):
    serializer_class = UnitSerializer
    guard = ListKey()
    default_sort = ("label",)
    sorts = same("label", "use_default", "created_at", "updated_at")
    searches = same("label")

router.register("unit", UnitViewSet)
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from erp.core import etags, idempotency, services
from erp.core.access import Guard, Verb, is_narrowed, visible
from erp.core.errors import BusinessError, Invalid, joined
from erp.core.filters import WireFilter, apply_filters, build_filterset
from erp.core.listing import (
    DEFAULT_PER_PAGE,
    MAX_PER_PAGE,
    ListQuery,
    Page,
    apply_search,
    apply_sort,
    check_include,
    include_paths,
    include_tree,
)
from erp.core.models import one
from erp.core.named_rows import editing
from erp.core.scope import team_scope
from erp.core.wire import Include, WireSerializer, heavy, loaded

__all__ = ["ApiView", "CreatableResource", "ReadOnlyResource", "ResourceViewSet", "router"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
#: How many elements one request may create.
MAX_BULK = 500
VERBS: dict[str, Verb] = {"POST": "create", "PUT": "update", "DELETE": "delete"}


class ApiView(GenericViewSet):
    """Every endpoint: one transaction for what writes, the key's team in scope, a guard asked first."""

    guard: ClassVar[Guard]
    http_method_names = ["get", "head", "options", "post", "put", "delete"]
    #: What is answered by a view that has no serializer, for OpenAPI.
    answer_schema: ClassVar[Mapping[str, Any]] = {}
    #: What each extra action asks beside the guard's verb: {action: ((key, level), …)}.
    action_keys: ClassVar[Mapping[str, tuple[tuple[str, int], ...]]] = {}

    #: Whether this request opened a transaction, which an error must undo (see `errors.answer`).
    in_transaction = False
    #: The row that a single answer shows: it gives the answer its ETag.
    answered: Any = None
    #: What keeps this request's answer, when the request named itself (`Idempotency-Key`).
    claimed: Any = None
    #: How many requests the key has made in this minute; none when there is no limit.
    rate: Any = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as self.stack:
            # Row-level security lives in transactions, hence also for reading on PostgreSQL.
            if request.method not in SAFE_METHODS or connection.vendor == "postgresql":
                self.stack.enter_context(transaction.atomic())
                self.in_transaction = True
            return super().dispatch(request, *args, **kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The methods offered, in the Allow header; OpenAPI says the rest."""
        return Response(status=204)

    def perform_authentication(self, request: Any) -> None:
        super().perform_authentication(request)
        if actor := getattr(request, "actor", None):
            self.stack.enter_context(team_scope(actor.team, actor))

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            self.claimed = idempotency.claim(request)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.status_code < 300:
            response = self.tagged(request, response)
            if self.claimed is not None:
                idempotency.keep(self.claimed, response)
        if self.rate is not None:
            for name, value in self.rate.headers.items():
                response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def tagged(self, request: Any, response: Response) -> Response:
        """The answer with its ETag; 304 when the client has it already."""
        if self.answered is None:
            return response
        if request.method not in SAFE_METHODS:
            if "If-Match" not in request.headers:
                return response  # what services wrote by the way is not known to the row in memory
            self.answered.refresh_from_db(fields=["updated_at"])
        tag = etags.tag_of(self.answered, response.data)
        if request.method in SAFE_METHODS and etags.is_fresh(request, tag):
            response = Response(status=304)
        response.headers["ETag"] = tag
        return response

    def allows(self, actor: Any) -> bool:
        """Whether the actor may do this request's action at all."""
        action: str | None = self.action
        if action is None:  # a method that is not offered: answered 405 whoever asks
            return True
        if keys := self.action_keys.get(action):
            return all(actor.level(key) >= level for key, level in keys)
        return self.guard.allows(actor, self.verb)

    @property
    def verb(self) -> Verb:
        return VERBS.get(self.request.method or "", "read")


class ReadOnlyResource(ApiView):
    """List and single endpoints of a model. Subclasses declare what the reference's page says."""

    serializer_class: type[WireSerializer]
    guard: ClassVar[Guard]
    lookup_value_regex = "[0-9]{1,19}"

    default_sort: ClassVar[tuple[str, ...]] = ("created_at:desc",)
    sorts: ClassVar[Mapping[str, Any]] = {}
    searches: ClassVar[Mapping[str, str]] = {}
    filters: ClassVar[Mapping[str, WireFilter]] = {}
    #: Includes as the reference spells them; the dict says what else than itself a word stands for.
    list_includes: ClassVar[tuple[str, ...]] = ()
    single_includes: ClassVar[tuple[str, ...] | None] = None
    include_aliases: ClassVar[Mapping[str, str | tuple[str, ...]]] = {}
    #: Included in single answers without being asked.
    single_default: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.filterset = build_filterset(cls.__name__.removesuffix("ViewSet"), cls.filters)  # type: ignore[attr-defined]

    @classmethod
    def check(cls) -> None:
        """Fail at start-up when a declaration names nothing real."""
        if getattr(cls, "guard", None) is None:
            raise LookupError(f"{cls.__name__} states no guard.")
        for word in (*cls.list_includes, *(cls.single_includes or ())):
            for path in include_paths(word, cls.include_aliases):
                check_include(cls.serializer_class, path)

    @property
    def model(self) -> Any:
        return self.serializer_class.Meta.model

    def base_queryset(self, *, with_deleted: bool = False) -> models.QuerySet[Any]:
        """The rows this endpoint is about; overridden by nested endpoints."""
        return visible(self.model, with_deleted=with_deleted)

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        query = ListQuery(request)
        include = include_tree(query.words("include"), self.list_includes, self.include_aliases)
        queryset = self.base_queryset(with_deleted=query.with_deleted)
        if since := query.edited_since:
            queryset = queryset.filter(updated_at__gte=since)
        if query.filters:
            queryset = apply_filters(self.filterset, queryset, query.filters)  # type: ignore[attr-defined]
        queryset = apply_search(queryset, query.terms, self.searches)
        queryset = apply_sort(queryset, query.words("sort"), list(self.default_sort), self.sorts)
        number, size = query.whole("page", 1, 10**12), query.whole("per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE)
        page = Page(request, self.loaded(queryset, include), number, size)
        return Response(page.answer(self.answers(page.rows, include)))

    def loaded(self, queryset: Any, include: Include) -> Any:
        """The queryset with what its answers need."""
        return loaded(self.serializer_class, queryset, include)

    def answers(self, rows: Sequence[Any], include: Include) -> Sequence[dict[str, Any]]:
        """Rows as answered in a list."""
        return self.serializer_class.render_many(rows, include)

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        include = self.single_include()
        self.answered = self.get_object()
        return Response(self.serializer_class.render(self.answered, include))

    def single_include(self) -> Include:
        """The include tree of a single answer (also of answers to writes)."""
        query = ListQuery(self.request, allowed=("include",))
        allowed = self.list_includes if self.single_includes is None else self.single_includes
        return include_tree(
            [*self.single_default, *query.words("include")],
            (*allowed, *self.single_default),
            self.include_aliases,
        )

    def get_object(self, *, lock: bool = False) -> Any:
        """The row of the address. On writes it is locked, so that two writers take turns."""
        key = int(self.kwargs[self.lookup_field])
        if key > 2**63 - 1:
            raise Http404
        queryset = self.base_queryset()
        if self.action == "retrieve":
            queryset = queryset.defer(*heavy(self.serializer_class))
        if lock:
            queryset = queryset.select_for_update(of=("self",))
        row = one(queryset.filter(pk=key))
        if row is None:
            raise Http404
        if lock:
            etags.check_match(self.request, row)
        return row


class CreatableResource(ReadOnlyResource):
    """List, single and create: rows that are made and never changed."""

    #: Reads bodies when they differ from the answer.
    input_class: ClassVar[Any] = None

    def create_row(self, values: dict[str, Any]) -> Any:
        return services.create(self.model, values)

    def reader(self, *, partial: bool) -> Any:
        """The serializer class that reads the bodies of POST, or those of PUT when `partial`."""
        return self.input_class or self.serializer_class

    def parse(self, *, partial: bool) -> dict[str, Any]:
        return self.reader(partial=partial).parse(self.request.data, partial=partial)

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        include = self.single_include()
        if isinstance(request.data, list):
            rows = self.create_rows(request.data)
            return Response({"datas": self.serializer_class.render_all(rows, include)}, status=201)
        row = self.create_row(self.parse(partial=False))
        return Response(self.written(row, include), status=201)

    def create_rows(self, datas: Sequence[Any]) -> list[Any]:
        """Rows from the bodies of an array: all of them, or none and the errors of each below its index."""
        if not 1 <= len(datas) <= MAX_BULK:
            raise Invalid(_("Send from 1 to %(limit)d elements at once.") % {"limit": MAX_BULK})
        rows: list[Any] = []
        refusals: dict[int, BusinessError] = {}
        for number, values in enumerate(self.reader(partial=False).parse_all(datas)):
            try:
                with transaction.atomic():
                    rows.append(self.create_row(values))
            except BusinessError as error:
                refusals[number] = error
        if refusals:
            raise joined(refusals)
        self.check_seen(rows)
        return rows

    def written(self, row: Any, include: Include) -> dict[str, Any]:
        """The answer for a row just written."""
        self.check_seen([row])
        self.answered = row
        return self.serializer_class.render(row, include)

    def check_seen(self, rows: Sequence[Any]) -> None:
        """Rows just written must still be visible to who wrote them. Raises Invalid (422)."""
        keys = {row.pk for row in rows}
        if is_narrowed(self.model) and self.base_queryset().filter(pk__in=keys).count() < len(keys):
            raise Invalid(
                _("You could not see this element afterwards: your permissions limit you to your own.")
            )


class ResourceViewSet(CreatableResource):
    """The five endpoints of an ordinary resource. Subclasses with rules override the three services."""

    def update_row(self, row: Any, values: dict[str, Any]) -> Any:
        return services.update(row, values)

    def delete_row(self, row: Any) -> None:
        services.delete(row)

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        include = self.single_include()
        row = self.get_object(lock=True)
        with editing(row):
            values = self.parse(partial=True)
        row = self.update_row(row, values)
        return Response(self.written(row, include))

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        ListQuery(request, allowed=())
        self.delete_row(self.get_object(lock=True))
        return Response(status=204)


class ResourceRouter(SimpleRouter):
    """Every address answers with and without a trailing slash, without a redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
        collection: Any
        single: Any
        collection, extra, single, *others = self.routes
        self.routes = [
            # What a team has one of (`/team`, `/user`) is changed at its own address, by the view's `change`.
            collection._replace(mapping={**collection.mapping, "put": "change"}),
            extra,
            # Some rows are changed by POST too, by the view's `update_by_post`.
            single._replace(mapping={**single.mapping, "post": "update_by_post"}),
            *others,
        ]

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        """Add a resource; refuses declarations that name nothing real."""
        super().register(prefix, viewset, basename=basename or prefix.replace("/", "-"))

    def get_urls(self) -> list[Any]:
        for _prefix, viewset, _basename in self.registry:
            if issubclass(viewset, ReadOnlyResource):
                viewset.check()
        return super().get_urls()


router = ResourceRouter()
