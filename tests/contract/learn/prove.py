"""Learns from one program, and proves that the profile is enough, and that no line of it could be missing."""

import os
import re
import subprocess
import sys
from pathlib import Path

WIDE = """\
version: 1
name: wide-{name}
permissions:
  account: {{ Workers Scripts: edit, Workers KV Storage: edit, Workers R2 Storage: edit, Account Settings: read }}
  zone: {{ DNS: edit, Zone: read, Cache Purge: purge, Workers Routes: edit }}
  user: {{ Memberships: read, User Details: read }}
resources: {{ accounts: [Emulator Account], zones: [example.com, example.net] }}
ttl: 7d
sinks: [{{ env_file: .env.wide-{name}, variables: {{ CLOUDFLARE_API_TOKEN: token }} }}]
"""

# What stands in the place of a permission that is left out, since no section may be empty; no program here needs it.
OTHERS = {
    "account:": ["Billing: read"],
    "zone:": ["SSL and Certificates: read"],
    "user:": ["User Details: read", "Memberships: read"],
}


def cfmint(*arguments, variables=None):
    """Runs cfmint, and fails where it does."""
    environment = {**os.environ, **(variables or {})}
    ran = subprocess.run([os.environ["CFMINT"], *arguments], env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"cfmint {' '.join(arguments)} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}")


def token_of(profile, name):
    """Makes the token of a profile under another name, and returns it."""
    file = Path(f"{name}.yaml")
    text = re.sub(r"^name: .*$", f"name: {name}", profile, flags=re.M)
    file.write_text(re.sub(r"env_file: \.env\b[^,\n]*", f"env_file: .env.{name}", text))
    cfmint("apply", str(file))
    line = next(line for line in Path(f".env.{name}").read_text().splitlines() if "API_TOKEN" in line)
    return line.split("=", 1)[1].strip("'\"")


def passes(program, token):
    """Whether the program does all it wants with a token."""
    variables = {**os.environ, "CLOUDFLARE_API_TOKEN": token}
    variables["CLOUDFLARE_API_BASE_URL"] = variables["CLOUDFLARE_BASE_URL"]
    ran = subprocess.run(program, env=variables, capture_output=True, text=True)
    return ran.returncode == 0, ran.stdout + ran.stderr


def without_each(profile):
    """Each permission with the profile that lacks it."""
    lines = profile.splitlines()
    section = None
    for number, line in enumerate(lines):
        text = line.split("  # ")[0]
        section = text.strip() if text.strip() in OTHERS else section
        if re.search(r": (read|edit|purge)$", text) and not text.lstrip().startswith("#"):
            other = next(other for other in OTHERS[section] if other not in profile)
            other = " " * (len(text) - len(text.lstrip())) + other
            yield text.strip(), "\n".join([*lines[:number], other, *lines[number + 1 :]]) + "\n"


def main():
    name, *program = sys.argv[1:]
    wide = token_of(WIDE.format(name=name), f"wide-{name}")
    learned = Path(f"learned-{name}.yaml")
    cfmint("learn", "--name", name, "--output", str(learned), "--", *program, variables={"CLOUDFLARE_API_TOKEN": wide})
    profile = learned.read_text()
    good, said = passes(program, token_of(profile, name))
    if not good:
        sys.exit(f"{name}: the profile is not enough:\n{profile}\n{said}")
    count = 0
    for number, (line, narrowed) in enumerate(without_each(profile)):
        good, said = passes(program, token_of(narrowed, f"{name}-{number}"))
        if good:
            sys.exit(f"{name}: it passes without `{line}`:\n{profile}\n{said}")
        count += 1
    if count == 0:
        sys.exit(f"{name}: nothing was learned:\n{profile}")
    print(f"{name}: the learned profile is enough, and none of its {count} permissions could be missing")


main()
