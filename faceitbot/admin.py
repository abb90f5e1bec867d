"""Pages about imports and staff accounts, and that of a user, which tells what all domains know of him."""

from django.contrib import admin

from faceitbot.accounts import account_pages, group_pages
from faceitbot.models import ImportRun
from faceitbot.staff_room.import_page.page import ImportPage
from faceitbot.staff_room.user_page.page import UserPage
from users.models import User

__all__ = ["account_pages", "group_pages"]
admin.site.register(User, UserPage)
admin.site.register(ImportRun, ImportPage)
