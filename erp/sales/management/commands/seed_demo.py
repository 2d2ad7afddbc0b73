"""`manage.py seed_demo`: a demonstration company with two years of business."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import module_has_submodule
from tqdm import tqdm

from erp.core import services as core
from erp.core.scope import team_scope, unscoped
from erp.core.stored_pdf import pdfs_on_demand
from erp.sales.choices import SEALED_KINDS
from erp.sales.demo import COMPANY, CUSTOMERS, PRODUCTS, Demo
from erp.sales.models import Document
from tenants.models import Team, TeamUser
from tenants.services import create_api_key, create_team

EMAIL = "demo@example.org"
PASSWORD = "demo-demo-demo"  # noqa: S105 (printed for whoever tries the product)

logger = logging.getLogger(__name__)


def _later_chapters() -> Iterator[tuple[str, Callable[[], None]]]:
    """`fill` of the module `demo` of each chapter that has one, called once sales are filled in."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "demo"):
            module = import_module(f"{config.name}.demo")
            if hasattr(module, "fill"):
                yield config.label, module.fill


class Command(BaseCommand):
    """Safe to run twice: the second time it only prints how to sign in, with a new API key."""

    help = "Fill in a demonstration company: customers, products and two years of documents in all states."

    def handle(self, *args: Any, **options: Any) -> None:
        team = self._made() or self._seed()
        with team_scope(team):
            owners = TeamUser.objects.select_related("user").filter(is_owner=True, active=True)
            member = owners.order_by("pk")[0]
            key = create_api_key(member, "demo")
        password = PASSWORD if member.user.check_password(PASSWORD) else "(the one you chose)"
        self.stdout.write(f"Address: {settings.BASE_URL}/admin/")
        self.stdout.write(f"Login: {member.user.email}  password: {password}")
        self.stdout.write(f"API key: {key}")

    def _made(self) -> Team | None:
        """The company of an earlier run, by its owner or by its name: people try out changing either."""
        teams = Team.objects.filter(sandbox_of=None).order_by("pk")
        with unscoped("the demonstration company is looked for"):
            owned = TeamUser.objects.filter(user__email=EMAIL, is_owner=True).values("team")
            found = teams.filter(pk__in=owned).first()
        return found or teams.filter(company_name=COMPANY["company_name"]).first()

    @transaction.atomic
    def _seed(self) -> Team:
        with unscoped("a new installation has no team yet"):
            described = {name: value for name, value in COMPANY.items() if name != "company_name"}
            team = create_team(COMPANY["company_name"], EMAIL, PASSWORD, **described)
        with team_scope(team), pdfs_on_demand():
            core.update(TeamUser.objects.get().user, {"firstname": "Dominique", "lastname": "Morel"})
            self._fill()
        return team

    def _fill(self) -> None:
        demo = Demo()
        demo.account()
        products = list(self._progress(demo.products(), "products", len(PRODUCTS)))
        works = list(demo.works(products))
        buyers = list(self._progress(demo.customers(), "customers", CUSTOMERS))
        days = demo.days()
        for day, _number in self._progress(demo.events(days), "deals"):
            made = demo.deal(day, buyers, products, works)
            # What is sealed keeps the moment it was really made.
            documents = Document.objects.filter(affair_id=made.affair_id)
            documents.exclude(kind__in=SEALED_KINDS, is_draft=False).update(created_at=f"{day}T09:00:00Z")
        for chapter, fill in self._progress(list(_later_chapters()), "chapters"):
            logger.debug("Demonstration data of %s", chapter)
            fill()

    def _progress(self, items: Any, name: str, total: int | None = None) -> Any:
        return tqdm(items, desc=name, total=total, file=self.stderr, disable=None)
