"""What can go wrong with figures."""

from faceitbot.core.errors import Conflict


class AlreadyRunning(Conflict):
    """Another process makes sums at this moment; what it leaves can be made later."""

    code = "already_running"
