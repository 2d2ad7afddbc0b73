"""`Idempotency-Key`: what is sent twice is done once."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from erp.core.idempotency import LIFETIME
from erp.core.models import IdempotentRequest
from erp.core.scope import team_scope
from erp.various.models import Unit
from tests.conftest import ApiClient, key_of, team_named


def post(api: ApiClient, key: str, path: str = "/unit", **body: Any) -> Any:
    """A POST that names itself."""
    return api.client.post(
        f"/api/v1{path}", body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def labels(team: Any) -> list[str]:
    with team_scope(team):
        return list(Unit.objects.filter(label__startswith="Idem").values_list("label", flat=True))


def test_the_same_request_is_answered_again(api: ApiClient, team: Any) -> None:
    first = post(api, "a-1", label="Idem")
    again = post(api, "a-1", label="Idem")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert labels(team) == ["Idem"]


def test_the_order_of_attributes_does_not_matter(api: ApiClient, team: Any) -> None:
    post(api, "a-1", label="Idem", use_default=False)
    assert post(api, "a-1", use_default=False, label="Idem")["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(api: ApiClient, team: Any) -> None:
    post(api, "a-1", label="Idem")
    refused = post(api, "a-1", label="Idem 2")
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["Idempotency-Key"]
    assert labels(team) == ["Idem"]


def test_another_address_under_the_same_key_is_refused(api: ApiClient) -> None:
    post(api, "a-1", label="Idem")
    assert post(api, "a-1", "/civility", label="Idem").status_code == 422


def test_a_refused_request_gives_its_key_back(api: ApiClient, team: Any) -> None:
    assert post(api, "a-1").status_code == 422
    assert post(api, "a-1", label="Idem").status_code == 201
    assert labels(team) == ["Idem"]


def test_a_key_lives_a_day(api: ApiClient, team: Any) -> None:
    post(api, "a-1", label="Idem")
    with team_scope(team):
        row = IdempotentRequest.objects.get(key="a-1")
        IdempotentRequest.objects.filter(pk=row.pk).update(
            created_at=row.created_at - LIFETIME - datetime.timedelta(seconds=1)
        )
    assert "Idempotent-Replayed" not in post(api, "a-1", label="Idem 2")
    assert labels(team) == ["Idem", "Idem 2"]


def test_keys_of_two_teams_and_of_the_sandbox_are_apart(
    api: ApiClient, other_api: ApiClient, team: Any
) -> None:
    post(api, "a-1", label="Idem")
    assert "Idempotent-Replayed" not in post(other_api, "a-1", label="Idem")
    sandbox = api.client.post(
        "/api/v1/unit",
        {"label": "Idem"},
        content_type="application/json",
        headers={"Idempotency-Key": "a-1", "testMode": "1"},
    )
    assert "Idempotent-Replayed" not in sandbox
    assert labels(team) == ["Idem"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"], ids=["empty", "long", "unprintable"])
def test_a_key_that_is_none_is_refused(api: ApiClient, key: str) -> None:
    assert list(post(api, key, label="Idem").json()["errors"]) == ["Idempotency-Key"]


def test_a_conversion_is_done_once(api: ApiClient, team: Any) -> None:
    with team_scope(team):
        from tests.factories import make

        unit = make(Unit, label="Idem")
    headers = {"Idempotency-Key": "a-2"}
    address = f"/api/v1/unit/{unit.pk}"
    change = {"label": "Idem changed"}
    first = api.client.put(address, change, content_type="application/json", headers=headers)
    again = api.client.put(address, change, content_type="application/json", headers=headers)
    assert again.json() == first.json()
    gone = api.client.delete(address, headers={"Idempotency-Key": "a-3"})
    again = api.client.delete(address, headers={"Idempotency-Key": "a-3"})
    assert (gone.status_code, again.status_code) == (204, 204)


def test_files_count_by_their_content(api: ApiClient) -> None:
    def send(content: bytes) -> Any:
        logo = SimpleUploadedFile("logo.txt", content)
        return api.client.post(
            "/api/v1/unit", {"label": "Idem", "logo": logo}, headers={"Idempotency-Key": "a-1"}
        )

    first, other = send(b"one"), send(b"two")
    # The attribute is unknown: both are refused for it, neither for its key.
    assert [list(answer.json()["errors"]) for answer in (first, other)] == [["logo"], ["logo"]]


def test_the_answer_is_kept_encrypted(api: ApiClient, team: Any) -> None:
    post(api, "a-1", label="Idem")
    with team_scope(team):
        assert "Idem" not in IdempotentRequest.objects.get(key="a-1").answer


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_the_work_once() -> None:
    team = team_named("Acme")
    key = key_of(team)
    answers: list[Any] = []
    start = threading.Barrier(4)

    def send() -> None:
        try:
            start.wait(10)
            answers.append(
                Client().post(
                    "/api/v1/unit",
                    {"label": "Idem"},
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "a-1"},
                )
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 3
    assert labels(team) == ["Idem"]
