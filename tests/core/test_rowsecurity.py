"""PostgreSQL's second wall: even raw SQL sees and writes the rows of one team only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from erp.core.rowsecurity import link_tables, tenant_tables
from erp.core.scope import team_scope
from erp.various.models import Unit
from tenants.models import Team
from tests.factories import make

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def ask(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else [cursor.rowcount]


def test_requests_run_as_a_role_that_row_security_binds() -> None:
    [(name, is_super, bypasses)] = ask(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert (name, is_super, bypasses) == ("erp_web", False, False)
    assert ask("SELECT 1 FROM pg_tables WHERE tableowner = current_user") == []


@pytest.mark.parametrize("table", [*tenant_tables(), *link_tables()])
def test_every_tenant_table_has_the_policy(table: str) -> None:
    assert ask("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", f'"{table}"') == [(True,)]
    assert ask("SELECT policyname FROM pg_policies WHERE tablename = %s", table) == [("team",)]


@pytest.mark.parametrize("table", tenant_tables())
def test_no_table_shows_anything_without_a_team(table: str, team: Team, other_team: Team) -> None:
    assert ask(f'SELECT COUNT(*) FROM "{table}"') == [(0,)]


def test_raw_sql_in_one_teams_transaction_does_not_see_another(team: Team, other_team: Team) -> None:
    with team_scope(other_team):
        theirs = make(Unit)
    with team_scope(team):
        assert ask("SELECT DISTINCT team_id FROM various_unit") == [(team.pk,)]
        assert ask("SELECT 1 FROM various_unit WHERE id = %s", theirs.pk) == []
        assert ask("UPDATE various_unit SET label = 'x' WHERE id = %s", theirs.pk) == [0]
        assert ask("DELETE FROM various_unit WHERE id = %s", theirs.pk) == [0]
    with team_scope(other_team):
        assert Unit.objects.get(pk=theirs.pk).label == theirs.label


def test_raw_sql_cannot_write_another_teams_rows(team: Team, other_team: Team) -> None:
    with team_scope(team):
        own = make(Unit)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask("UPDATE various_unit SET team_id = %s WHERE id = %s", other_team.pk, own.pk)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask(
                "INSERT INTO various_unit (team_id, label, use_default, unece_code, created_at, updated_at)"
                " VALUES (%s, 'x', false, '', now(), now())",
                other_team.pk,
            )


def test_raw_sql_sees_no_links_between_another_teams_rows(team: Team, other_team: Team) -> None:
    if not link_tables():
        pytest.skip("no model has many-to-many links")
    from erp.customers.models import Contact
    from erp.various.models import Tag

    with team_scope(other_team):
        contact, tag = make(Contact), make(Tag)
        contact.tags.add(tag)
        table = Contact.tags.through._meta.db_table
        assert ask(f'SELECT COUNT(*) FROM "{table}"') == [(1,)]
    with team_scope(team):
        assert ask(f'SELECT COUNT(*) FROM "{table}"') == [(0,)]
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask(f'INSERT INTO "{table}" (contact_id, tag_id) VALUES (%s, %s)', contact.pk, make(Tag).pk)


def test_the_web_role_cannot_lift_the_policy() -> None:
    for sql in ("ALTER TABLE various_unit DISABLE ROW LEVEL SECURITY", "DROP POLICY team ON various_unit"):
        with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
            ask(sql)


@pytest.mark.django_db(transaction=True)
def test_the_team_is_forgotten_when_the_transaction_ends(team: Team) -> None:
    with team_scope(team):
        assert ask("SELECT current_setting('app.team', true)") == [(str(team.pk),)]
    assert ask("SELECT COALESCE(current_setting('app.team', true), '')") == [("",)]
    assert ask("SELECT COUNT(*) FROM various_unit") == [(0,)]
