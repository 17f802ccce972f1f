"""The chat door for tests: the application with its routes, and the official client of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import openai
from fastapi import FastAPI

from api.bootstrap import Local
from api.chat_completions import FollowUps
from api.metrics import Metrics
from api.routes.chat import chat_routes
from api.routes.chat_errors import COMPLETIONS, ChatErrors
from api.routes.workers import Workers
from tests.api.world import app_of

QUESTION = "What do I do when DbDiskFull fires?"


def chat_app(world: Local, *, keys: tuple[str, ...] = (), follow_ups: FollowUps | None = None) -> FastAPI:
    app = app_of(world, keys=keys)
    wired = COMPLETIONS in {getattr(route, "path", "") for route in app.routes}
    if not wired or follow_ups is not None:
        routes = chat_routes(world.assistant, Workers(4), Metrics(), follow_ups).routes
        app.router.routes[:0] = routes  # ahead of a route that follows nothing up
    if not wired:
        app.add_middleware(ChatErrors)
    return app


@contextmanager
def official_client(url: str, key: str = "unused") -> Iterator[openai.OpenAI]:
    with (
        httpx.Client(trust_env=False) as http,
        openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=http) as client,
    ):
        yield client
