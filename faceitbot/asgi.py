"""The ASGI application: HTTP through Django, but for health and metrics; websockets by `routing`.

When the server ends in good order, what the process holds back is written.
"""

import os
from typing import cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from faceitbot.bootstrap import close, watch_web
from faceitbot.core import cache
from faceitbot.env import refuse_wrong_environment
from faceitbot.health.endpoints import HealthEndpoints
from faceitbot.monitoring.endpoint import MetricsEndpoint

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceitbot.settings")
refuse_wrong_environment(settings.ENVIRONMENT_PROBLEMS)
http = get_asgi_application()

from faceitbot.routing import websockets  # noqa: E402 - needs the apps, which the line before has loaded


async def lifespan(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Let the server begin, and close what the process has open once it has answered its last request."""
    await receive()
    watch_web()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close()
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter(
    {
        "http": HealthEndpoints(MetricsEndpoint(cast("ASGI3Application", http))),
        "websocket": websockets,
        "lifespan": lifespan,
    }
)
cache.doubt_everything()
