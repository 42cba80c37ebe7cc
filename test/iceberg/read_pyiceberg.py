"""Reads every table of an export with PyIceberg: python read_pyiceberg.py <request.json>, answers as JSON."""

import json
import sys

import pyarrow
from pyiceberg.table import StaticTable

from common import line, plain, said

request = json.load(open(sys.argv[1]))
tables = {name: StaticTable.from_metadata(at) for name, at in request["tables"].items()}


def rows(table):
    found = table.scan().to_arrow()
    columns = []
    for column in found.columns:
        if pyarrow.types.is_timestamp(column.type):
            assert column.type == pyarrow.timestamp("us", "UTC"), column.type
            column = column.cast(pyarrow.int64())
        columns.append([plain(value) for value in column.to_pylist()])
    return [line(cells) for cells in zip(*columns)]


def count(question):
    scan = tables[question["table"]].scan(row_filter=question["where"])
    return {"rows": scan.to_arrow().num_rows, "files": len(list(scan.plan_files()))}


print(json.dumps({
    "tables": {name: said(rows(table), len(table.schema().fields)) for name, table in tables.items()},
    "counts": [count(question) for question in request["questions"]],
}))
