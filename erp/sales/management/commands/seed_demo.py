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
        team = Team.objects.filter(company_name=COMPANY["company_name"], sandbox_of=None).first()
        if team is None:
            team = self._seed()
        with team_scope(team):
            member = TeamUser.objects.select_related("user").get(is_owner=True)
            key = create_api_key(member, "demo")
        self.stdout.write(f"Address: {settings.BASE_URL}/admin/")
        self.stdout.write(f"Login: {EMAIL}  password: {PASSWORD}")
        self.stdout.write(f"API key: {key}")

    @transaction.atomic
    def _seed(self) -> Team:
        with unscoped("a new installation has no team yet"):
            name, *description = COMPANY.items()
            team = create_team(name[1], EMAIL, PASSWORD, **dict(description))
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
