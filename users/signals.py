"""What other apps may hear about users.

`users_created` is sent inside the transaction that made the users, by every path that makes any, in bulk:
`users_created.send(sender=User, user_ids=[UUID, ...])`.

`faceit_accounts_changed` is sent inside the transaction that linked or unlinked FACEIT accounts, by every
path that does but two, in bulk, with the users whose account is, or may be, another one now:
`faceit_accounts_changed.send(sender=User, user_ids=[UUID, ...])`. Erasing has a signal of its own, and
`create_batch` takes an account from nobody.

`hours_folded` is sent inside the transaction that folded hours of activity into days, before which moment and
from where to where: `hours_folded.send(sender=UserActivity, before=datetime, moves=[(hour, first hour of its
day, requests), ...])`.

A receiver that raises undoes what it hears of.
"""

from django.dispatch import Signal

users_created = Signal()
faceit_accounts_changed = Signal()
hours_folded = Signal()
