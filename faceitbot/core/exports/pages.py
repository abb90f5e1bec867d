"""The button "Export" above a list, and the file that it gives."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import User as Account
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from faceitbot.core import audit, clock
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.exports.columns import Column, table
from faceitbot.core.exports.download import KINDS, Download
from faceitbot.core.lists.change_list import StaffChangeList
from faceitbot.core.staff import StaffPages

EXPORTED = audit.action("list.exported", _("List exported"))


class ExportPages(StaffPages):
    """Pages whose list can be taken out as a file, narrowed and ordered as it is shown."""

    export_columns: Sequence[Column] = ()
    export_permission = ""  # what it takes besides the view of the list
    change_list_template = "admin/core/exportable_list.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Who sees the list may take it along, or whom the page names; each time is in the audit log."""
        needed = self.export_permission
        named = not needed or cast("Account", request.user).has_perm(needed)
        return bool(self.has_view_permission(request)) and named

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [
            *(
                path(
                    f"export/{kind}/",
                    self.admin_site.admin_view(require_POST(partial(self.export_view, kind=kind))),
                    name=f"{name}_{kind}",
                )
                for kind in KINDS
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_export": self.has_export_permission(request), **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Give the rows that the address means as a file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            chosen: StaffChangeList = self.get_changelist_instance(request)
            download = Download(chosen.queryset, table(self.model, self.export_columns), kind)
        except (FaceitBotError, IncorrectLookupParameters) as error:
            if isinstance(error, FaceitBotError):
                self.message_user(request, str(error), messages.ERROR)
            address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
            return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")
        chosen_by = filters_of(chosen)
        try:
            self._log(request, kind, chosen_by, download.rows)
        except BaseException:
            download.close()
            raise
        narrowed = [re.sub(r"(__\w+)?=", "-", text) for text in chosen_by.get("filter", ())]
        name = "_".join([self.opts.db_table, *map(slugify, narrowed), f"{clock.today()}"])
        return StreamingHttpResponse(
            download,
            content_type=KINDS[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{name[:100]}.{kind}"',
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",  # a proxy that gathers the file first would hold its rows, too
            },
        )

    def _log(self, request: HttpRequest, kind: str, chosen_by: dict[str, Any], rows: int) -> None:
        with transaction.atomic():
            audit.record_on_table(
                EXPORTED,
                self.model,
                {"format": kind, "rows": rows, **chosen_by},
                actor=cast("AbstractBaseUser", request.user),
            )


def filters_of(chosen: StaffChangeList) -> dict[str, Any]:
    """Give what narrows a list, as the log may keep it: a search names a person."""
    offered = {name for spec in chosen.filter_specs for name in spec.expected_parameters()}
    given = {name: ",".join(values) for name, values in chosen.filter_params.items()}
    besides = sorted(set(chosen.get_filters_params()) - offered)
    found: dict[str, Any] = {}
    if filters := [f"{name}={value}" for name, value in given.items() if name in offered]:
        found["filter"] = filters
    if chosen.query:
        found["searched"] = True
    if besides:
        found["besides"] = besides
    return found
