"""Runs `aws cloudtrail validate-logs` over buckets given one a line on stdin, answers one line of JSON for each.

S3 is moto's server, ListPublicKeys a stub; the AWS CLI runs in this process, since starting it takes a second.
"""

import base64
import contextlib
import io
import json
import logging
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)

from awscli.clidriver import create_clidriver
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
KEYS = []


class ListPublicKeys(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"PublicKeyList": KEYS}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def store(case):
    """Straight into moto's memory: a hundred thousand requests to a server in Python take minutes."""
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(case["bucket"], "us-east-1")
    for item in case["objects"]:
        stored = backend.put_object(case["bucket"], item["key"], base64.b64decode(item["body"]))
        stored.set_metadata({f"x-amz-meta-{name}": value for name, value in item["metadata"].items()})


def validate(case, endpoint):
    out, err = io.StringIO(), io.StringIO()
    words = ["cloudtrail", "validate-logs", "--verbose", "--region", case["region"], "--endpoint-url", endpoint]
    words += ["--trail-arn", case["trail"], "--s3-bucket", case["bucket"]]
    words += ["--start-time", case["start"], "--end-time", case["end"]]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = create_clidriver().main(words)  # anew: a command keeps its counts
    text = out.getvalue() + err.getvalue()
    named = re.findall(r"^(?:\(backfill\) )?(Digest|Log) file\ts3://[^/]+/(\S+)\t(valid|INVALID: .*)$", text, re.M)
    return {"code": code, "named": named, "text": text}


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ["AWS_ENDPOINT_URL_S3"] = f"http://{host}:{port}"
    stub = ThreadingHTTPServer(("127.0.0.1", 0), ListPublicKeys)
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    answers = sys.stdout
    for line in sys.stdin:
        case = json.loads(line)
        KEYS[:] = case["keys"]
        store(case)
        print(json.dumps(validate(case, f"http://127.0.0.1:{stub.server_port}")), file=answers, flush=True)
    server.stop()


main()
