"""Pages about imports, jobs, staff accounts, and that of a user, with what all domains know of him."""

from django.contrib import admin

from faceitbot.accounts import account_pages, group_pages
from faceitbot.jobs.admin import JobRunAdmin
from faceitbot.models import ImportRun
from faceitbot.monitoring.admin import ErrorGroupAdmin
from faceitbot.staff_room.import_page.page import ImportPage
from faceitbot.staff_room.user_page.page import UserPage
from users.models import User

__all__ = ["ErrorGroupAdmin", "JobRunAdmin", "account_pages", "group_pages"]
admin.site.register(User, UserPage)
admin.site.register(ImportRun, ImportPage)
