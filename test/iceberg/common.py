"""Rows in the form of rows.ts, and what is printed of them."""

import hashlib
import json


def line(cells):
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def said(lines, columns):
    digest = hashlib.sha256()
    for one in sorted(lines):
        digest.update(one)
    return {"rows": len(lines), "sha256": digest.hexdigest(), "columns": columns}


def plain(value):
    """Whole numbers as text, for no reader to round them; True is no number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
