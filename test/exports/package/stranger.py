"""Runs the small verifier many times in one process: it takes longer to start than to verify.

judge FOLDER…          -> for each, what it says and whether it accepts
flip FOLDER STEP NAME… -> one bit of every STEP-th byte of each file in turn: [tried, accepted, unnamed]
"""
import contextlib, functools, importlib.util, io, json, os, sys

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
# A signature that held once holds again; one that did not is looked at each time.
verifier.check_signature = functools.lru_cache(None)(verifier.check_signature)
vkey = sys.argv[2]


def verdict(folder):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            verifier.main(folder, vkey)
        return [True, said.getvalue()]
    except (Exception, SystemExit) as refusal:
        return [False, f"{said.getvalue()}\n{refusal}"]


if sys.argv[3] == "judge":
    print(json.dumps([verdict(folder) for folder in sys.argv[4:]]))
else:
    folder, most, accepted, unnamed, tried = sys.argv[4], int(sys.argv[5]), [], [], 0
    for name in sys.argv[6:]:
        path = os.path.join(folder, name)
        whole = open(path, "rb").read()
        for at in range(0, len(whole), max(1, len(whole) // most)):
            tried += 1
            open(path, "wb").write(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            holds, said = verdict(folder)
            if holds:
                accepted.append(f"{name} {at}")
            elif name not in said and not name.startswith("tagmanifest"):
                unnamed.append(f"{name} {at}")
        open(path, "wb").write(whole)
    print(json.dumps([tried, accepted, unnamed, verdict(folder)[0]]))
