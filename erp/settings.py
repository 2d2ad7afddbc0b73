"""Settings: every deployment choice comes from the environment, each with a default that works.

`docs/settings.md` documents the variables; `.env` beside manage.py is read when it exists.
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Security -----------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Set it to a long random text, for instance the output of "
            "`python -c 'import secrets; print(secrets.token_urlsafe(64))'`, or set DEBUG=1 to try it out."
        )
    SECRET_KEY = "development-only-key-never-used-in-production"  # noqa: S105

#: Keys that encrypt stored secrets, newest first; the first encrypts, all decrypt.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[SECRET_KEY])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_FAILURE_VIEW = "erp.core.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

HTTPS_ONLY = env.bool("HTTPS_ONLY", default=False)
if HTTPS_ONLY:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"  # PDF previews alone allow frames, of this site
SECURE_REFERRER_POLICY = "same-origin"

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "tenants.site.attempted_username"
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "tenants.site.locked_out"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the site itself is ours: tenants/site.py
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "tenants.admin_config.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "erp.core",
    "tenants",
    "erp.various",
    "erp.customfields",
    "erp.customers",
    "erp.catalog",
    "erp.sales",
    "erp.charges",
    "erp.constructions",
    "erp.opportunities",
    "erp.communication",
    "erp.calendars",
    "erp.tasks",
    "erp.webhooks",
    "django.forms",  # last: its widgets' templates give way to ours
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "tenants.middleware.ActiveTeamMiddleware",
]

ROOT_URLCONF = "erp.urls"
WSGI_APPLICATION = "erp.wsgi.application"
APPEND_SLASH = False

#: Widgets are rendered by TEMPLATES too, so that ours may replace theirs.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    # Writers queue instead of failing: a transaction takes the write lock when it begins.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 60,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
#: Seconds that a connection serves further requests: opening one costs more than a small request.
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
#: PostgreSQL role that web requests and tasks run as, so that row-level security binds them.
DATABASE_ROLE = env.str("DATABASE_ROLE", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
if STATIC_ROOT.parent == VAR_DIR:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("REQUEST_MAX_BYTES", default=10 * 1024 * 1024)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
#: Largest file that may be uploaded, in bytes.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)

# --- Mail, tasks --------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="noreply@localhost")
#: Whether people may name mail servers of this machine and its networks, on any port. Else public ones only.
SMTP_PRIVATE_HOSTS = env.bool("SMTP_PRIVATE_HOSTS", default=False)
#: Seconds that each step of a conversation with such a server may take; the whole, at most six times that.
SMTP_TIMEOUT = env.int("SMTP_TIMEOUT", default=20)

#: Whether webhooks may go to private addresses and over plain HTTP: for installations inside one network.
WEBHOOK_PRIVATE_HOSTS = env.bool("WEBHOOK_PRIVATE_HOSTS", default=False)

#: `immediate` runs tasks in the request, `database` leaves them to `manage.py db_worker`.
TASK_BACKEND = env.str("TASK_BACKEND", default="immediate")
TASKS = {
    "default": {
        "BACKEND": {
            "immediate": "django_tasks.backends.immediate.ImmediateBackend",
            "database": "django_tasks_db.DatabaseBackend",
        }[TASK_BACKEND],
        "QUEUES": ["default"],
    }
}

# --- Language, time -----------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="fr")
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["erp.core.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and answered in UTC; people see their team's timezone

# --- API ----------------------------------------------------------------------------------------

#: Requests per minute that one API key may make; 0 lifts the limit.
API_RATE_LIMIT = env.int("API_RATE_LIMIT", default=6000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["erp.core.access.ResourcePermission"],
    "DEFAULT_THROTTLE_CLASSES": ["erp.core.throttling.ApiKeyThrottle"],
    "DEFAULT_PARSER_CLASSES": [
        "erp.core.parsers.JsonParser",
        "erp.core.parsers.BracketFormParser",
        "erp.core.parsers.BracketMultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["erp.core.renderers.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "erp.core.renderers.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "erp.core.schema.ResourceSchema",
    "EXCEPTION_HANDLER": "erp.core.errors.answer",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "ERP API",
    "DESCRIPTION": "The product's REST API: customers, catalog, sales documents and everything around them.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "PREPROCESSING_HOOKS": ["erp.core.schema.without_slashes"],
    "POSTPROCESSING_HOOKS": [],
}

# --- Admin --------------------------------------------------------------------------------------


def _static(path: str) -> str:
    return static(path)


lazy_static = lazy(_static, str)

UNFOLD = {
    "SITE_TITLE": "ERP",
    "SITE_HEADER": "ERP",
    "SITE_SYMBOL": "receipt_long",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lazy_static("core/favicon.svg")}],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "erp.sales.dashboard.context",
    "SITE_SUBHEADER": "tenants.navigation.active_team_name",
    "SITE_DROPDOWN": "tenants.navigation.team_switcher",
    "ENVIRONMENT": "tenants.navigation.environment",
    "COMMAND": {"show_history": False},
    "ACCOUNT": {"navigation": "tenants.navigation.account_links"},
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "tenants.navigation.sidebar"},
    "COLORS": {
        # The blue of printed documents, from light to dark.
        "primary": {
            "50": "#eff6fc",
            "100": "#d9e9f7",
            "200": "#b8d5ef",
            "300": "#88b8e2",
            "400": "#5295d0",
            "500": "#2f78b8",
            "600": "#235f98",
            "700": "#1f4e79",
            "800": "#1c4064",
            "900": "#1a3653",
            "950": "#112338",
        },
    },
    "STYLES": [lazy_static("core/admin.css")],
    "SCRIPTS": [lazy_static("core/admin.js")],
    "LOGIN": {"redirect_after": reverse_lazy("admin:index")},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # A client's mistake is answered to the client, not logged.
    "loggers": {"django.request": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}

SITE_NAME = _("ERP back office")
