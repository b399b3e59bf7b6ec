"""Says of documents whether the Python library jsonschema finds them valid.

verdicts.py INPUT OUTPUT

INPUT is {"schema": a schema of draft 2020-12, "documents": [...]}; OUTPUT gets a line with 1 (valid) or 0 for each
document. Without arguments it only says whether the library is there, by its exit code.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator, ValidationError, validators


def pattern(validator, expression, instance, schema):
    # ECMA-262's $ is the end of the text alone; Python's is also the place before a line feed at the end.
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", expression), instance):
        yield ValidationError("no match")


def main(source, target):
    with open(source, encoding="utf-8") as file:
        task = json.load(file)
    Draft202012Validator.check_schema(task["schema"])
    validator = validators.extend(Draft202012Validator, {"pattern": pattern})(task["schema"])
    with open(target, "w", encoding="utf-8") as file:
        for document in task["documents"]:
            print(int(validator.is_valid(document)), file=file)


if len(sys.argv) == 3:
    main(sys.argv[1], sys.argv[2])
