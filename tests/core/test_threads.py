"""What the suite itself notices: threads that end with their connections."""

import threading

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from tests.threads import Threads, giving_back


def ask():
    connection.ensure_connection()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("work", "lost"), [(ask, ["forgetful"]), (giving_back(ask), [])])
def test_a_connection_that_goes_with_its_thread_is_noticed_and_given_back(work, lost):
    threads = Threads()
    connection_created.connect(threads.note)
    try:
        thread = threading.Thread(target=work, name="forgetful")
        thread.start()
        thread.join()
    finally:
        connection_created.disconnect(threads.note)

    assert threads.lost() == lost
    assert threads.lost() == []
