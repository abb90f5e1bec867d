"""PostgreSQL and Valkey from wheels, for development and tests: nothing to install, nothing to configure.

Standard library only. Shape of use::

    state = State(state_folder(project))
    with state.hold(), servers(state) as urls:
        ...  # urls.database, urls.redis
"""

from faceitbot.embedded.errors import EmbeddedError, StateInUseError
from faceitbot.embedded.ports import is_free
from faceitbot.embedded.processes import Child
from faceitbot.embedded.servers import Urls, servers, throw_away_servers
from faceitbot.embedded.state import State, state_folder

__all__ = [
    "Child",
    "EmbeddedError",
    "State",
    "StateInUseError",
    "Urls",
    "is_free",
    "servers",
    "state_folder",
    "throw_away_servers",
]
