#!/usr/bin/env python3
"""Checks a disclosure package: python3 check.py FOLDER TRUSTED_KEY. Needs Python 3.8 and OpenSSL 3.0 or later."""

import base64, hashlib, json, os, stat, subprocess, sys, tempfile


def fail(what):
    print("FAILED: " + ascii(what)[1:-1])
    sys.exit(1)


def read(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError:
        fail("cannot read " + name)


def sha256(data):
    return hashlib.sha256(data).digest()


def check_manifests(folder):
    listed = {"tagmanifest-sha256.txt"}
    # A pipe would be waited for, and a link leads elsewhere: nothing is read where one is.
    for path, folders, names in os.walk(folder):
        for name in folders + names:
            mode = os.lstat(os.path.join(path, name)).st_mode
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                fail(os.path.join(path, name) + " is no file")
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for line in read(folder, manifest).decode().splitlines():
            digest, name = line.split("  ", 1)
            if os.path.isabs(name) or ".." in name.split("/"):
                fail("a name that leads elsewhere in " + manifest)
            # Of the payload the custody record speaks, and it names the payload's manifest alone.
            if name.startswith("data/") != (manifest == "manifest-sha256.txt"):
                fail(name + " is listed in " + manifest + ", where it does not belong")
            if sha256(read(folder, name)).hex() != digest:
                fail(name + " was altered")
            listed.add(name)
    for path, _, names in os.walk(folder):
        for name in names:
            found = os.path.relpath(os.path.join(path, name), folder).replace(os.sep, "/")
            if found not in listed:
                fail(found + " was added")


def open_checkpoint(note, vkey):
    name, _, key = vkey.strip().split("+", 2)
    raw = base64.b64decode(key)
    if raw[0] != 1 or len(raw) != 33:
        fail("the key is no Ed25519 key")
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        if not line.startswith("\u2014 " + name + " "):
            continue
        signature = base64.b64decode(line.split(" ")[2])[4:]
        with tempfile.TemporaryDirectory() as folder:
            files = {"key": bytes.fromhex("302a300506032b6570032100") + raw[1:], "text": text.encode(), "sig": signature}
            for file, data in files.items():
                with open(os.path.join(folder, file), "wb") as out:
                    out.write(data)
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder + "/key",
                       "-rawin", "-in", folder + "/text", "-sigfile", folder + "/sig"]
            if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                _, size, root = text.splitlines()[:3]
                return int(size), base64.b64decode(root)
    fail("the checkpoint is not signed with that key")


def check_inclusion(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        fail("an entry outside the ledger")
    inner, node, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            fail("a proof that is too long")
        if node % 2 == 1 or node == last:
            inner = sha256(b"\x01" + sibling + inner)
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            inner = sha256(b"\x01" + inner + sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or inner != root:
        fail("the checkpoint does not cover entry %d" % index)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        vkey = file.readline()
    check_manifests(folder)
    size, root = open_checkpoint(read(folder, "proofs/checkpoint").decode(), vkey)
    proven = set()
    for line in read(folder, "data/proofs.jsonl").decode().splitlines():
        one = json.loads(line)
        check_inclusion(base64.b64decode(one["leaf"]), one["index"], size, [base64.b64decode(h) for h in one["proof"]], root)
        proven.add(one["evidence"])
    records = read(folder, "data/records.jsonl").decode().splitlines()
    index = {}
    for line in read(folder, "data/records/index.jsonl").decode().splitlines():
        one = json.loads(line)
        index[(one["evidence"], one["locator"])] = one["sha256"]
    for line in records:
        one = json.loads(line)
        if one["evidence"] not in proven:
            fail("a record whose evidence has no proof")
        if sha256((one["raw"] or "").encode()).hex() != index.get((one["evidence"], one["locator"])):
            fail("a record that is not what the index says")
    entry = json.loads(read(folder, "custody/record.json"))
    # Entries of other kinds hold words of strangers, such as the names of the objects that were received.
    if (entry.get("kind"), entry.get("action")) != ("custody", "export"):
        fail("custody/record.json is no custody record of an export")
    said = entry
    opened = os.path.join(folder, "custody/opened.json")
    if os.path.exists(opened):
        text = read(folder, "custody/opened.json")
        if entry["actor"] != "sealed" or entry["subject"] is not None or sha256(text).hex() != entry["subjectSha256"]:
            fail("custody/opened.json is not what the sealed record commits to")
        said = json.loads(text)["record"]
    manifest = sha256(read(folder, "manifest-sha256.txt")).hex()
    if said["result"] != "package with manifest-sha256.txt of SHA-256 " + manifest:
        fail("the custody record is of another package")
    sealed = os.path.exists(os.path.join(folder, "custody/record.tlog-proof"))
    if sealed:
        head, _, note = read(folder, "custody/record.tlog-proof").decode().partition("\n\n")
        lines = head.splitlines()
        at = [n for n, line in enumerate(lines) if line.startswith("index ")][0]
        covered, covering = open_checkpoint(note, vkey)
        leaf = sha256(b"\x00" + read(folder, "custody/record.json"))
        check_inclusion(leaf, int(lines[at][6:]), covered, [base64.b64decode(h) for h in lines[at + 1 :]], covering)
    print("OK: %d records, %d evidence objects in the signed ledger of %d entries" % (len(records), len(proven), size))
    print("the custody record %s" % ("is sealed in the ledger and names this package" if sealed else "waits for a seal: no signature covers the records yet"))


main()
