"""Checks of bodies: what is sent is answered, lists grow and shrink, what is required is asked for."""

from __future__ import annotations

from typing import Any

from tests.contract.case import Form
from tests.contract.proof import Proof
from tests.contract.reference import Call
from tests.contract.stage import Stage, is_change, matches, pattern_of, without
from tests.contract.values import MISSING, all_found, at, same

__all__ = ["check_each", "check_required", "check_writing"]


def new_row(stage: Stage, form: Form, n: int) -> int:
    """A row to update: a new one where it can be created."""
    stage.kept["row"] = None
    if create := stage.call("create"):
        body = stage.body(create, n, form, less=stage.case.fresh)
        return int(stage.written(create, body)[0]["id"])
    return stage.rows[n % len(stage.rows)]


def check_writing(stage: Stage, call: Call, proof: Proof) -> None:
    """Send a body of each form and compare it with the answer."""
    given: set[str] = set()
    updates = call.role == "update"
    forms = stage.case.update_forms if updates and stage.case.update_forms else stage.case.forms
    for index, form in enumerate(forms):
        n = stage.next()
        body: dict[str, Any] = {}
        try:
            pk = new_row(stage, stage.case.forms[index % len(stage.case.forms)], n) if updates else None
            stage.kept["row"] = pk
            body = stage.body(call, n + (1 if updates else 2), form)
            answer, refused = stage.written(call, body, pk)
            answer = stage.one(answer.get("id", pk))
        except (AssertionError, KeyError, TypeError) as error:
            answer, refused = {}, dict.fromkeys(call.body, str(error) or repr(error))
        for path in call.body:
            if not is_change(path) and not matches(path, form.without) and path not in given:
                given.add(path)
                with proof(call.item("parameter", path)), stage.scope():
                    blame = next((text for name, text in refused.items() if path.startswith(name)), None)
                    assert blame is None, f"refused: {blame}"
                    check_shown(stage, path, at(body, path), answer)
    for path in call.body:
        if is_change(path) and "." not in path:
            given |= {name for name in call.body if matches(name, (path,))}
            check_change(stage, call, path, proof)
    for path in set(call.body) - given:
        proof.failed(call.item("parameter", path), "no form gives it")


def check_each(stage: Stage, call: Call, proof: Proof, pk: int) -> None:
    """Send the parameters of a call one by one, to one row, and compare each with the answer."""
    for path in call.body:
        form = next(form for form in stage.case.forms if not matches(path, form.without))
        if is_change(path):
            with proof(call.item("parameter", path)):
                check_one_change(stage, call, path, pk)
        elif "." not in path:
            below = [name for name in call.body if matches(name, (path,))]
            others = tuple(name for name in call.body if name not in below)
            body = stage.body(call, stage.next() + 1, form, less=others)
            for name in below:
                with proof(call.item("parameter", name)):
                    _answer, refused = stage.written(call, body, pk)
                    assert not refused, f"refused: {refused}"
                    check_shown(stage, name, at(body, name), stage.one(pk))


def check_one_change(stage: Stage, call: Call, name: str, pk: int) -> None:
    """`attach_x` adds what `detach_x` takes away."""
    verb, _underscore, base = name.partition("_")
    other = {"attach": "detach", "detach": "attach", "add": "remove", "remove": "add"}[verb]
    before = base_value(stage, base, stage.one(pk))
    value = stage.change(call, name, stage.next() + 3, stage.case.forms[0])
    adds = verb in ("attach", "add")
    for word in (verb, other) if adds else (other, verb):
        stage.written(call, {f"{word}_{base}": value}, pk)
        after = base_value(stage, base, stage.one(pk))
        assert len(after) == len(before) + (len(value) if word in ("attach", "add") else 0)


def check_shown(stage: Stage, path: str, sent: Any, answer: Any) -> None:
    """The answer shows what was sent as one parameter."""
    assert sent is not MISSING, "no value to send"
    place = read_at(stage, path)
    if callable(place):
        place(stage, sent, answer)
        return
    sent = less_read_elsewhere(stage, path, sent)
    answered = at(answer, place)
    if answered is MISSING:
        answered = at(answer, f"{place}_id")
    if isinstance(sent, dict) and isinstance(answered, dict):
        sent = {name: value for name, value in sent.items() if not same({name: value}, answered)}
        answered = {name: answered.get(name, answered.get(f"{name}_id")) for name in sent}
    assert same(sent, answered), f"sent {short(sent)}, answered {short(answered)}"


def less_read_elsewhere(stage: Stage, path: str, sent: Any) -> Any:
    """What was sent without the parts that are answered elsewhere, which have checks of their own."""
    if isinstance(sent, list):
        return [less_read_elsewhere(stage, f"{path}.*", row) for row in sent]
    if not isinstance(sent, dict):
        return sent
    return {
        name: less_read_elsewhere(stage, f"{path}.{name}", value)
        for name, value in sent.items()
        if f"{path}.{name}" not in stage.case.reads
    }


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
    check = check_adding if name.startswith(("add_", "attach_")) else check_removing
    left = [path for path in call.body if matches(path, (name,))]
    for form in stage.case.forms:
        given = [path for path in left if not matches(path, form.without)]
        if not given or matches(base, form.without):
            continue
        left = [path for path in left if path not in given]
        count = len(proof.failures)
        with proof(call.item("parameter", given[0])):
            check(stage, call, name, base, form)
        for path in given[1:]:
            if len(proof.failures) == count:
                proof.passed(call.item("parameter", path))
            else:
                proof.failed(call.item("parameter", path), f"see {given[0]}")
    for path in left:
        proof.failed(call.item("parameter", path), "no form gives it")


def check_adding(stage: Stage, call: Call, name: str, base: str, form: Form) -> None:
    create, n = call.role == "create", stage.next()
    pk = None if create else new_row(stage, form, n)
    value = stage.change(call, name, n + 3, form)
    body = stage.body(call, n + 2, form, less=(base,)) if create else {}
    answer, refused = stage.written(call, {**body, name: value}, pk)
    assert not refused, f"refused: {refused}"
    after = base_value(stage, base, stage.one(answer["id"]))
    assert all_found(value, after), f"sent {short(value)}, answered {short(after)}"


def check_removing(stage: Stage, call: Call, name: str, base: str, form: Form) -> None:
    create, n = call.role == "create", stage.next()
    body = stage.body(stage.resource.roles["create"], n, form)
    whole, _refused = stage.written(stage.resource.roles["create"], body)
    before = base_value(stage, base, stage.one(whole["id"]))
    value = stage.case.removed(stage, name, {**whole, **stage.one(whole["id"])}, body)
    if create:
        body = stage.body(call, n + 2, form, less=(base,)) | {base: body[base]}
    answer, refused = stage.written(
        call, {**(body if create else {}), name: value}, None if create else whole["id"]
    )
    assert not refused, f"refused: {refused}"
    after = base_value(stage, base, stage.one(answer["id"]))
    assert len(after) < len(before), f"{short(before)} became {short(after)}"


def base_value(stage: Stage, base: str, answer: Any) -> list[Any]:
    if base in stage.case.lists:
        with stage.scope():
            return stage.case.lists[base](stage, answer)
    place = read_at(stage, base)
    found = at(answer, place if isinstance(place, str) else base)
    return found if isinstance(found, list) else []


def whole_body(stage: Stage, call: Call, form: Form) -> tuple[dict[str, Any], int | None]:
    """A good body of a form, and the row that it changes."""
    n = stage.next()
    pk = new_row(stage, form, n) if call.role == "update" else None
    stage.kept["row"] = pk
    return stage.body(call, n + 1, form), pk


def check_required(stage: Stage, call: Call, path: str, bodies: dict[int, Any]) -> None:
    """`bodies` keeps the bodies of a test by form: what is refused changes nothing."""
    form = next(form for form in stage.case.forms if not matches(path, form.without))
    if id(form) not in bodies:
        bodies[id(form)] = whole_body(stage, call, form)
    body, pk = bodies[id(form)]
    response = stage.send(call, without(body, (path, *stage.case.together.get(path, ()))), pk)
    assert response.status_code == 422, f"{response.status_code} without it"
    names = [pattern_of(name) for name in response.json()["errors"]]
    assert any(name == path or name.startswith(f"{path}.") for name in names), f"without it: {names}"
