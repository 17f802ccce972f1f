"""A set of made-up incidents with labels, as a folder of cases: small bundles in which one component is at fault."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.api.telemetry.bundle_folder import FACTS, START, bundle, lines

SERVICES = ("front", "cart", "stock", "mail", "pay")
_SECOND = 1_000_000
_HEALTHY, _TROUBLE, _STEP = 1_800, 600, 20  # seconds


def incident_cases(folder: Path, count: int) -> Path:
    """Write a folder with one set `shop` of `count` cases, each with another service at fault in turn; return it.

    Each sixth label names a service that is well, so that not every answer is right.
    """
    for number in range(count):
        faulty = SERVICES[1 + number % (len(SERVICES) - 1)]
        case = folder / "shop" / f"case-{number}"
        case.parent.mkdir(parents=True, exist_ok=True)
        facts = {**FACTS, "id": f"case-{number}", "components": list(SERVICES)}
        bundle(
            case,
            facts=facts,
            metrics__csv="time,component,metric,value,unit\n" + "".join(_metrics(faulty, number)),
            spans__jsonl=lines(list(_spans(faulty))),
            logs__jsonl=lines(list(_logs(faulty))),
            calls__csv="caller,callee\n" + "".join(f"front,{one}\n" for one in SERVICES[1:]),
        )
        told = SERVICES[1 + (number + 1) % (len(SERVICES) - 1)] if number % 6 == 5 else faulty
        label = {"case_id": f"case-{number}", "fault_kind": "cpu", "root_cause_service": told, "family": f"f{number}"}
        (case / "truth.json").write_text(json.dumps(label), encoding="utf-8")
    return folder


def _moments() -> Iterator[tuple[int, bool]]:
    """Give the moments of a case, and whether each is in the trouble."""
    for second in range(-_HEALTHY, _TROUBLE, _STEP):
        yield START + second * _SECOND, second >= 0


def _metrics(faulty: str, number: int) -> Iterator[str]:
    for step, (at, trouble) in enumerate(_moments()):
        for place, service in enumerate(SERVICES):
            wave = (step * 7 + place * 3 + number) % 5
            loud = 4 if trouble and service == faulty else 1
            slow = 3 if trouble and service in {faulty, "front"} else 1
            yield f"{at},{service},cpu_usage,{(10 + wave) * loud},percent\n"
            yield f"{at},{service},request_latency_p90,{(0.1 + wave / 100) * slow},seconds\n"


def _spans(faulty: str) -> Iterator[dict[str, object]]:
    for step, (at, trouble) in enumerate(_moments()):
        for place, service in enumerate(SERVICES):
            own = (9_000 + (step * 13 + place) % 400) * (4 if trouble and service in {faulty, "front"} else 1)
            above = None if service == "front" else f"{step}-0"
            yield {
                "trace": f"t{step}", "span": f"{step}-{place}", "parent": above, "component": service,
                "operation": f"GET /{service}", "start": at + place, "duration": own, "status": "ok",
            }  # fmt: skip


def _logs(faulty: str) -> Iterator[dict[str, object]]:
    for step, (at, trouble) in enumerate(_moments()):
        for service in SERVICES:
            if trouble and service == faulty:
                yield {"time": at, "component": service, "severity": "ERROR", "message": f"request {step} timed out"}
            yield {"time": at, "component": service, "severity": "INFO", "message": f"request {step} took 9 ms"}
