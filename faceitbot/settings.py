"""Settings of every process: web, bot, commands. All of them come from the environment.

`.env.example` documents each variable. The defaults are safe for production: without further words the
site speaks HTTPS only and shows no debug pages.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from faceitbot.core.logs import logging_config
from faceitbot.env import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(BASE_DIR / ".env")

# ---- What runs, and for whom
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
DEBUG = env.flag("DEBUG", default=False)
HTTPS = env.flag("HTTPS", default=True)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
ROOT_URLCONF = "faceitbot.urls"
ASGI_APPLICATION = "faceitbot.asgi.application"
ENVIRONMENT_PROBLEMS = env.problems

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "faceitbot.apps.StaffAdminConfig",
    "faceitbot.apps.StaffAccountsConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "servestatic",
    "channels",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "faceitbot.core",
    "users",
    "subscriptions",
    "matches",
    "stats",
    "analytics",
    "faceitbot",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "faceitbot.core.middleware.request_log",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "faceitbot.core.middleware.staff_language",
    "faceitbot.core.middleware.bot_time_zone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "faceitbot.accounts.sessions.SessionLimits",
    "django_otp.middleware.OTPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # the last one, as it asks to be
]
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

# ---- PostgreSQL
TRANSACTION_THREADS = env.whole("TRANSACTION_THREADS", 8, lowest=1, highest=200)
TRANSACTION_QUEUE_SIZE = env.whole("TRANSACTION_QUEUE_SIZE", 10_000, lowest=1, highest=1_000_000)
TRANSACTION_DEADLINE_SECONDS = env.whole("TRANSACTION_DEADLINE_SECONDS", 10, lowest=1, highest=300)
TRANSACTION_BODY_SECONDS = env.whole("TRANSACTION_BODY_SECONDS", 6, lowest=1, highest=300)
DATABASE_WEB_CONNECTIONS = env.whole("DATABASE_WEB_CONNECTIONS", 8, lowest=1, highest=200)
DATABASE_CONNECT_SECONDS = env.whole("DATABASE_CONNECT_SECONDS", 2, lowest=1, highest=60)
DATABASE_STATEMENT_SECONDS = env.whole("DATABASE_STATEMENT_SECONDS", 5, lowest=1, highest=300)
DATABASE_LOCK_SECONDS = env.whole("DATABASE_LOCK_SECONDS", 2, lowest=1, highest=60)
DATABASE_IDLE_SECONDS = env.whole("DATABASE_IDLE_SECONDS", 10, lowest=1, highest=300)
# Connections of an event loop, for statements that concurrent calls share; 0: they run in the threads.
STATEMENT_CONNECTIONS = env.whole("STATEMENT_CONNECTIONS", 4, lowest=0, highest=100)
STATEMENT_PREPARE_AFTER = env.whole("STATEMENT_PREPARE_AFTER", 5, lowest=0, highest=1_000)

DATABASE_PGBOUNCER = env.flag("DATABASE_PGBOUNCER", default=False)

_database = environ.Env.db_url_config(
    env.url("DATABASE_URL", ("postgres", "postgresql"), "postgresql://faceitbot@localhost:5432/faceitbot"),
    engine="django.db.backends.postgresql",
)
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        # Behind PgBouncer the next statement may be another server process's.
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_PGBOUNCER,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            # A transaction thread never waits for a connection: there are as many, some for the web, and
            # one each for the threads that write metrics and samples.
            "pool": {
                "min_size": min(4, TRANSACTION_THREADS),
                "max_size": TRANSACTION_THREADS + DATABASE_WEB_CONNECTIONS + 2,
                "timeout": DATABASE_CONNECT_SECONDS,
                "max_waiting": 100,
            },
            "connect_timeout": DATABASE_CONNECT_SECONDS,
            "application_name": "faceitbot",
            # PgBouncer takes no options: there the role has them (docs/operations.md).
            "options": ""
            if DATABASE_PGBOUNCER
            else " ".join(
                f"-c {name}={seconds}s"
                for name, seconds in {
                    "statement_timeout": DATABASE_STATEMENT_SECONDS,
                    "lock_timeout": DATABASE_LOCK_SECONDS,
                    "idle_in_transaction_session_timeout": DATABASE_IDLE_SECONDS,
                }.items()
            ),
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Redis or Valkey: caches. Nothing that matters lives there alone.
CACHE_STEP_SECONDS = 0.1  # of 0.25 that a call may wait for Redis; see faceitbot.core.cache
REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix"), "redis://localhost:6379/0")
CACHE_SECONDS = {
    "player_cache": env.whole("PLAYER_CACHE_SECONDS", 300, lowest=0, highest=86_400),
    "match_cache": env.whole("MATCH_CACHE_SECONDS", 120, lowest=0, highest=86_400),
    "stats_cache": env.whole("STATS_CACHE_SECONDS", 600, lowest=0, highest=86_400),
}
# For what a process has read within the last 0.8 s, users, matches and players; 0: it asks Redis each time.
CACHE_IN_PROCESS_MB = env.whole("CACHE_IN_PROCESS_MB", 16, lowest=0, highest=4_096)
CACHES: dict[str, dict[str, Any]] = {
    # Nothing of ours lies here. The search of unfold's sidebar would put its rows in, which are no JSON.
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    **{
        alias: {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "TIMEOUT": seconds,
            "KEY_PREFIX": alias,
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": CACHE_STEP_SECONDS,
                "SOCKET_TIMEOUT": CACHE_STEP_SECONDS,
                # The default one runs what it reads.
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            },
        }
        for alias, seconds in CACHE_SECONDS.items()
    },
}
# ---- Time, language, logs
TIME_ZONE = "UTC"
USE_TZ = True
BOT_TIME_ZONE = env.text("BOT_TIME_ZONE", "Europe/Moscow")
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]  # unfold's words, too: it brings English alone
FORMAT_MODULE_PATH = "faceitbot.formats"
LANGUAGE_COOKIE_NAME = "staff_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOG_FORMAT = env.choice("LOG_FORMAT", "auto", ("auto", "json", "console"))
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL)

# ---- Statistics of players
PLAYER_HISTORY_DAYS = env.whole("PLAYER_HISTORY_DAYS", 365, lowest=30, highest=3_650)

# ---- Metrics
METRICS_IMMEDIATE = env.flag("METRICS_IMMEDIATE", default=False)
METRICS_MOST_WAITING = env.whole("METRICS_MOST_WAITING", 50_000, lowest=1_000, highest=1_000_000)

# ---- The page that shows what happens right now
LIVE_RIGHTS_SECONDS = env.whole("LIVE_RIGHTS_SECONDS", 45, lowest=1, highest=60)

# ---- Monitoring
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:  # noqa: PLR2004
    env.report("METRICS_TOKEN", "it is shorter than 20 characters", "Take a long random text, or none.")
SLOW_CALL_MILLISECONDS = env.whole("SLOW_CALL_MILLISECONDS", 1_000, lowest=1, highest=300_000)
SENTRY_DSN = env.text("SENTRY_DSN")
if SENTRY_DSN and find_spec("sentry_sdk") is None:
    env.report("SENTRY_DSN", "sentry-sdk is not installed", "pip install 'sentry-sdk==2.*', or set no DSN.")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")

# ---- Mail to whoever runs this
ADMINS = [(address, address) for address in env.words("ADMINS")]
SERVER_EMAIL = env.text("SERVER_EMAIL", "faceitbot@localhost")
EMAIL_SUBJECT_PREFIX = "[faceitbot] "
EMAIL_TIMEOUT = 10
vars().update(
    environ.Env.email_url_config(
        env.url("EMAIL_URL", ("smtp", "smtp+tls", "smtp+ssl"), "smtp://localhost:25", required=False)
    )
)

# ---- Static files
STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or BASE_DIR / "staticfiles")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# ---- Staff accounts and the safety of their sessions
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
STAFF_TOTP = env.flag("STAFF_TOTP", default=not DEBUG)
OTP_TOTP_ISSUER = "faceitbot"
STAFF_SESSION_HOURS = env.whole("STAFF_SESSION_HOURS", 12, lowest=1, highest=168)
STAFF_IDLE_MINUTES = env.whole("STAFF_IDLE_MINUTES", 120, lowest=5, highest=10_080)
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# The sixth wrong password within half an hour locks the account for half an hour.
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = ["username", ["username", "ip_address"]]  # the second only stills axes.W006
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # nobody prolongs a lock from outside
AXES_HANDLER = "faceitbot.accounts.counting.CountedFirst"
AXES_CLIENT_IP_CALLABLE = "faceitbot.accounts.lockout.client_address"
AXES_LOCKOUT_CALLABLE = "faceitbot.accounts.lockout.locked_page"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False  # the accounts' own pages show who is locked
AXES_VERBOSE = False
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "img-src": [SELF, "data:"],
    },
}

# ---- The look of the admin
UNFOLD = {
    "SITE_TITLE": "faceitbot",
    "SITE_HEADER": "faceitbot",
    "SITE_SUBHEADER": _("Staff room"),
    "SITE_SYMBOL": "sports_esports",
    "SITE_URL": None,
    "COLORS": {
        "primary": {  # Source: the orange of Tailwind CSS 4
            "50": "oklch(98% .016 73.684)",
            "100": "oklch(95.4% .038 75.164)",
            "200": "oklch(90.1% .076 70.697)",
            "300": "oklch(83.7% .128 66.29)",
            "400": "oklch(75% .183 55.934)",
            "500": "oklch(70.5% .213 47.604)",
            "600": "oklch(64.6% .222 41.116)",
            "700": "oklch(55.3% .195 38.402)",
            "800": "oklch(47% .157 37.304)",
            "900": "oklch(40.8% .123 38.172)",
            "950": "oklch(26.6% .079 36.259)",
        },
    },
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("faceitbot/favicon.svg")}
    ],
    "STYLES": [lambda _request: static("faceitbot/staff.css")],
    "SCRIPTS": [lambda _request: static("faceitbot/staff.js")],
    "SHOW_LANGUAGES": True,
    "ACCOUNT": {"navigation": "faceitbot.navigation.own_account"},
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "SIDEBAR": {
        "show_search": True,
        "navigation": "faceitbot.navigation.navigation",
    },
}
