"""The stage of one resource's checks: its endpoints, bodies for them, and a few rows that differ."""

from __future__ import annotations

import datetime
import fnmatch
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.db import transaction

from erp.core.parameters import ParametersField
from erp.core.scope import team_scope
from erp.core.wire import BodyMixin
from tenants.models import Team, TeamUser
from tests.conftest import ApiClient
from tests.contract.case import Case, Form, case_of
from tests.contract.common import COMMON
from tests.contract.reference import SINGLES, Call, Parameter, Resource
from tests.contract.values import scalar, spread, values_at
from tests.routes import Endpoint, endpoints, parent_model

__all__ = ["ROWS", "Stage", "is_change", "matches"]

#: How many full rows; one more has only what is required.
ROWS = 4
#: Before the path of a column, in `Case.paths`, where no answer shows the value.
ORM = "orm:"
CHANGES = re.compile(r"^(add|remove|attach|detach)_")


def is_change(path: str) -> bool:
    """Whether a parameter adds to a list or takes away from it (`attach_tags`)."""
    return bool(CHANGES.match(path))


def matches(path: str, patterns: Any) -> bool:
    """Whether a parameter is one of some, or below one."""
    return any(fnmatch.fnmatchcase(path, item) or path.startswith(f"{item}.") for item in patterns)


def template(path: str) -> str:
    """`/customer/<CUSTOMER>/address/<ID>` as the router writes it."""
    return re.sub(r"<(\w+)>", lambda found: f"{{{found[1].lower()}}}", path)


class Stage:
    """One resource, in a team of its own."""

    def __init__(self, resource: Resource, api: ApiClient, team: Team, owner: TeamUser) -> None:
        self.resource, self.api, self.team, self.owner = resource, api, team, owner
        self.case: Case = case_of(resource.path)
        #: Anything that the functions of a case keep.
        self.kept: dict[str, Any] = {}
        self.count = 0
        #: Answers with different includes.
        self.seen: dict[Any, list[Any]] = {}

    def __str__(self) -> str:
        return self.resource.path

    def call(self, role: str) -> Call | None:
        return self.resource.roles.get(role)

    def next(self) -> int:
        """A variant that no row has yet; of an even number, whose flags are on."""
        self.count += 12
        return self.count

    # --- Addresses ------------------------------------------------------------------------------------

    @cached_property
    def parents(self) -> dict[str, Any]:
        """The rows above, of nested resources."""
        names = {name.lower() for name in re.findall(r"<(\w+)>", self.resource.path)}
        with self.scope():
            from tests.factories import make

            return {name: make(parent_model(name)) for name in names}

    def address(self, path: str, pk: int | None = None) -> str:
        """An address of the reference with its ids."""
        ids = {name: row.pk for name, row in self.parents.items()}
        return template(path).format(id=pk, **ids)

    def local_day(self, moment: str) -> str:
        """The day of a moment, of the team's calendar."""
        return datetime.datetime.fromisoformat(moment).astimezone(self.team.timezone).date().isoformat()

    def scope(self) -> Any:
        return team_scope(self.team, self.owner)

    # --- Calls ----------------------------------------------------------------------------------------

    def send(self, call: Call, body: Any = None, pk: int | None = None, slash: str = "") -> Any:
        """The response to one call."""
        address = self.address(call.path, pk) + slash
        if call.method == "GET":
            return self.api.get(address, **(body or {}))
        if call.method == "DELETE":
            return self.api.delete(address)
        if has_files(body):
            return self.multipart(call.method, address, body)
        return self.api.send(call.method.lower(), address, body or {})

    def multipart(self, method: str, address: str, body: Mapping[str, Any]) -> Any:
        from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

        data = encode_multipart(BOUNDARY, dict(bracketed(body)))
        return self.api.client.generic(method, f"/api/v1{address}", data, content_type=MULTIPART_CONTENT)

    def one(self, pk: int, *, included: bool = True) -> dict[str, Any]:
        """One row, with everything that can be included."""
        call = self.resource.roles["one"]
        return ok(self.send(call, self.including(call) if included else {}, pk))

    def including(self, call: Call) -> dict[str, str]:
        """The query that includes everything; one row includes what its list does."""
        words = call.include or (self.resource.roles.get("list") or call).include
        return {"include": ",".join(words)} if words else {}

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        """Rows of the list, as answered."""
        call = self.resource.roles["list"]
        datas = ok(self.send(call, {"per_page": 500, **query}))["datas"]
        return [data for data in datas if data["id"] in self.rows]

    def ids(self, **query: Any) -> list[int]:
        """Ids of the stage's rows in the list, in its order."""
        return [data["id"] for data in self.listed(**query)]

    # --- Bodies ---------------------------------------------------------------------------------------

    def endpoint(self, call: Call) -> Endpoint:
        """The route of a call."""
        path = template(call.path)
        return next(item for item in endpoints() if (item.method, item.path) == (call.method, path))

    def body(
        self, call: Call, n: int, form: Form | None = None, less: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """A body with every parameter of a call but the changes to lists."""
        form = form or self.case.forms[n % (self.case.row_forms or len(self.case.forms))]
        left_out = (*form.without, *less)
        wanted = [
            item for path, item in call.body.items() if not is_change(path) and not matches(path, left_out)
        ]
        with self.scope():
            made = self.composed(wanted, self.endpoint(call).reader, n, form)
        return without(made, less)

    def change(self, call: Call, name: str, n: int, form: Form) -> Any:
        """The value of a parameter that changes a list."""
        wanted = [
            item
            for path, item in call.body.items()
            if matches(path, (name,)) and not matches(path, form.without)
        ]
        with self.scope():
            return self.composed(wanted, self.endpoint(call).reader, n, form)[name]

    def composed(self, wanted: list[Parameter], reader: Any, n: int, form: Form) -> dict[str, Any]:
        """Values of parameters, nested as their paths say."""
        tree: dict[str, Any] = {}
        given: dict[str, Parameter] = {item.path: item for item in wanted}
        for path in given:
            branch = tree
            for step in path.split("."):
                branch = branch.setdefault(step, {})
        return {name: self.value(name, below, given, reader, n, form) for name, below in tree.items()}

    def value(
        self, path: str, below: dict[str, Any], given: Mapping[str, Any], reader: Any, n: int, form: Form
    ) -> Any:
        """The value of one parameter, with those below it."""
        for values in (form.values, self.case.values, COMMON):
            if path in values:
                found = values[path]
                return found(self, n) if callable(found) else found
        if "*" in below:
            return [self.value(f"{path}.*", below["*"], given, reader, n, form)]
        if below:
            return {
                name: self.value(f"{path}.{name}", rest, given, reader, n, form)
                for name, rest in below.items()
            }
        return scalar(path, given[path].kind, field_at(reader, path), n)

    def bare(self, call: Call, n: int = ROWS) -> dict[str, Any]:
        """A body with only what is required."""
        form = self.case.forms[0]
        kept = self.case.always
        optional = tuple(path for path in call.body if not needed(call, path) and path not in kept)
        return self.body(call, n, form, less=optional)

    def written(self, call: Call, body: dict[str, Any], pk: int | None = None) -> tuple[Any, dict[str, str]]:
        """The answer to a body, and what was refused of it, which is left out step by step."""
        refused: dict[str, str] = {}
        for _ in range(12):
            response = self.send(call, body, pk)
            if response.status_code < 300:
                return response.json(), refused
            assert response.status_code == 422, f"{response.status_code} {response.content[:300]!r}"
            errors = response.json()["errors"]
            found = {pattern_of(name): texts[0] for name, texts in errors.items()}
            kept = without(body, found)
            while kept == body and any(
                "." in name for name in found
            ):  # it is gone: so goes what it is part of
                found = {
                    name.rpartition(".")[0].removesuffix(".*") or name: text for name, text in found.items()
                }
                kept = without(body, found)
            assert kept != body, f"refused: {errors} after {refused}"
            refused |= found
            body = kept
        raise AssertionError(f"refused: {refused}")

    # --- Rows -----------------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Make the rows, once for all checks; those that need them tell what went wrong."""
        self.made: list[int] | Exception
        try:
            with transaction.atomic():
                self.made = self.make_rows()
        except Exception as error:  # noqa: BLE001
            self.made = error

    @property
    def rows(self) -> list[int]:
        """Ids of rows that differ, the last one with only what is required."""
        if isinstance(self.made, Exception):
            raise AssertionError(f"no rows: {self.made}") from self.made
        return self.made

    def make_rows(self) -> list[int]:
        if self.resource.path in SINGLES:
            made = [0]
        elif self.case.rows:
            with self.scope():
                made = self.case.rows(self)
        else:
            made = self.created() if self.call("create") else self.found()
        if self.case.prepare:
            with self.scope():
                self.case.prepare(self, made)
        self.spread_dates(made)
        return made

    def created(self) -> list[int]:
        call = self.resource.roles["create"]
        made = [self.written(call, self.body(call, n))[0]["id"] for n in range(ROWS)]
        return [*made, self.written(call, self.bare(call))[0]["id"]]

    def found(self) -> list[int]:
        """Rows of a list that programs cannot add to, taken from all of it."""
        ids = [data["id"] for data in ok(self.send(self.resource.roles["list"], {"per_page": 500}))["datas"]]
        return sorted(ids[:: max(1, len(ids) // 6)], key=lambda pk: pk % 7)

    @cached_property
    def model(self) -> Any:
        return self.endpoint(self.resource.roles["list"]).model

    def spread_dates(self, made: list[int]) -> None:
        """Rows made at once get different days of creation, where lists tell them apart."""
        call = self.call("list")
        if call and not any("ted_" in name for name in (*call.sort, *call.filter)):
            return
        if self.call("list") is None or "created_at" not in {
            field.name for field in self.model._meta.get_fields()
        }:
            return
        first = datetime.datetime(2024, 1, 10, 12, tzinfo=datetime.UTC)
        with self.scope():
            for n, pk in enumerate(made):
                moment = first + datetime.timedelta(days=spread(n))
                self.model._base_manager.filter(pk=pk).update(created_at=moment, updated_at=moment)

    @cached_property
    def answers(self) -> dict[int, dict[str, Any]]:
        """Each row as answered alone, with everything included."""
        return {pk: self.one(pk) for pk in self.rows}

    @cached_property
    def listed_whole(self) -> list[dict[str, Any]]:
        """Each row as answered in the list, with everything included."""
        call = self.call("list")
        return self.listed(**self.including(call)) if call and self.call("one") else []

    @cached_property
    def bare_answers(self) -> list[dict[str, Any]]:
        """Some rows as answered alone, with nothing included."""
        return [self.one(pk, included=False) for pk in self.rows[:2]]

    def path_of(self, name: str) -> str | Callable[[Any], Any]:
        """Where the value of a sort, search or filter is answered."""
        if name in self.case.paths:
            found = self.case.paths[name]
            column = found.removeprefix(ORM) if isinstance(found, str) and found.startswith(ORM) else ""
            return self.column(column) if column else found
        for path in (f"{name}_id", f"{name}.id", name, f"{name}_at"):
            if any(values_at(answer, path) for answer in self.answers.values()):
                return path
        if name in {field.name for field in self.model._meta.get_fields()}:
            return self.column(name)
        raise AssertionError(f"no answer shows {name}")

    def shows(self, name: str) -> bool:
        """Whether some answer shows the value of a sort, search or filter."""
        try:
            return bool(self.path_of(name))
        except AssertionError:
            return False

    def column(self, name: str) -> Callable[[Any], Any]:
        """The value of a column that answers do not show, by the answer's id."""
        with self.scope():
            values = dict(self.model._base_manager.filter(pk__in=self.rows).values_list("pk", name))
        return lambda answer: values[answer["id"]]


def needed(call: Call, path: str) -> bool:
    """Whether a parameter is required; rows of a required list are."""
    above = path.removesuffix(".*")
    return call.body[path].required or (above != path and above in call.body and needed(call, above))


def ok(response: Any) -> Any:
    """The body of a response, which must be good."""
    assert response.status_code < 300, f"{response.status_code} {response.content[:300]!r}"
    return response.json()


def pattern_of(name: str) -> str:
    """`contents.0.quantity` as the reference writes it: `contents.*.quantity`."""
    return re.sub(r"\.\d+(?=\.|$)", ".*", name)


def without(body: Any, patterns: Any, path: str = "") -> Any:
    """A body less some parameters; a list that is refused row by row goes whole."""
    if isinstance(body, Mapping):
        kept: dict[str, Any] = {}
        for name, value in body.items():
            below = f"{path}.{name}" if path else name
            if below not in patterns and f"{below}.*" not in patterns:
                kept[name] = without(value, patterns, below)
        return kept
    if isinstance(body, list):
        return [without(row, patterns, f"{path}.*") for row in body]
    return body


def field_at(reader: Any, path: str) -> Any:
    """The field that reads a parameter, or None when it is not known."""
    found: Any = None
    for step in path.split("."):
        if step == "*":
            continue
        if isinstance(found, ParametersField):
            return found.parameters.by_name.get(step)
        if not isinstance(reader, BodyMixin):
            return None
        aliases = getattr(getattr(reader, "Meta", None), "aliases", {})
        found = reader.fields.get(aliases.get(step, step))
        nested = getattr(found, "serializer_class", None)
        reader = nested.reader(partial=False) if nested is not None else None
    return found


def has_files(body: Any) -> bool:
    if isinstance(body, Mapping):
        return any(has_files(value) for value in body.values())
    return hasattr(body, "read") or (isinstance(body, list) and any(has_files(row) for row in body))


def bracketed(body: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """A body as the fields of a form."""
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from bracketed(value, f"{name}[{key}]" if name else key)
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from bracketed(value, f"{name}[{index}]")
    elif body is not None:
        yield name, json.dumps(body) if isinstance(body, bool) else body
