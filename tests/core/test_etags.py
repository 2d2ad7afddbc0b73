"""ETags of single objects, and writes refused with 412 when somebody was quicker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ApiClient
from tests.factories import make
from tests.routes import Endpoint, resources, row


def read(api: ApiClient, path: str, **headers: str) -> Any:
    return api.client.get(f"/api/v1{path}", headers=headers)


def write(api: ApiClient, path: str, tag: str, **body: Any) -> Any:
    return api.client.put(f"/api/v1{path}", body, content_type="application/json", headers={"If-Match": tag})


@pytest.fixture
def unit(scope: Any) -> str:
    """The address of a unit."""
    from erp.various.models import Unit

    return f"/unit/{make(Unit).pk}"


def test_an_unchanged_object_is_not_sent_again(api: ApiClient, unit: str) -> None:
    first = read(api, unit)
    again = read(api, unit, **{"If-None-Match": f'"other", W/{first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_a_changed_object_has_another_tag(api: ApiClient, unit: str) -> None:
    before = read(api, unit)["ETag"]
    api.put(unit, {"label": "Pallet"})
    after = read(api, unit, **{"If-None-Match": before})
    assert (after.status_code, after.json()["label"]) == (200, "Pallet")
    assert after["ETag"] != before


def test_what_is_included_counts(api: ApiClient, scope: Any) -> None:
    from erp.customers.models import Customer

    path = f"/customer/{make(Customer).pk}"
    plain = read(api, path)["ETag"]
    included = read(api, f"{path}?include=addresses", **{"If-None-Match": plain})
    assert included.status_code == 200


def test_a_stale_write_is_refused(api: ApiClient, unit: str) -> None:
    tag = read(api, unit)["ETag"]
    mine = write(api, unit, tag, label="Mine")
    theirs = write(api, unit, tag, label="Theirs")
    assert (mine.status_code, theirs.status_code) == (200, 412)
    assert "message" in theirs.json()
    assert read(api, unit).json()["label"] == "Mine"


def test_the_answer_of_a_guarded_write_serves_for_the_next(api: ApiClient, unit: str) -> None:
    first = write(api, unit, read(api, unit)["ETag"], label="One")
    assert write(api, unit, first["ETag"], label="Two").status_code == 200


def test_any_version_will_do(api: ApiClient, unit: str) -> None:
    assert write(api, unit, "*", label="Any").status_code == 200


def test_a_stale_deletion_is_refused(api: ApiClient, unit: str) -> None:
    tag = read(api, unit)["ETag"]
    api.put(unit, {"label": "Pallet"})
    assert api.client.delete(f"/api/v1{unit}", headers={"If-Match": tag}).status_code == 412
    fresh = read(api, unit)["ETag"]
    assert api.client.delete(f"/api/v1{unit}", headers={"If-Match": fresh}).status_code == 204


@pytest.mark.parametrize("path", ["/team", "/user"])
def test_what_there_is_one_of_has_a_tag_too(api: ApiClient, path: str) -> None:
    tag = read(api, path)["ETag"]
    assert read(api, path, **{"If-None-Match": tag}).status_code == 304
    assert write(api, path, tag, phone="+33 1 23 45 67 89").status_code == 200
    assert write(api, path, tag, phone="+33 1 23 45 67 80").status_code == 412


def test_a_nested_change_is_a_change(api: ApiClient, scope: Any) -> None:
    from erp.customers.models import CustomerAddress

    address = make(CustomerAddress)
    path = f"/customer/{address.customer_id}"
    tag = read(api, path)["ETag"]
    body = {"addresses": [{"id": address.pk, "town": "Lille"}]}
    assert api.put(path, body).status_code in (200, 422)
    changed = api.put(f"{path}/address/{address.pk}", {"town": "Brest"})
    assert changed.status_code == 200
    assert write(api, path, tag, comments="late").status_code == 412


@pytest.mark.parametrize("endpoint", resources(), ids=str)
def test_every_resource_has_tags(endpoint: Endpoint, api: ApiClient, scope: Any) -> None:
    path = row(endpoint).address(endpoint)
    answer = read(api, path)
    assert answer.status_code == 200
    assert read(api, path, **{"If-None-Match": answer["ETag"]}).status_code == 304
    if "put" in endpoint.view.action_map or endpoint.view.http_method_names:
        stale = write(api, path, '"1-1"')
        assert stale.status_code in (405, 412)


def credited_invoice() -> str:
    from erp.sales.models import Invoice

    return f"/sales/invoice/{make(Invoice).pk}/credit"


def credited_charge() -> str:
    from erp.charges.models import Charge

    return f"/charge/{make(Charge).pk}/credit"


def mail_not_sent() -> str:
    from erp.communication.models import Mail

    return f"/mail/{make(Mail, state='failed').pk}/retry"


def message_given_up() -> str:
    from erp.webhooks.models import Delivery

    return f"/webhook/delivery/{make(Delivery, status=Delivery.Status.FAILED).pk}/replay"


@pytest.mark.parametrize("action", [credited_invoice, credited_charge, mail_not_sent, message_given_up])
def test_what_is_done_to_an_object_is_refused_like_its_changes(
    api: ApiClient, scope: Any, action: Callable[[], str]
) -> None:
    address, method = f"/api/v1{action()}", "post" if "credit" in action.__name__ else "put"
    stale = {"content_type": "application/json", "headers": {"If-Match": '"0-0"'}}
    assert getattr(api.client, method)(address, {}, **stale).status_code == 412
