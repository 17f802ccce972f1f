"""The published schema of what comes of an investigation."""

from pathlib import Path

from api.schemas.investigation_forms import to_result
from api.schemas.investigation_schema import investigation_schema, schema_text
from tests.api.investigated import investigation

REPOSITORY = Path(__file__).parents[3]


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = (REPOSITORY / "docs" / "investigation.schema.json").read_text(encoding="utf-8")

    assert published == schema_text(), "python -m api.schemas.investigation_schema > docs/investigation.schema.json"


def test_the_schema_names_its_version_and_all_that_a_result_has() -> None:
    schema = investigation_schema()

    assert schema["$id"].endswith(f":{schema['properties']['version']['const']}")
    assert set(to_result(investigation()).model_dump()) == set(schema["properties"])
