"""Django's admin application, with our site as `admin.site`. Apart from site.py, which needs the models."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Finds the admin modules of every chapter."""

    default_site = "tenants.site.Site"
