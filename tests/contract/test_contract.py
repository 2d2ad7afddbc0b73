"""Every promise of the API reference, kept: see CONTRIBUTING.md, "The contract"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.contract.case import Form
from tests.contract.proof import Proof
from tests.contract.reference import Attribute, Call, Item, objects
from tests.contract.stage import Stage, is_change, matches, ok, pattern_of
from tests.contract.values import MISSING, all_found, at, plain, same, values_at

#: Rows made by a check are of variants from this one on: those of the stage are of the first ones.
NEW = 12
#: Includes that the reference spells otherwise than the attribute that they add.
INCLUDES = {"configurations": "configs", "customFields": "custom_fields", "teamUser": "team_user"}
KINDS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda value: True,
    "date": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
    "datetime": lambda value: (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value) is not None
    ),
    "amount": lambda value: (
        KINDS["number"](value) or (isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value) is not None)
    ),
}


def is_kind(value: Any, kind: str) -> bool:
    """Whether a value has the type that the reference gives it."""
    if kind.startswith("decimal:"):
        places = kind.removeprefix("decimal:")
        return isinstance(value, str) and re.fullmatch(rf"-?\d+\.\d{{{places}}}", value) is not None
    return KINDS[kind](value)


# --- Endpoints ------------------------------------------------------------------------------------------


def test_endpoints_answer_with_and_without_a_trailing_slash(stage: Stage, proof: Proof) -> None:
    checks = {"list": listing, "create": creation, "one": reading, "update": updating, "delete": deletion}
    for role, call in stage.resource.roles.items():
        check = stage.case.calls.get(role) or checks.get(role)
        with proof(call.item("endpoint")):
            assert check is not None, "no check is written for this endpoint"
            check(stage, call, proof)


def listing(stage: Stage, call: Call, proof: Proof) -> None:
    rows = set(stage.rows)
    for path in (call.path, *call.also):
        for slash in ("", "/"):
            response = stage.api.get(stage.address(path) + slash, per_page=500)
            assert rows <= {data["id"] for data in ok(response)["datas"]}, (
                f"rows are missing from {path}{slash}"
            )
    if call.edited_since:
        assert stage.ids(edited_since="2100-01-01") == []
        assert set(stage.ids(edited_since="2000-01-01")) == rows
    if call.with_deleted:
        assert set(stage.ids(with_deleted="true")) == rows
    if call.default_sort and {word.split(":")[0].strip() for word in call.default_sort.split(",")} <= set(
        call.sort
    ):
        assert stage.ids() == stage.ids(sort=call.default_sort.replace(" ", "")), "another default sort"


def creation(stage: Stage, call: Call, proof: Proof) -> None:
    response = stage.send(call, stage.bare(call, NEW), slash="/")
    assert response.status_code == 201, f"{response.status_code} {response.content[:300]!r}"
    created = response.json()
    assert created["id"] == stage.one(created["id"])["id"]


def reading(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.rows[0]
    for path in (call.path, *call.also):
        for slash in ("", "/"):
            assert ok(stage.api.get(stage.address(path, pk) + slash)).get("id") == (pk or own_id(stage))
    assert not pk or stage.send(call, pk=999_999_999).status_code == 404


def own_id(stage: Stage) -> int | None:
    """The id that what a team has one of answers; the team answers none."""
    return stage.answers[0].get("id")


def updating(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.rows[0]
    for slash in ("", "/"):
        assert ok(stage.send(call, {}, pk, slash)).get("id") == (pk or own_id(stage))
    for other in call.also:
        method, path = other.split()
        assert ok(stage.api.send(method.lower(), stage.address(path, pk)))["id"] == pk


def deletion(stage: Stage, call: Call, proof: Proof) -> None:
    pk = stage.kept["deletable"](stage) if "deletable" in stage.kept else stage.rows[-1]
    response = stage.send(call, pk=pk, slash="/")
    assert response.status_code == 204, f"{response.status_code} {response.content[:300]!r}"
    assert response.content == b""
    one, many = stage.call("one"), stage.call("list")
    assert one is None or stage.send(one, pk=pk).status_code == 404
    assert many is None or pk not in [row["id"] for row in ok(stage.send(many, {"per_page": 500}))["datas"]]
    if many is not None and many.with_deleted:
        rows = ok(stage.send(many, {"per_page": 500, "with_deleted": "true"}))["datas"]
        assert [sorted(row) for row in rows if row["id"] == pk] == [["deleted_at", "id"]]


# --- Attributes ----------------------------------------------------------------------------------------


def test_attributes_have_their_types(stage: Stage, proof: Proof) -> None:
    places = {stage.resource.object: "", **stage.case.nested}
    for name, place in places.items():
        if name in objects():
            chapter, attributes = objects()[name]
            with proof(Item(chapter, "object", name, "")):
                assert [row for row in full_answers(stage, place) if row], "no answer shows one"
            for attribute in attributes:
                with proof(Item(chapter, "attribute", name, attribute.name)):
                    check_attribute(stage, place, attribute)


def full_answers(stage: Stage, place: str) -> list[Any]:
    """Answers that show an object, of one row and of lists, with everything included."""
    alone = list(stage.answers.values())
    call = stage.call("list")
    listed = stage.listed(**stage.including(call)) if call and "one" in stage.resource.roles else []
    answers = [*alone, *listed]
    return answers if not place else [row for answer in answers for row in values_at(answer, place)]


def check_attribute(stage: Stage, place: str, attribute: Attribute) -> None:
    answers = full_answers(stage, place)
    found = [value for row in answers for value in stated(row, attribute.name)]
    assert found, "absent"
    if not attribute.sometimes and "." not in attribute.name:
        assert len(found) == len([row for row in answers if row]), "absent from some answers"
    filled = [value for value in found if value is not None]
    assert filled, "null in every answer"
    wrong = [value for value in filled if not is_kind(value, attribute.kind)]
    assert not wrong, f"{wrong[0]!r} is no {attribute.kind}"
    if attribute.on_request and not place:
        bare = [stage.one(pk, included=False) for pk in stage.rows[:2]]
        shown = stage.case.shown
        assert attribute.name in shown or all(at(row, attribute.name) is MISSING for row in bare), (
            "present without being requested"
        )


def stated(row: Any, path: str) -> list[Any]:
    """The values at a path, null included; of a list of objects, those of its rows."""
    head, _dot, rest = path.partition(".")
    if head == "*":
        rows = row if isinstance(row, list) else []
        return [value for item in rows for value in (stated(item, rest) if rest else [item])]
    if isinstance(row, list):
        return [value for item in row for value in stated(item, path)]
    if not isinstance(row, dict) or head not in row:
        return []
    return stated(row[head], rest) if rest else [row[head]]


# --- Parameters ----------------------------------------------------------------------------------------


def test_created_rows_show_what_was_sent(stage: Stage, proof: Proof) -> None:
    if call := stage.call("create"):
        check_writing(stage, call, proof)


def test_updated_rows_show_what_was_sent(stage: Stage, proof: Proof) -> None:
    if call := stage.call("update"):
        check_writing(stage, call, proof)


def new_row(stage: Stage, form: Form, n: int) -> int:
    """A row to update: a new one where it can be created."""
    if create := stage.call("create"):
        return int(stage.written(create, stage.body(create, n, form))[0]["id"])
    return stage.rows[n % len(stage.rows)]


def check_writing(stage: Stage, call: Call, proof: Proof) -> None:
    """Send a body of each form and compare it with the answer."""
    given: set[str] = set()
    updates = call.role == "update"
    forms = stage.case.update_forms if updates and stage.case.update_forms else stage.case.forms
    for index, form in enumerate(forms):
        n = NEW + 4 * index
        body = stage.body(call, n + (1 if updates else 2), form)
        try:
            pk = new_row(stage, stage.case.forms[index % len(stage.case.forms)], n) if updates else None
            answer, refused = stage.written(call, body, pk)
            answer = stage.one(answer.get("id", pk))
        except (AssertionError, KeyError, TypeError) as error:
            answer, refused = {}, dict.fromkeys(body, str(error))
        for path in call.body:
            if not is_change(path) and not matches(path, form.without) and path not in given:
                given.add(path)
                with proof(call.item("parameter", path)):
                    blame = next((text for name, text in refused.items() if path.startswith(name)), None)
                    assert blame is None, f"refused: {blame}"
                    check_shown(stage, path, at(body, path), answer)
    for path in call.body:
        if is_change(path) and "." not in path:
            given |= {name for name in call.body if matches(name, (path,))}
            check_change(stage, call, path, proof)
    for path in set(call.body) - given:
        proof.failed(call.item("parameter", path), "no form gives it")


def check_shown(stage: Stage, path: str, sent: Any, answer: Any) -> None:
    """The answer shows what was sent as one parameter."""
    assert sent is not MISSING, "no value to send"
    place = read_at(stage, path)
    if callable(place):
        place(stage, sent, answer)
        return
    answered = at(answer, place)
    if answered is MISSING:
        answered = at(answer, f"{place}_id")
    if isinstance(sent, dict) and isinstance(answered, dict):
        sent = {name: value for name, value in sent.items() if not same({name: value}, answered)}
        answered = {name: answered.get(name, answered.get(f"{name}_id")) for name in sent}
    assert same(sent, answered), f"sent {short(sent)}, answered {short(answered)}"


def read_at(stage: Stage, path: str) -> Any:
    """Where a parameter is answered."""
    reads = stage.case.reads
    steps = path.split(".")
    for count in range(len(steps), 0, -1):
        head = ".".join(steps[:count])
        if head in reads:
            place = reads[head]
            return place if callable(place) else ".".join([place, *steps[count:]])
    return path


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 120 else f"{text[:117]}…"


def check_change(stage: Stage, call: Call, name: str, proof: Proof) -> None:
    """`add_x` adds to x; `remove_x` takes away from it what x had. Those below it are proven with it."""
    base = name.partition("_")[2]
    items = [call.item("parameter", path) for path in call.body if matches(path, (name,))]
    form = next(
        form
        for form in stage.case.forms
        if not matches(base, form.without) and not matches(name, form.without)
    )
    count = len(proof.failures)
    with proof(items[0]):
        if name.startswith(("add_", "attach_")):
            check_adding(stage, call, name, base, form)
        else:
            check_removing(stage, call, name, base, form)
    for item in items[1:]:
        if len(proof.failures) == count:
            proof.passed(item)
        else:
            proof.failed(item, f"see {name}")


def check_adding(stage: Stage, call: Call, name: str, base: str, form: Form) -> None:
    create = call.role == "create"
    pk = None if create else new_row(stage, form, NEW + 40)
    value = stage.change(call, name, NEW + 43, form)
    body = stage.body(call, NEW + 42, form, without=(base,)) if create else {}
    answer, refused = stage.written(call, {**body, name: value}, pk)
    assert not refused, f"refused: {refused}"
    after = base_value(stage, base, stage.one(answer["id"]))
    assert all_found(value, after), f"sent {short(value)}, answered {short(after)}"


def check_removing(stage: Stage, call: Call, name: str, base: str, form: Form) -> None:
    create = call.role == "create"
    body = stage.body(stage.resource.roles["create"], NEW + 50, form)
    whole, _refused = stage.written(stage.resource.roles["create"], body)
    before = base_value(stage, base, stage.one(whole["id"]))
    value = stage.case.removed(stage, name, {**whole, **stage.one(whole["id"])}, body)
    if create:
        body = stage.body(call, NEW + 52, form, without=(base,)) | {base: body[base]}
    answer, refused = stage.written(
        call, {**(body if create else {}), name: value}, None if create else whole["id"]
    )
    assert not refused, f"refused: {refused}"
    after = base_value(stage, base, stage.one(answer["id"]))
    assert len(after) < len(before), f"{short(before)} became {short(after)}"


def base_value(stage: Stage, base: str, answer: Any) -> list[Any]:
    place = read_at(stage, base)
    found = at(answer, place if isinstance(place, str) else base)
    return found if isinstance(found, list) else []


def test_required_parameters_are_asked_for(stage: Stage, proof: Proof) -> None:
    for role in ("create", "update"):
        call = stage.call(role)
        for path, parameter in call.body.items() if call else ():
            if parameter.required and not is_change(path):
                assert call is not None
                with proof(call.item("parameter", path)):
                    check_required(stage, call, path)


def check_required(stage: Stage, call: Call, path: str) -> None:
    form = next(form for form in stage.case.forms if not matches(path, form.without))
    pk = new_row(stage, form, NEW + 60) if call.role == "update" else None
    body = stage.body(call, NEW + 61, form, without=(path, *stage.case.together.get(path, ())))
    response = stage.send(call, body, pk)
    assert response.status_code == 422, f"{response.status_code} without it"
    names = [pattern_of(name) for name in response.json()["errors"]]
    assert any(name == path or name.startswith(f"{path}.") for name in names), f"without it: {names}"


# --- Filters, sorts, searches, includes ----------------------------------------------------------------


def test_filters_keep_what_matches_and_drop_the_rest(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name, kind in call.filter.items() if call else ():
        assert call is not None
        with proof(call.item("filter", name)):
            check_filter(stage, name, kind)


def check_filter(stage: Stage, name: str, kind: str) -> None:
    made = stage.case.filters.get(name)
    if made:
        with stage.scope():
            checks = made(stage)
    else:
        checks = usual_filter(stage, name, kind)
    assert checks, "no row has a value to filter by"
    for value, predicate in checks:
        query = (
            {f"filter[{name}]": value}
            if not isinstance(value, dict)
            else {f"filter[{name}]{key}": text for key, text in value.items()}
        )
        kept = {pk for pk, answer in stage.answers.items() if predicate(answer)}
        found = set(stage.ids(**query))
        assert found == kept, f"{value!r} finds {len(found)} rows, not {len(kept)}"
        assert kept, f"no row has {value!r}"
        assert len(kept) < len(stage.rows), f"every row has {value!r}"


def usual_filter(stage: Stage, name: str, kind: str) -> list[tuple[Any, Callable[[Any], bool]]]:
    """What a filter does, by its name and type."""
    if name == "exclude":
        first = stage.rows[0]
        return [(first, lambda answer: answer["id"] != first)]
    if kind == "texts":
        return tag_filter(stage, every=name.startswith("all_"))
    if kind == "boolean":
        return flag_filter(stage, name)
    base, _underscore, side = name.rpartition("_")
    if kind == "date" and side in ("since", "until"):
        return limit_filter(stage, base, since=side == "since")
    get = getter(stage.path_of(name))
    return [(value, holding(get, value)) for value in distinct(stage, get)[:2]]


def holding(get: Callable[[Any], list[Any]], value: Any) -> Callable[[Any], bool]:
    return lambda answer: any(alike(item, value) for item in get(answer))


def flag_filter(stage: Stage, name: str) -> list[tuple[Any, Callable[[Any], bool]]]:
    get = getter(stage.path_of(name.removeprefix("have_") if name not in stage.case.paths else name))

    def holds(answer: Any) -> bool:
        values = get(answer)
        return bool(values and values[0] and values[0] != {"active": False})

    return [("true", holds), ("false", lambda answer: not holds(answer))]


def limit_filter(stage: Stage, base: str, *, since: bool) -> list[tuple[Any, Callable[[Any], bool]]]:
    get = getter(stage.path_of(base))
    days = sorted({str(value)[:10] for answer in stage.answers.values() for value in get(answer)})
    assert len(days) > 1, "every row has the same date"
    limit = days[-1] if since else days[0]

    def holds(answer: Any) -> bool:
        return any((str(day)[:10] >= limit) if since else (str(day)[:10] <= limit) for day in get(answer))

    return [(limit, holds)]


def tag_filter(stage: Stage, *, every: bool) -> list[tuple[Any, Callable[[Any], bool]]]:
    tags = {pk: {tag["name"] for tag in answer["tags"]} for pk, answer in stage.answers.items()}
    first, second = next(names for names in tags.values() if names), [*tags.values()][1]
    names = [min(first), min(second or first)]
    test = all if every else any
    return [
        ({"[]": names[0]}, lambda answer: names[0] in {tag["name"] for tag in answer["tags"]}),
        *(
            []
            if every
            else [
                (
                    {"[]": names},
                    lambda answer: test(n in {tag["name"] for tag in answer["tags"]} for n in names),
                )
            ]
        ),
    ]


def getter(path: str | Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    """The values of an answer at a path, those that are filled."""

    def get(answer: Any) -> list[Any]:
        found = path(answer) if callable(path) else values_at(answer, path)
        found = found if isinstance(found, list) else [found]
        return [value for value in found if value not in (None, MISSING)]

    return get


def distinct(stage: Stage, get: Callable[[Any], list[Any]]) -> list[Any]:
    """Different values of the rows, in their order."""
    return list(dict.fromkeys(value for answer in stage.answers.values() for value in get(answer)))


def alike(one: Any, other: Any) -> bool:
    """Whether two values are equal, letters of any case."""
    first, second = plain(one), plain(other)
    return first == second or str(first).casefold() == str(second).casefold()


def test_sorts_order_both_ways(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name in call.sort if call else ():
        assert call is not None
        with proof(call.item("sort", name)):
            check_sort(stage, name)


def check_sort(stage: Stage, name: str) -> None:
    get = getter(stage.path_of(name))
    keys = {pk: sort_key(get(answer)) for pk, answer in stage.answers.items()}
    up = [keys[pk] for pk in stage.ids(sort=name) if keys[pk] is not None]
    down = [keys[pk] for pk in stage.ids(sort=f"{name}:desc") if keys[pk] is not None]
    assert len(set(up)) > 1, f"every row has the same: {up}"
    assert up == sorted(up), f"up: {up}"
    assert down == sorted(down, reverse=True), f"down: {down}"


def sort_key(values: list[Any]) -> Any:
    if not values:
        return None
    value = plain(values[0])
    return value.casefold() if isinstance(value, str) else value


def test_searches_find_and_do_not_find(stage: Stage, proof: Proof) -> None:
    call = stage.call("list")
    for name in call.search if call else ():
        assert call is not None
        with proof(call.item("search", name)):
            check_search(stage, call, name)


def check_search(stage: Stage, call: Call, name: str) -> None:
    getters = {
        field: getter(stage.path_of(field)) for field in call.search if field == name or stage.shows(field)
    }

    def found_in(answer: Any, term: str, fields: Any) -> bool:
        return any(
            alike(value, term) for field in fields if field in getters for value in getters[field](answer)
        )

    others = [field for field in call.search if field != name]
    terms = [
        text_of(value)
        for answer in stage.answers.values()
        for value in getters[name](answer)
        if not found_in(answer, text_of(value), others)
    ]
    for term in terms:
        kept = {pk for pk, answer in stage.answers.items() if found_in(answer, term, call.search)}
        found = set(stage.ids(search=term))
        assert found == kept, f"{term!r} finds {len(found)} rows, not {len(kept)}"
        if len(kept) < len(stage.rows):
            return
    raise AssertionError("no value of this attribute alone" if not terms else "every row has the same")


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_includes_add_their_attributes(stage: Stage, proof: Proof) -> None:
    for role in ("list", "one"):
        call = stage.call(role)
        for name in call.include if call else ():
            assert call is not None
            with proof(call.item("include", name)):
                check_include(stage, call, name)


def check_include(stage: Stage, call: Call, name: str) -> None:
    place = stage.case.includes.get(name, INCLUDES.get(name, name))

    def answers(include: str) -> list[Any]:
        query = {"include": include} if include else {}
        if call.role == "list":
            return stage.listed(**query)
        return [ok(stage.send(call, query, pk)) for pk in stage.rows]

    above = ".".join(name.split(".")[:-1])
    for place_one in place.split(","):
        with_it = [
            value
            for row in answers(name)
            for value in values_at(row, place_one)
            if value not in (None, [], {})
        ]
        assert with_it, f"{place_one} is nowhere filled"
        if place_one not in stage.case.shown:
            left = [value for row in answers(above) for value in stated(row, place_one)]
            assert all(value in (None, [], {}) for value in left), (
                f"{place_one} is there without being included"
            )
