"""Reads Arrow output with pyarrow, and with DuckDB by way of pyarrow, and prints what each read.

Arguments: FORMAT=PATH, with the format arrow or arrow-file. Prints one line of JSON for each: rows and SHA-256 of the rows, by reader. Rows are
hashed as lists of JSON; arrow-tools.test.ts makes the same of the items.
"""

import hashlib
import json
import sys

import duckdb
import pyarrow as pa


def plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return [plain(member) for member in value.values()]
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    return value


def digest(rows):
    sum_ = hashlib.sha256()
    count = 0
    for row in rows:
        sum_.update(json.dumps(plain(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return [count, sum_.hexdigest()]


def by_pyarrow(table):
    columns = []
    for column in table.columns:
        # Python's own times have no nanoseconds.
        is_time = pa.types.is_timestamp(column.type)
        columns.append((column.cast(pa.int64()) if is_time else column).to_pylist())
    return zip(*columns)


def by_duckdb(items):
    quoted = [(field, '"' + field.name.replace('"', '""') + '"') for field in items.schema]
    columns = [f"epoch_ns({name})" if pa.types.is_timestamp(field.type) else name for field, name in quoted]
    return duckdb.sql(f"SELECT {', '.join(columns)} FROM items").fetchall()


for argument in sys.argv[1:]:
    form, path = argument.split("=", 1)
    with open(path, "rb") as file:
        reader = pa.ipc.open_stream(file) if form == "arrow" else pa.ipc.open_file(file)
        table = reader.read_all()
    table.validate(full=True)
    print(json.dumps({"pyarrow": digest(by_pyarrow(table)), "duckdb": digest(by_duckdb(table))}), flush=True)
