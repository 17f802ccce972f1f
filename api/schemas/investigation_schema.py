"""The JSON Schema of what comes of an investigation; `python -m api.schemas.investigation_schema` prints it."""

import json
import sys
from typing import Any

from api.schemas.investigations import INVESTIGATION_VERSION, InvestigationResult

MEDIA_TYPE = "application/schema+json"


def investigation_schema() -> dict[str, Any]:
    """Return the schema; its id ends with the version of the form, as the field `version` does."""
    schema = InvestigationResult.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:groundwatch:investigation:{INVESTIGATION_VERSION}",
        **schema,
    }


def schema_text() -> str:
    """Return the schema as it is published in docs/investigation.schema.json, ending with a line feed."""
    return f"{json.dumps(investigation_schema(), indent=1)}\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
