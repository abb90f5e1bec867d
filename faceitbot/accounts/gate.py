"""What stands before the pages of staff: the password, then the second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from faceitbot.accounts import second_factor
from faceitbot.content_policy import relaxed

View = Callable[..., HttpResponse]


def behind_second_factor(view: View) -> View:
    """Lead whoever has not given his second factor to the page where he does; signing out is always open."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = second_factor.missing_step(request.user)
        if step is None or request.path == reverse("admin:logout"):
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(f"{reverse(step)}?{urlencode({'next': request.get_full_path()})}")

    return guarded


def after_password(view: View) -> View:
    """Open a page to staff who have given their password, and may have given nothing else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not admin.site.has_permission(request):
            return redirect_to_login(next_page(request), reverse("admin:login"))
        return view(request, *args, **kwargs)

    return relaxed(never_cache(sensitive_post_parameters("code")(guarded)))


def next_page(request: HttpRequest) -> str:
    """Give the page of ours that somebody was on his way to."""
    wanted = request.GET.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")
