"""Addresses: the API under /api/v1, its description, the admin."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.module_loading import autodiscover_modules
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation

from erp.core.errors import no_such_endpoint
from erp.core.resources import router
from tenants.views import choose_language

autodiscover_modules("api")

#: OpenAPI in YAML, or in JSON when it is asked for by `Accept` or `?format=json`.
description = SpectacularAPIView.as_view(content_negotiation_class=DefaultContentNegotiation)

handler400 = "erp.core.errors.bad_request"
handler403 = "erp.core.errors.permission_denied"
handler404 = "erp.core.errors.page_not_found"
handler500 = "erp.core.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", choose_language, name="set_language"),
    re_path("^api/v1/schema/?$", description, name="schema"),
    re_path("^api/v1/docs/?$", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include(router.urls)),
    re_path("^api/", no_such_endpoint),
    path("", include("tenants.urls")),
    path("", include("erp.communication.urls")),
]
