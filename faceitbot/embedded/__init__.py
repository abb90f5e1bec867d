"""What dev.py is made of: PostgreSQL and Valkey from wheels, and the virtual environment they come in.

Standard library only, because it runs before anything is installed. Shape of use::

    state = State(state_folder(project))
    with state.hold(), servers(state) as urls:
        ...  # urls.database, urls.redis
"""

from faceitbot.embedded.errors import StartError, StateInUseError
from faceitbot.embedded.ports import is_free
from faceitbot.embedded.processes import Child
from faceitbot.embedded.servers import Urls, servers, throw_away_servers
from faceitbot.embedded.serving import wait_until_served
from faceitbot.embedded.state import State, state_folder
from faceitbot.embedded.steps import say, step
from faceitbot.embedded.virtual_environment import add, prepare

__all__ = [
    "Child",
    "StartError",
    "State",
    "StateInUseError",
    "Urls",
    "add",
    "is_free",
    "prepare",
    "say",
    "servers",
    "state_folder",
    "step",
    "throw_away_servers",
    "wait_until_served",
]
