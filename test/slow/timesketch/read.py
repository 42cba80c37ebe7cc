"""Reads files as Timesketch's own importer does, and prints what it would upload: one JSON line for each event."""

import json
import math
import sys

import pandas
from timesketch_import_client import importer


class Reader(importer.ImportStreamer):
    """The importer, with nowhere to upload to."""

    def __init__(self):
        super().__init__()
        self.events = []

    def _ready(self):
        pass

    def _upload_data_frame(self, data_frame, end_stream, retry_count=0):
        for entry in data_frame.to_dict(orient="records"):
            self.events.append({k: v for k, v in entry.items() if not (isinstance(v, float) and math.isnan(v))})

    def _upload_data_buffer(self, end_stream, data_lines=None, retry_count=0):
        self.events.extend(self._data_lines if data_lines is None else data_lines)


for path in sys.argv[1:]:
    reader = Reader()
    reader.set_timeline_name("timeline")
    reader.add_file(path)
    reader.flush(end_stream=True)
    for event in reader.events:
        # What the server does with a column of times: https://github.com/google/timesketch/blob/master/timesketch/lib/utils.py
        when = pandas.to_datetime(event["datetime"], errors="coerce")
        print(json.dumps({"path": path, "micros": int(when.value // 1000), **event}, default=str))
