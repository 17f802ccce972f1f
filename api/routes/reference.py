"""GET /docs: the routes on one page that needs nothing from the network."""

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "code,pre{font:14px/1.5 ui-monospace,monospace}pre{overflow-x:auto;padding:.75rem;border:1px solid #8886}"
    "h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}"
)


def reference_routes(describe: Callable[[], dict[str, Any]]) -> APIRouter:
    """Return the route to the page; `describe` gives the OpenAPI description."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs", response_class=HTMLResponse)
    async def docs() -> HTMLResponse:
        """Return the page."""
        return HTMLResponse(_page(describe()))

    return router


def _page(description: Mapping[str, Any]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    title = escape(f"{description['info']['title']} {description['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{escape(description['info']['description'])} "
        f'The whole description: <a href="/openapi.json">/openapi.json</a>.</p>{"".join(operations)}</html>'
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f'<h2 id="{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code></h2>',
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    for parameter in operation.get("parameters", []):
        said = parameter.get("description", "")
        parts.append(f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']}) {escape(said)}</p>")
    example = _example(operation)
    if example is not None:
        parts.append(f"<pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>")
    answers = ", ".join(f"{status} {said['description']}" for status, said in operation["responses"].items())
    return "".join([*parts, f"<p>Answers: {escape(answers)}</p>"])


def _example(operation: Mapping[str, Any]) -> Any:
    """Return an example of the body, or None where the operation takes none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    return next((example["value"] for example in content.get("examples", {}).values()), None)
