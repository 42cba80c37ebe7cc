#!/usr/bin/env python3
"""Checks what Akashi gives out, with nothing of Akashi: python3 verify.py FOLDER [VKEY_FILE [ROOTS_FILE]]

FOLDER is an evidence package (`akashi export`, unpacked) or the proof of one record (`akashi prove`). If every line says
ok, the evidence has the hashes that ledger entries name, the entries are in the log, the log's checkpoint is signed with
the key in VKEY_FILE, and the records stand in the evidence. Get that file from somebody you trust: without it the key
that came along is used, which only shows that the parts fit one another. ROOTS_FILE holds the root certificates of the
time-stamping authority, PEM. Needs Python 3.8 and the openssl command, 3.0 or later.
"""
import base64, csv, datetime, hashlib, json, os, re, stat, subprocess, sys, tempfile, zlib

STEP = 1 << 16
# No record is longer; what claims to be is none.
LONGEST = 1 << 28
csv.field_size_limit(2**31 - 1)


def main(folder, vkey_file=None, roots_file=None):
    if os.path.lexists(os.path.join(folder, "bagit.txt")):
        return package(folder, vkey_file, roots_file)
    read = lambda name: open(os.path.join(folder, name), "rb").read()
    entry, note, record = (read(name) for name in ("entry.json", "checkpoint", "record"))
    claim, locator = json.loads(entry), json.loads(read("proof.json"))["locator"]
    vkey = open(vkey_file or os.path.join(folder, "ledger.vkey")).read().split()[0]
    evidence = os.path.join(folder, "evidence")
    check(claim["kind"] == "evidence" and hash_file(evidence) == claim["sha256"], "evidence has the hash in the entry")
    check_record(locator, record, evidence, read)
    check_inclusion(entry, read("entry.tlog-proof"), note)
    check_signature(note, vkey)
    print(f"\n{len(record)} bytes at {locator!r} of {claim['origin']!r}, received {time_of(claim['receivedAt'])}")
    print(f"log {vkey!r}" + ("" if vkey_file else "   <- compare with a copy you trust"))


def check_record(locator, record, evidence, read):
    place, pointers, rebuilt = steps_of(locator)
    if place:
        found = Body(evidence).cut(*place)
        around = read("enclosing") if rebuilt or pointers else record
        check(found is not None and found == around, "the record, or what encloses it, stands in the evidence")
        if pointers and not rebuilt:
            text = follow(found, pointers)
            said = text.startswith(record.decode()) and not text[len(record.decode()) :].strip()
            check(said, "the record is what encloses it, decoded")
    if rebuilt:
        print("note: the record is not proven: it was written anew from a row or untidy text; compare it with the evidence")


# An evidence package


def package(folder, vkey_file, roots_file):
    problems, at = [], lambda name: os.path.join(folder, *name.split("/"))
    list(files_of(folder))

    def trying(what, work, *given):
        """One thing that is wrong must not hide another."""
        try:
            return work(*given)
        except (Exception, SystemExit) as error:
            problems.append(f"{what}: {error if isinstance(error, SystemExit) else repr(error)}")
            print(f"NOT OK: {problems[-1]}")

    listed = trying("the list of files", check_files, folder, problems) or {}
    vkey = open(vkey_file or at("proofs/ledger.vkey")).read().split()[0]
    about = trying("data/about.json", lambda: json.load(open(at("data/about.json"), encoding="utf-8"))) or {}
    note = open(at("proofs/checkpoint"), "rb").read()
    trying("proofs/checkpoint", check_checkpoint, note, vkey, about)
    entries = trying("proofs/entries.jsonl", check_entries, at, note, listed) or {}
    held = trying("data/records", check_records, at, entries, about, listed) or {}
    trying("data/rows", check_rows, at, held, about, listed)
    trying("proofs/timestamp.tsr", check_stamp, at, note, vkey, roots_file, listed)
    vouched = trying("custody", check_custody, at, vkey, listed)
    for name in sorted(listed):
        if not KNOWN.match(name):
            print(f"note: {name!r} is no part that this verifier knows")
    if problems:
        raise SystemExit(f"NOT OK: {len(problems)} problem{'s' * (len(problems) > 1)}")
    print(f"\nlog {vkey!r}" + ("" if vkey_file else "   <- compare with a copy you trust"))
    print(
        "OK: and the log's custody record vouches for every file under data/"
        if vouched
        else "OK, but no signature covers the rows, the counts and the cover page: nothing here vouches for them"
    )


KNOWN = re.compile(
    r"(README\.txt|verify\.py|bagit\.txt|bag-info\.txt|(tag)?manifest-sha256\.txt|custody/record\.(json|tlog-proof)"
    r"|proofs/(checkpoint|ledger\.vkey|entries\.jsonl|stamped-checkpoint(\.consistency)?|timestamp\.(tsr|json|crl\.pem))"
    r"|data/(about\.json|cover\.(html|pdf)|coverage\.json|query\.sql|records/(index\.jsonl|slices)"
    r"|rows/(answer|events|flows)\.(jsonl|csv|parquet)|rows/ocsf\.jsonl|evidence/[a-z0-9.-]+/[0-9a-f]{64}))$"
)


def files_of(folder):
    """Every name below; a pipe would be waited for, and a link leads elsewhere, so that nothing is opened where one is."""
    for place, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(place, name)
            mode, name = os.lstat(path).st_mode, os.path.relpath(path, folder).replace(os.sep, "/")
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                sys.exit(f"NOT OK: NOT A FILE: {name!r}")
            if stat.S_ISREG(mode):
                yield name


def check_files(folder, problems):
    """BagIt 1.0 (RFC 8493): every file is listed with its hash, nothing else is there, and nothing is missing."""
    found, listed, wrong = set(files_of(folder)), {}, []
    if open(os.path.join(folder, "bagit.txt"), "rb").read() != b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n":
        wrong.append("ALTERED: bagit.txt")
    for manifest, isPayload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        for number, line in enumerate(open(os.path.join(folder, manifest), encoding="utf-8", errors="replace", newline="\n"), 1):
            match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)\n", line)
            name = match and match[2]
            parts = name.split("/") if name else []
            fits = name and ".." not in parts and "" not in parts and (parts[0] == "data" and len(parts) > 1) == isPayload
            if not fits or name in listed or name.startswith("tagmanifest-"):
                wrong.append(f"ALTERED: {manifest}: line {number} is none of a manifest")
            else:
                listed[name] = match[1]
    for name in ("manifest-sha256.txt", "bagit.txt", "bag-info.txt"):
        if name not in listed:
            wrong.append(f"ALTERED: tagmanifest-sha256.txt does not list {name}")
    for name in sorted(listed.keys() | found):
        if name == "tagmanifest-sha256.txt":
            continue
        if name not in found:
            wrong.append(f"MISSING: {name}")
        elif name not in listed:
            wrong.append(f"ADDED: {name!r}")
        elif hash_file(os.path.join(folder, name)) != listed[name]:
            wrong.append(f"ALTERED: {name}, or what its manifest says of it")
    payload = [os.path.join(folder, name) for name in listed if name.startswith("data/") and name in found]
    oxum = f"Payload-Oxum: {sum(map(os.path.getsize, payload))}.{len(payload)}"
    if oxum not in open(os.path.join(folder, "bag-info.txt"), encoding="utf-8", errors="replace").read().split("\n"):
        wrong.append("ALTERED: bag-info.txt, whose Payload-Oxum is that of another payload")
    for problem in wrong:
        print(f"NOT OK: {problem}")
    problems.extend(wrong)
    if not wrong:
        print(f"ok: {len(listed)} files have the hashes of their manifests; nothing is missing, nothing was added")
    return listed


def check_checkpoint(note, vkey, about):
    check_signature(note, vkey)
    said = about["snapshot"]["ledger"]
    same = text_of(note)[:3] == [said["origin"], str(said["size"]), base64.b64encode(bytes.fromhex(said["root"])).decode()]
    check(same, "the snapshot is that of the checkpoint")


def check_entries(at, note, listed):
    """Every body is in the log, and whole objects have the hash that their entry names."""
    entries, size, root = {}, *size_and_root(note)
    if os.path.exists(at("proofs/entries.jsonl")):
        for line in open(at("proofs/entries.jsonl"), encoding="utf-8"):
            said = json.loads(line)
            entry, claim = said["entry"].encode(), json.loads(said["entry"])
            fold(entry, said["index"], [unbase64(one.encode()) for one in said["proof"]], size, root)
            key = (claim["source"], claim["sha256"])
            check(claim["kind"] == "evidence" and key not in entries, None)
            entries[key] = claim
    objects = [name.split("/") for name in listed if name.startswith("data/evidence/")]
    for _, _, source, sha256 in objects:
        claim = entries.get((source, sha256))
        whole = claim and listed[f"data/evidence/{source}/{sha256}"] == sha256
        if not whole or os.path.getsize(at(f"data/evidence/{source}/{sha256}")) != claim["size"]:
            raise SystemExit(f"data/evidence/{source}/{sha256} is not what the ledger has of it")
    check(len(objects) in (0, len(entries)), f"{len(objects)} objects of evidence are those of the ledger")
    print(f"ok: {len(entries)} ledger entries are among the {size} that the checkpoint covers")
    return entries


def check_records(at, entries, about, listed):
    """Follows every line of the index to the bytes it names; gives what rows may say, by evidence and place."""
    held, used, body, unproven = {}, set(), None, 0
    mode, name = about["records"]["mode"], "data/records/index.jsonl"
    slices = open(at("data/records/slices"), "rb") if "data/records/slices" in listed else None
    check((slices is not None) == (mode in ("slices", "texts") and name in listed), None)
    for number, line in enumerate(open(at(name), encoding="utf-8") if name in listed else [], 1):
        row = json.loads(line)
        key, (place, pointers, anew) = (row["source"], row["evidence"]), steps_of(row["locator"])
        if key not in entries:
            raise SystemExit(f"line {number} is of evidence that no ledger entry here is of")
        used.add(key)
        if mode == "originals":
            path = at("data/evidence/{}/{}".format(*key))
            if place and (body is None or body.path != path or place[0] < body.base):
                body = Body(path)
            piece = body.cut(*place) if place else b""
        else:
            slice_of, piece = row.get("slice"), b""
            if slice_of:
                slices.seek(slice_of["at"])
                piece = slices.read(slice_of["bytes"])
                if len(piece) != slice_of["bytes"] or place and mode == "slices" and len(piece) != place[1] - place[0]:
                    piece = None
        proven = not anew and (mode != "texts" or not pointers)
        unproven += not proven
        if piece is None or proven and not says(follow(piece, pointers), row["sha256"], row["bytes"]):
            raise SystemExit(f"line {number}: the record is not what its place in {row['evidence']} says")
        own = record_key(row["evidence"], row["locator"])
        check(own not in held, None)
        held[own] = bytes.fromhex(row["sha256"])
    check(used == entries.keys(), "every body is one that records are of")
    check(len(held) == about["records"]["count"], f"{len(held)} records stand where the index says")
    if unproven:
        print(f"note: {unproven} of them are not proven: they were written anew from rows, untidy text or what enclosed them")
    if mode not in ("originals", "none"):
        print("note: that slices stand in their bodies can be checked by whoever is given the bodies; README.txt says how")
    return held


def check_rows(at, held, about, listed):
    """Rows that lead to a record say what it says; CSV says what JSON lines say; counts are what was written."""
    linked, whole = set(), False
    described = {told["name"] for told in about["rows"]} | {"data/rows/ocsf"}
    for name in listed:
        if name.startswith("data/rows/") and name.rsplit(".", 1)[0] not in described:
            raise SystemExit(f"{name} is of rows that about.json does not describe")
    for told in about["rows"]:
        lines = 0
        table = csv.reader(open(at(told["name"] + ".csv"), encoding="utf-8", newline="")) if told["name"] + ".csv" in listed else None
        check(table is None or [plain(name) for name in next(table)] == told["columns"], None)
        isWhole = {"evidence", "locator", "raw", "mapping_version"} <= set(told["columns"])
        whole = whole or isWhole
        for line in open(at(told["name"] + ".jsonl"), encoding="utf-8", newline="\n"):
            lines += 1
            row = json.loads(line)
            if table is not None and [plain(cell) for cell in next(table)] != cells_of(line):
                raise SystemExit(f"row {lines} of {told['name']}.csv is not that of .jsonl")
            if held and isWhole:
                own = record_key(row["evidence"], row["locator"])
                raw = hashlib.sha256((row["raw"] or "").encode("utf-8", "surrogatepass")).digest()
                if held.get(own) != raw:
                    raise SystemExit(f"row {lines} of {told['name']}.jsonl is not what its record says")
                linked.add(own)
        check(table is None or next(table, None) is None, None)
        check(lines == told["rows"] == told["counted"], f"{told['name']} has the {lines} rows that were counted")
    check(not held or not whole or linked == held.keys(), "every row is of a record, and every record of a row" if held else None)
    text = open(at("data/query.sql"), "rb").read()
    check(sha256(text[:-1]).hex() == about["question"]["sqlSha256"], "the question is the one in about.json")


def check_stamp(at, note, vkey, roots_file, listed):
    if "proofs/timestamp.tsr" not in listed:
        return print("note: no time-stamp: when the checkpoint was signed is the word of whoever signed it")
    stamped = open(at("proofs/stamped-checkpoint"), "rb").read()
    check_signature(stamped, vkey)
    lines = open(at("proofs/stamped-checkpoint.consistency"), "rb").read().splitlines()
    check_consistency(*size_and_root(stamped), *size_and_root(note), [unbase64(one) for one in lines])
    if not roots_file:
        return print("note: the time-stamp was not checked: name its authority's root certificates; README.txt says how")
    reply = subprocess.run(["openssl", "ts", "-reply", "-in", at("proofs/timestamp.tsr"), "-text"], capture_output=True, text=True)
    time = re.search(r"Time stamp: (.*?)(?:\.\d+)? (\d{4}) GMT", reply.stdout)
    when = datetime.datetime.strptime(" ".join(time.groups()), "%b %d %H:%M:%S %Y").replace(tzinfo=datetime.timezone.utc)
    words = ["-data", at("proofs/stamped-checkpoint"), "-in", at("proofs/timestamp.tsr"), "-CAfile", roots_file]
    command = ["openssl", "ts", "-verify", *words, "-attime", str(int(when.timestamp()))]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    check(done.returncode == 0, f"the stamped checkpoint existed at {when:%Y-%m-%d %H:%M:%S}Z, says an authority of these roots")


def check_custody(at, vkey, listed):
    """Whether the log itself has it that this package, and no other, left it."""
    if "custody/record.json" not in listed:
        return False
    entry = open(at("custody/record.json"), "rb").read()
    claim, named = json.loads(entry), hash_file(at("manifest-sha256.txt"))
    check(claim["kind"] == "custody" and claim["action"] == "export", None)
    check(claim["result"] == f"package with manifest-sha256.txt of SHA-256 {named}", "the custody record names this manifest")
    print(f"note: made by {claim['actor']!r} at {time_of(claim['at'])}, case {claim['case']!r}, {claim['rows']} rows")
    if "custody/record.tlog-proof" not in listed:
        return print("note: the custody record was not sealed when the package was made: nothing proves it") or False
    proof = open(at("custody/record.tlog-proof"), "rb").read()
    note = proof.split(b"\n\n", 1)[1]
    check_signature(note, vkey)
    check_inclusion(entry, proof, note)
    return True


# Rows and their records


def steps_of(locator):
    """Start and end of a record's bytes (None where there are none), the pointers to follow in them, and whether it was written anew."""
    place, *steps = locator.split(";")
    rebuilt = steps[-1:] == ["rebuilt"] and bool(steps.pop())
    known = re.fullmatch(r"bytes=(\d+)-(\d+)", place, re.A)
    if not known and not (rebuilt and re.fullmatch(r"row=\d+", place, re.A)) or not all(s.startswith("pointer=/") for s in steps):
        raise SystemExit("NOT OK: the locator names no place in the evidence")
    return known and (int(known[1]), int(known[2])), [step[len("pointer=") :] for step in steps], rebuilt


def follow(piece, pointers):
    """The text that JSON pointers (RFC 6901) lead to, each in the JSON text that the one before it led to."""
    text = piece.decode("utf-8", "replace")
    for pointer in pointers:
        text = json.loads(text)
        for name in pointer[1:].split("/"):
            text = text[int(name) if isinstance(text, list) else name.replace("~1", "/").replace("~0", "~")]
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def says(text, sha256_hex, length):
    """Whether a text is the one of that hash and length in UTF-8; only a line end may come after it."""
    data = text.encode()
    return sha256(data[:length]).hex() == sha256_hex and not data[length:].decode("utf-8", "replace").strip().strip("\ufeff")


record_key = lambda evidence, locator: hashlib.sha256(f"{evidence} {locator}".encode("utf-8", "surrogatepass")).digest()[:16]


def plain(cell):
    """A CSV field without the mark that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if re.match("'[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", cell) else cell


def cells_of(line):
    """A JSON line's values as CSV writes them."""
    number = type("Number", (str,), {})
    row = json.loads(line, object_pairs_hook=list, parse_int=number, parse_float=number)
    return [cell_of(value, number) for _, value in row]


def cell_of(value, number):
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, number):
        return str(value)
    return plain(value) if isinstance(value, str) else json_text(value, number)


def json_text(value, number):
    if isinstance(value, number):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        return "{" + ",".join(f"{json_text(name, number)}:{json_text(one, number)}" for name, one in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(one, number) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


class Body:
    """Cuts ranges out of a body of any size, by ascending start, with its gzip undone."""

    def __init__(self, path):
        self.path, self.base, self.held, self.pieces = path, 0, bytearray(), expand(open(path, "rb"))

    def cut(self, start, end):
        if not self.base <= start <= end <= start + LONGEST:
            return None
        while self.base + len(self.held) < end:
            piece = next(self.pieces, None)
            if piece is None:
                return None
            passed = min(len(self.held), start - self.base)
            del self.held[:passed]
            self.base += passed
            self.held += piece
        return bytes(self.held[start - self.base : end - self.base])


def expand(file):
    """Undoes gzip, member by member; of a broken stream, gives what comes before the break."""
    piece = file.read(STEP)
    if piece[:2] != b"\x1f\x8b":
        while piece:
            yield piece
            piece = file.read(STEP)
    while piece[:2] == b"\x1f\x8b":
        stream = zlib.decompressobj(31)
        while piece and not stream.eof:
            before = stream.copy()
            try:
                yield stream.decompress(piece)
            except zlib.error:
                for at in range(len(piece)):
                    try:
                        yield before.decompress(piece[at : at + 1])
                    except zlib.error:
                        return
                return
            piece = stream.unused_data or file.read(STEP)
        if len(piece) < 2:
            piece += file.read(STEP)


# The ledger


def check_inclusion(entry, proof, note):
    """https://c2sp.org/tlog-proof over RFC 6962"""
    head, checkpoint = proof.split(b"\n\n", 1)
    magic, *lines = [line for line in head.split(b"\n") if not line.startswith(b"extra ")]
    check(magic == b"c2sp.org/tlog-proof@v1" and checkpoint == note, "the proof leads to this checkpoint")
    index, (size, root) = int(lines[0][len(b"index ") :]), size_and_root(note)
    check(lines[0] == b"index %d" % index, None)
    fold(entry, index, [unbase64(line) for line in lines[1:]], size, root)
    print(f"ok: the entry is number {index} of the {size} in the log")


def fold(entry, index, hashes, size, root):
    """RFC 9162 section 2.1.3.2"""
    at, last, node = index, size - 1, sha256(b"\0", entry)
    for other in hashes:
        if at % 2 or at == last:
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
            node = sha256(b"\1", other, node)
        else:
            node = sha256(b"\1", node, other)
        at, last = at // 2, last // 2
    if not (0 <= index < size and last == 0 and node == root):
        raise SystemExit(f"NOT OK: the entry is number {index} of the {size} in the log")


def check_consistency(old_size, old_root, size, root, hashes):
    """RFC 9162 section 2.1.4.2"""
    at, last = old_size - 1, size - 1
    while at % 2:
        at, last = at // 2, last // 2
    if old_size & (old_size - 1) == 0:
        hashes = [old_root] + hashes
    old = new = hashes[0] if hashes else None
    for other in hashes[1:]:
        if at % 2 or at == last:
            old, new = sha256(b"\1", other, old), sha256(b"\1", other, new)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            new = sha256(b"\1", new, other)
        at, last = at // 2, last // 2
    same = old_size == size and old_root == root
    whole = 0 < old_size < size and (old, new, last) == (old_root, root, 0)
    check(same or whole, f"the {old_size} entries that were time-stamped are the first of these {size}")


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


text_of = lambda note: note.decode().split("\n\n", 1)[0].split("\n")


def size_and_root(note):
    _, size, root = text_of(note)[:3]
    check(re.fullmatch("0|[1-9][0-9]*", size), None)
    return int(size), unbase64(root.encode())


# Small things


def unbase64(text):
    data = base64.b64decode(text)
    check(base64.b64encode(data) == text, None)
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hash_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


time_of = lambda micros: f"{datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)}Z"


def check(holds, what):
    if not holds:
        sys.exit(f"NOT OK: {what or 'a number, base64 or list in another form than it was written'}")
    if what:
        print(f"ok: {what}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4]) if len(sys.argv) > 1 else sys.exit(__doc__)
    except Exception as error:
        sys.exit(f"NOT OK: it cannot be read: {error!r}")
