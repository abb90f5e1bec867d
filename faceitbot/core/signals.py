"""What every app may hear, whatever it is about.

`personal_data_erase` is sent while a person is being erased, inside the transaction, with his user's row
locked FOR UPDATE if he has one: `personal_data_erase.send(sender=Person, person=Person, now=datetime)`. Each
app erases its tables (`faceitbot.core.personal`) and answers with the number of rows of each. A receiver
that raises `Refused` stops the whole.
"""

from django.dispatch import Signal

personal_data_erase = Signal()
