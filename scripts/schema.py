"""Prints the JSON Schema of pipeline.toml."""

import json

from pipeline import project

print(json.dumps(project.json_schema(), indent=2))
