"""schemathesis against the served SDL, a minute long: whatever is asked, no answer is a server's error."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time

SECONDS = os.environ.get("TORIKUMI_FUZZ_SECONDS", "60")
SEED = os.environ.get("TORIKUMI_SEED", "2015")
WORK = pathlib.Path(os.environ["TORIKUMI_WORK"])
TOKENS = json.loads(os.environ["TORIKUMI_TOKENS"])

begun = time.monotonic()
log = WORK / "serve.log"
before = log.stat().st_size
command = [str(pathlib.Path(sys.executable).parent / "st"), "run", os.environ["TORIKUMI_URL"] + "/graphql", "--max-time", SECONDS, "--seed", SEED, "--no-color",
           "--checks", "answered", "--phases", "fuzzing", "--mode", "positive", "--workers", "2", "--generation-database", "none",
           "--header", f"Authorization: Bearer {TOKENS['all']}"]
environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(pathlib.Path(__file__).resolve().parent), "PYTHONDONTWRITEBYTECODE": "1"}
ran = subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True, timeout=int(SECONDS) + 120)
with log.open("rb") as lines:
    lines.seek(before)
    statuses = collections.Counter(json.loads(line)["fields"].get("status") for line in lines if b'"message":"request"' in line)
counts = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items(), key=lambda one: str(one[0])))
errors = sum(number for status, number in statuses.items() if isinstance(status, int) and status >= 500)
good = ran.returncode == 0 and errors == 0 and sum(statuses.values()) > 100
if not good:
    print(re.sub(r"(?m)^", "      ", (ran.stdout + ran.stderr)[-6000:]))
print(f"{'ok   ' if good else 'FAULT'} schemathesis, seed {SEED}: {sum(statuses.values())} requests ({counts})", flush=True)
print(f"{'ok   ' if good else 'FAULT'} fuzz: {0 if good else 1} faults in {time.monotonic() - begun:.1f} s", flush=True)
sys.exit(0 if good else 1)
