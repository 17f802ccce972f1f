"""Stack traces are folded into exception and own frame."""

import pytest

from api.investigation.loglines.stack_traces import continues, fold

JAVA = (
    "oops java.lang.NullPointerException: x\n\tat java.util.Map.get(Map.java:1)\n\tat shop.Cart.add(Cart.java:42)\n"
    "\t... 3 more"
)
PYTHON = (
    'Traceback (most recent call last):\n  File "/app/shop.py", line 7, in pay\n    pay()\n'
    '  File "/usr/lib/python3.11/json.py", line 3, in loads\n    x\nValueError: no'
)
GO = "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.pay()\n\t/app/pay.go:12 +0x1"
NODE = "TypeError: x is undefined\n    at pay (/app/pay.js:3:9)\n    at node:internal/process:1:2"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (JAVA, "java.lang.NullPointerException at shop.Cart.add(Cart.java:42)"),
        (PYTHON, "ValueError at /app/shop.py:7 pay"),
        (GO, "panic: runtime error: index out of range at /app/pay.go:12"),
        (NODE, "TypeError at /app/pay.js:3 pay"),
    ],
)
def test_a_trace_is_its_exception_and_the_top_frame_of_own_code(text: str, folded: str) -> None:
    assert str(fold(text)) == folded


def test_a_plain_text_of_several_lines_is_no_trace() -> None:
    assert fold("first\nsecond") is None


def test_the_further_lines_of_a_trace_are_known() -> None:
    assert continues("\tat shop.Cart.add(Cart.java:42)")
    assert not continues("at last it works")
