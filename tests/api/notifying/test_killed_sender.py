"""A process that dies between sending and keeping it: the message arrives again, and can be told by its id."""

import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.notifications.transport import HttpTransport
from api.notifications.webhook import WebhookDoor
from api.notifying.delivering import Delivery
from api.schemas.notifications import NotificationState
from api.storage.database import Database
from api.storage.notifications import Outbox, put
from tests.api.alerting import migrated
from tests.api.notifications.happened import EVENT
from tests.api.notifying.happenings import destination
from tests.api.telemetry.live.local_server import Reply, serving

ROOT = Path(__file__).parents[3]


def test_a_message_of_a_killed_process_is_sent_again_with_its_id_once_it_is_held_no_more(tmp_path: Path) -> None:
    url, now = migrated(tmp_path), datetime.now(UTC)
    with serving(lambda _asked: Reply("ok")) as server, closing(Database(url)) as database:
        with database.transaction() as connection:
            put(connection, EVENT, "own", now)
        command = [sys.executable, "-m", "tests.api.notifying.killed_sender", url, f"{server.url}/hook"]
        ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=60)
        assert ended.returncode == 9, ended.stderr.decode()
        outbox = Outbox(database)
        clock = [datetime.now(UTC)]
        to = destination(door=WebhookDoor(f"{server.url}/hook", [b"k" * 32]), seconds=1.0)
        with closing(HttpTransport()) as transport:
            delivery = Delivery(outbox, to, transport, now=lambda: clock[0])
            held = delivery.deliver_next()
            clock[0] += timedelta(minutes=2)
            freed = delivery.deliver_next()
        (kept,) = outbox.page(state=None, destination="", subject="", offset=0, limit=9)[0]
    assert (held, freed) == (False, True)
    assert (kept.state, kept.attempts) == (NotificationState.SENT, 2)
    assert len({(one.headers["webhook-id"], one.body) for one in server.asked}) == 1
    assert len(server.asked) == 2
