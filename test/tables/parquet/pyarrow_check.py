"""Reads a Parquet file with PyArrow and compares it with the rows it should hold.

Usage: pyarrow_check.py FILE.parquet ROWS.json
ROWS.json is a list of objects; times are microseconds since the epoch.
"""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def main(path, rows_path):
    with open(rows_path, encoding="utf-8") as file:
        expected = json.load(file)
    table = pq.read_table(path)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            assert field.type == pa.timestamp("us", tz="UTC"), field
            table = table.set_column(index, field.name, table.column(index).cast(pa.int64()))
    assert table.to_pylist() == expected, "rows differ"

    # Statistics, as a reader that prunes by them sees them, must hold every value.
    metadata = pq.ParquetFile(path).metadata
    start = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        rows = expected[start : start + group.num_rows]
        start += group.num_rows
        for position in range(group.num_columns):
            chunk = group.column(position)
            name = chunk.path_in_schema
            if "." in name:
                continue
            values = [row[name] for row in rows if row[name] is not None]
            assert chunk.statistics.null_count == len(rows) - len(values), name
            if not chunk.statistics.has_min_max or isinstance(chunk.statistics.min, bool):
                continue
            if chunk.physical_type == "BYTE_ARRAY":
                key = lambda value: value.encode()
            else:
                key = lambda value: value
            low, high = chunk.statistics.min, chunk.statistics.max
            if hasattr(low, "timestamp"):
                continue
            for value in values:
                assert key(low) <= key(value) <= key(high), (name, low, value, high)

    # A filter that the reader may push down finds what a plain look finds.
    for name in ("label", "uid"):
        value = next((row[name] for row in expected if row[name]), None)
        if value is not None:
            found = pq.read_table(path, filters=[(name, "=", value)], columns=[name]).num_rows
            assert found == sum(row[name] == value for row in expected), (name, value)
    print(f"pyarrow {pa.__version__}: {len(expected)} rows agree")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
