"""Checks of lists: filters, sorts, searches, includes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.common import FILTERS
from tests.contract.reference import Call
from tests.contract.stage import Stage, ok
from tests.contract.values import MISSING, plain, stated, values_at

__all__ = ["check_filter", "check_include", "check_search", "check_sort"]

#: Includes that the reference spells otherwise than the attribute that they add.
INCLUDES = {"configurations": "configs", "customFields": "custom_fields", "teamUser": "team_user"}


def check_filter(stage: Stage, name: str, kind: str) -> None:
    made = stage.case.filters.get(name) or FILTERS.get(name)
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
        if name in stage.case.empty:
            continue
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


def check_sort(stage: Stage, name: str) -> None:
    get = getter(stage.path_of(name))
    keys = sort_keys({pk: get(answer) for pk, answer in stage.answers.items()})
    up = [keys[pk] for pk in stage.ids(sort=name) if pk in keys]
    down = [keys[pk] for pk in stage.ids(sort=f"{name}:desc") if pk in keys]
    assert len(set(up)) > 1 or name in stage.case.empty, f"every row has the same: {up}"
    assert up == sorted(up), f"up: {up}"
    assert down == sorted(down, reverse=True), f"down: {down}"


def sort_keys(values: dict[int, list[Any]]) -> dict[int, Any]:
    """What rows with a value are sorted by: numbers, moments, or texts with letters of any case."""
    first = {pk: found[0] for pk, found in values.items() if found}
    keys = {pk: plain(value) for pk, value in first.items()}
    if not any(isinstance(key, str) for key in keys.values()):
        return keys
    return {pk: str(value).casefold() for pk, value in first.items()}


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


def check_include(stage: Stage, call: Call, name: str) -> None:
    place = stage.case.includes.get(name, INCLUDES.get(name, name))

    above = name.rpartition(".")[0]
    above = above if above in call.include else ""
    for path in place.split(","):
        rows = [pk for pk in stage.rows if filled(stage.answers[pk], path)][:1]
        assert rows, f"{path} is nowhere filled"
        assert any(filled(row, path) for row in answers(stage, call, name, rows)), f"{path} is not added"
        if path not in stage.case.shown:
            left = [value for row in answers(stage, call, above, rows) for value in stated(row, path)]
            assert all(value in (None, [], {}) for value in left), f"{path} is there without being included"


def answers(stage: Stage, call: Call, include: str, rows: list[int]) -> list[Any]:
    """Rows with something included; those without anything are asked for once."""
    query = {"include": include} if include else {}
    key = (call.role, include, *rows)
    if key not in stage.seen:
        found = (
            [ok(stage.send(call, query, pk)) for pk in rows] if call.role == "one" else stage.listed(**query)
        )
        stage.seen[key] = found
    return stage.seen[key]


def filled(answer: Any, path: str) -> bool:
    """Whether an answer has something at a path."""
    return any(value not in (None, [], {}) for value in values_at(answer, path))
