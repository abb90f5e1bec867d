"""What other apps may hear about users.

`users_created` is sent inside the transaction that made the users, by every path that makes any, in bulk:
`users_created.send(sender=User, user_ids=[UUID, ...])`. A receiver that raises undoes the creation.
"""

from django.dispatch import Signal

users_created = Signal()
