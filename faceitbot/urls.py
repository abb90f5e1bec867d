"""Where each page lives."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from faceitbot.monitoring.page import metrics_view

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("faceitbot/favicon.svg"))),
    path("language/", require_POST(set_language), name="set_language"),
    path("metrics", metrics_view, name="metrics"),
    path("admin/", admin.site.urls),
]
