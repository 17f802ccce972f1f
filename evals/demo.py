"""Three questions to the sample handbook: one it answers, one it answers in part, one it cannot answer.

Run it after `groundwatch ingest evals/handbook --source handbook`; `make demo` does both.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from evals.console import plain_errors
from evals.handbook_answers import QUESTIONS, HandbookQuestion
from evals.questions import read_rows

if TYPE_CHECKING:
    from api.assistant import Assistant
    from api.terminal import Line

SOURCE = "handbook"

_NEXT = """To go on: `make up` serves the API and the app together, then open http://127.0.0.1:8501 and ask your own.
Your own documents: groundwatch ingest PATH"""


@click.command(help=__doc__)
def main() -> None:
    """Ask the questions and print the answers."""
    from api.bootstrap import open_assistant
    from api.rendering import print_text
    from api.settings import load_settings

    with plain_errors():
        assistant = open_assistant(load_settings())
        try:
            for lines in demonstrate(assistant, demo_questions()):
                print_text(lines)
        finally:
            assistant.close()
    click.echo(_NEXT)


def demo_questions() -> list[HandbookQuestion]:
    """Return the questions that the demonstration asks, in their order."""
    return [question for question in read_rows(QUESTIONS, HandbookQuestion) if question.id.startswith("demo-")]


def demonstrate(assistant: "Assistant", questions: Iterable[HandbookQuestion]) -> Iterable[list["Line"]]:
    """Yield each question with its cited answer, as lines for a terminal."""
    from api.rendering import answer_text
    from api.schemas.answers import AskRequest
    from api.schemas.places import Filters
    from api.terminal import Line

    for question in questions:
        request = AskRequest(question=question.query, filters=Filters(sources=[SOURCE]))
        yield [Line(f"? {question.query}", "strong"), Line(), *answer_text(assistant.ask(request)), Line(), Line()]


if __name__ == "__main__":
    main()
