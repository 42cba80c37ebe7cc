#!/usr/bin/env python3
"""Checks a proof written by `akashi prove`, with nothing of Akashi: python3 verify.py FOLDER [VKEY_FILE]

If every line says ok, the record's bytes stand in the evidence, the evidence has the hash that a ledger entry names,
the entry is in the log, and the log's checkpoint is signed with the key in VKEY_FILE. Get that file from somebody you
trust: without it the key that came along is used, which only shows that the parts fit one another.
Needs Python 3.8 and the openssl command, 3.0 or later.
"""
import base64, datetime, hashlib, json, os, subprocess, sys, tempfile, zlib


def main(folder, vkey_file=None):
    read = lambda name: open(os.path.join(folder, name), "rb").read()
    entry, evidence, note, record = (read(name) for name in ("entry.json", "evidence", "checkpoint", "record"))
    claim, locator = json.loads(entry), json.loads(read("proof.json"))["locator"]
    vkey = open(vkey_file or os.path.join(folder, "ledger.vkey")).read().split()[0]
    check(claim["kind"] == "evidence" and sha256(evidence).hex() == claim["sha256"], "evidence has the hash in the entry")
    check_record(locator, record, evidence, read)
    check_inclusion(entry, read("entry.tlog-proof"), note)
    check_signature(note, vkey)
    received = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=claim["receivedAt"])
    print(f"\n{len(record)} bytes at {locator!r} of {claim['origin']!r}, received {received}Z")
    print(f"log {vkey!r}" + ("" if vkey_file else "   <- compare with a copy you trust"))


def check_record(locator, record, evidence, read):
    place, *steps = locator.split(";")
    rebuilt = steps[-1:] == ["rebuilt"] and bool(steps.pop())
    pointers = [step[len("pointer=") :] for step in steps]
    known = place.startswith("bytes=") or rebuilt and place.startswith("row=")
    if not known or not all(step.startswith("pointer=/") for step in steps):
        sys.exit("NOT OK: the locator names no place in the evidence")
    if place.startswith("bytes="):
        start, end = (int(number) for number in place[len("bytes=") :].split("-"))
        found = expand(evidence)[start:end]
        around = read("enclosing") if rebuilt or pointers else record
        check(found == around and len(found) == end - start, "the record, or what encloses it, stands in the evidence")
        text = found.decode("utf-8", "replace")
        for pointer in [] if rebuilt else pointers:
            text = json.loads(text)
            for name in pointer[1:].split("/"):
                text = text[int(name) if isinstance(text, list) else name.replace("~1", "/").replace("~0", "~")]
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if pointers and not rebuilt:
            said = text.startswith(record.decode()) and not text[len(record.decode()) :].strip()
            check(said, "the record is what encloses it, decoded")
    if rebuilt:
        print("note: the record is not proven: it was written anew from a row or untidy text; compare it with the evidence")


def check_inclusion(entry, proof, note):
    """https://c2sp.org/tlog-proof over RFC 6962"""
    head, checkpoint = proof.split(b"\n\n", 1)
    magic, *lines = [line for line in head.split(b"\n") if not line.startswith(b"extra ")]
    check(magic == b"c2sp.org/tlog-proof@v1" and checkpoint == note, "the proof leads to this checkpoint")
    _, size, root = note.split(b"\n\n", 1)[0].split(b"\n")[:3]
    index, size, root = int(lines[0][len(b"index ") :]), int(size), unbase64(root)
    check(lines[0] == b"index %d" % index, None)
    at, last, node = index, size - 1, sha256(b"\0", entry)
    for other in [unbase64(line) for line in lines[1:]]:
        if at % 2 or at == last:
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
            node = sha256(b"\1", other, node)
        else:
            node = sha256(b"\1", node, other)
        at, last = at // 2, last // 2
    check(0 <= index < size and last == 0 and node == root, f"the entry is number {index} of the {size} in the log")


def check_signature(note, vkey):
    """https://c2sp.org/signed-note with Ed25519"""
    name, key_id, key = vkey.split("+", 2)
    key = unbase64(key.encode())
    check(sha256(name.encode(), b"\n", key)[:4].hex() == key_id and len(key) == 33 and key[0] == 1, "the key is whole")
    text, signatures = note.decode().split("\n\n", 1)
    lines = [line.split(" ") for line in signatures.splitlines()]
    blobs = [unbase64(line[2].encode()) for line in lines if line[:2] == ["\u2014", name]]
    ours = [blob[4:] for blob in blobs if blob[:4].hex() == key_id]
    check(text.split("\n")[0] == name and ours, "the checkpoint is of this key's log")
    with tempfile.TemporaryDirectory() as scratch:
        paths = [os.path.join(scratch, part) for part in ("key", "text", "signature")]
        for path, data in zip(paths, (bytes.fromhex("302a300506032b6570032100") + key[1:], text.encode() + b"\n", ours[0])):
            open(path, "wb").write(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -rawin -inkey key -in text -sigfile signature".split()
        done = subprocess.run(command, cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        check(done.returncode == 0, "the checkpoint is signed with this key")


def expand(body):
    """Undoes gzip, member by member; of a broken stream, gives what comes before the break."""
    out, at = [], 0
    while body[at : at + 2] == b"\x1f\x8b":
        stream, step = zlib.decompressobj(31), 1 << 16
        while at < len(body) and not stream.eof:
            before = stream.copy()
            try:
                out.append(stream.decompress(body[at : at + step]))
                at = min(at + step, len(body))
            except zlib.error:
                if step == 1:
                    return b"".join(out)
                stream, step = before, 1
        at -= len(stream.unused_data)
    return b"".join(out) if at else body


def unbase64(text):
    data = base64.b64decode(text)
    check(base64.b64encode(data) == text, None)
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check(holds, what):
    if not holds:
        sys.exit(f"NOT OK: {what or 'a number or base64 in another spelling'}")
    if what:
        print(f"ok: {what}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3]) if len(sys.argv) > 1 else sys.exit(__doc__)
    except Exception as error:
        sys.exit(f"NOT OK: the proof cannot be read: {error!r}")
