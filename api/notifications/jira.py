"""Comments on issues of Jira Cloud, or one new issue for each incident, by its REST API version 3.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ ; words stand in the Atlassian Document Format, in which
a text is a text: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

from api.notifications.answers import at, each, read
from api.notifications.events import Event
from api.notifications.posting import Message, Posting, Reply
from api.notifications.wording import cut, facts, one_line

MOST_SUMMARY = 255
MOST_TEXT = 30_000
"""Most characters of a summary, and of a text (Jira takes 32,767)."""

LABEL = "groundwatch"


class JiraDoor:
    """Comment on `issue`; without one, open an issue of `issue_type` in `project` and comment on that from then on."""

    def __init__(self, url: str, user: str, token: str, *, issue: str, project: str, issue_type: str) -> None:
        self._url, self._issue = f"{url.rstrip('/')}/rest/api/3", issue
        self._project, self._type = project, issue_type
        self._auth = base64.b64encode(f"{user}:{token}".encode()).decode()

    def posting(self, message: Message) -> Posting:
        """Return the request."""
        key = message.thread or self._issue
        if key:
            return self._request("POST", f"{self._of(key)}/comment", {"body": document(message)})
        event = message.event
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": self._type},
            "summary": cut(f"{one_line(event.headline)}: {one_line(event.title, 300)}", MOST_SUMMARY),
            "description": document(message),
            "labels": [LABEL, _label(message)],
        }
        return self._request("POST", f"{self._url}/issue", {"fields": fields})

    def seeking(self, message: Message) -> Posting:
        """Return the request for the newest comments of the issue, or for the issue that an earlier try opened."""
        key = message.thread or self._issue
        if key:
            return self._request("GET", f"{self._of(key)}/comment?orderBy=-created&maxResults=50")
        query = {"jql": f'project = "{self._project}" AND labels = "{_label(message)}"', "fields": "summary"}
        return self._request("GET", f"{self._url}/search/jql?{urlencode({**query, 'maxResults': 1})}")

    def found(self, message: Message, reply: Reply) -> str | None:
        """Return the issue's key where the message is there."""
        key, told = message.thread or self._issue, read(reply.body)
        if key:
            comments = (json.dumps(at(one, "body")) for one in each(at(told, "comments")))
            return key if any(message.id in one for one in comments) else None
        return next((str(found) for one in each(at(told, "issues")) if (found := at(one, "key"))), None)

    def thread(self, message: Message, reply: Reply) -> str:
        """Return the key of the issue, on which later messages about the same subject are comments."""
        return message.thread or self._issue or str(at(read(reply.body), "key") or "")

    def _of(self, key: str) -> str:
        return f"{self._url}/issue/{quote(key, safe='')}"

    def _request(self, method: str, url: str, body: Any = None) -> Posting:
        headers = {
            "Accept": "application/json",
            "Authorization": f"Basic {self._auth}",
            "Content-Type": "application/json",
        }
        return Posting(url, headers, b"" if body is None else json.dumps(body).encode(), method)


def document(message: Message) -> dict[str, Any]:
    """Return a message in the Atlassian Document Format; only our own link is one."""
    event, room = message.event, MOST_TEXT
    told = [_paragraph(_text(f"{one_line(event.headline)}: {one_line(event.title, 600)}", "strong"))]
    named = "; ".join(f"{name}: {value}" for name, value in facts(event))
    told += [_paragraph(_text(named))] if named else []
    for part in event.parts:
        lines = [one_line(line) for line in part.lines]
        room -= len(part.title) + sum(map(len, lines))
        if room < 0 or not lines:
            break
        items = [{"type": "listItem", "content": [_paragraph(_text(line or "-"))]} for line in lines]
        told += [_paragraph(_text(part.title, "strong")), {"type": "bulletList", "content": items}]
    told += _ending(event, message.id)
    return {"type": "doc", "version": 1, "content": told}


def _ending(event: Event, message: str) -> list[dict[str, Any]]:
    link = {"type": "link", "attrs": {"href": event.link}}
    linked = {"type": "text", "text": "Open in Groundwatch", "marks": [link]}
    return [*([_paragraph(linked)] if event.link else []), _paragraph(_text(f"Groundwatch {message}"))]


def _label(message: Message) -> str:
    return f"{LABEL}-{message.id}"


def _paragraph(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [text]}


def _text(text: str, mark: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {"type": "text", "text": text or "-"}
    return {**told, "marks": [{"type": mark}]} if mark else told
