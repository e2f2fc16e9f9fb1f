"""Run the steps of a Dockerfile in a Debian chroot: what a container engine would do, where there is none.

Instructions that the project's Dockerfile uses are run as they stand; any other one is an error, so that the file and
this proof cannot diverge.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

RELEASES = {"debian:12-slim": "bookworm"}
"""Base image -> release that debootstrap installs."""
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
DEVICES = ("null", "zero", "urandom", "random")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, with continued lines joined."""

    keyword: str
    value: str


@dataclass
class Stage:
    """A build stage: its base, name and instructions, and what they set."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def values(self, keyword: str) -> list[str]:
        """Return the values of all instructions of one kind."""
        return [step.value for step in self.instructions if step.keyword == keyword]

    @property
    def environment(self) -> dict[str, str]:
        """Variables of all ENV instructions."""
        pairs = (re.findall(r"(\w+)=(\S+)", value) for value in self.values("ENV"))
        return {name: value for group in pairs for name, value in group}

    def command(self, keyword: str) -> list[str]:
        """Return the words of ENTRYPOINT or CMD in their JSON form."""
        return [str(word) for word in json.loads(self.values(keyword)[-1])]

    @property
    def healthcheck(self) -> list[str]:
        """Words of the command of HEALTHCHECK."""
        return [str(word) for word in json.loads(self.values("HEALTHCHECK")[-1].partition("CMD ")[2])]


def parse(dockerfile: Path) -> list[Stage]:
    """Return the stages of a Dockerfile."""
    stages: list[Stage] = []
    for step in _instructions(dockerfile.read_text(encoding="utf-8")):
        if step.keyword == "FROM":
            base, _, name = step.value.partition(" AS ")
            stages.append(Stage(base.strip(), name.strip()))
        else:
            stages[-1].instructions.append(step)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    for line in filter(str.strip, joined.splitlines()):
        keyword, _, value = line.strip().partition(" ")
        yield Instruction(keyword, value.strip())


def context_files(root: Path) -> list[str]:
    """Return the files of the build context: those of the folder that .dockerignore does not exclude."""
    patterns = [
        line.strip()
        for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    tops = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    files = (
        path.relative_to(root).as_posix()
        for top in tops
        for path in ([root / top] if (root / top).is_file() else sorted((root / top).rglob("*")))
        if path.is_file()
    )
    return [name for name in files if not excluded(name, patterns)]


def excluded(name: str, patterns: Sequence[str]) -> bool:
    """Return whether .dockerignore patterns exclude a file; the last pattern that matches decides."""
    result = False
    for pattern in patterns:
        if _matches(name, pattern.removeprefix("!")):
            result = not pattern.startswith("!")
    return result


def _matches(name: str, pattern: str) -> bool:
    parts = name.split("/")
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    return any(fnmatch("/".join(parts[:depth]), pattern) for depth in range(1, len(parts) + 1))


def build(dockerfile: Path, context: Path, folder: Path, *, bootstrapped: Path | None = None) -> Path:
    """Build all stages below a folder; return the root of the last one.

    Parameters
    ----------
    dockerfile, context
        The Dockerfile, and the folder that COPY reads.
    folder
        Where the roots of the stages are made.
    bootstrapped
        A minimal Debian made by debootstrap before; None makes one.
    """
    if bootstrapped is None:
        bootstrapped = folder / "debian"
        release = RELEASES[parse(dockerfile)[-1].base]
        subprocess.run(["debootstrap", "--variant=minbase", release, str(bootstrapped)], check=True)
    roots: dict[str, Path] = {}
    for number, stage in enumerate(parse(dockerfile)):
        if stage.base not in RELEASES:
            raise ValueError(f"base {stage.base} has no release in RELEASES")
        root = folder / f"stage-{stage.name or number}"
        subprocess.run(["cp", "-a", str(bootstrapped), str(root)], check=True)
        _run_stage(stage, root, context, roots)
        roots[stage.name] = root
    return root


def _run_stage(stage: Stage, root: Path, context: Path, roots: Mapping[str, Path]) -> None:
    workdir = "/"
    environment: dict[str, str] = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for step in stage.instructions:
        if step.keyword == "RUN":
            in_chroot(root, ["/bin/sh", "-c", f"cd {workdir} && {step.value}"], environment)
        elif step.keyword == "COPY":
            _copy(step.value, root, context, roots)
        elif step.keyword == "WORKDIR":
            workdir = step.value
            (root / workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step.keyword == "ENV":
            environment |= stage.environment
        elif step.keyword not in {"USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"}:
            raise ValueError(f"instruction {step.keyword} is not run by this proof; add it")


def _copy(value: str, root: Path, context: Path, roots: Mapping[str, Path]) -> None:
    *sources, target = value.split()
    to = root / target.strip("/")
    if sources[0].startswith("--from="):
        other = roots[sources.pop(0).removeprefix("--from=")]
        for source in sources:
            subprocess.run(["cp", "-a", str(other / source.strip("/")), str(to)], check=True)
        return
    allowed = context_files(context)
    for source in sources:
        names = [name for name in allowed if source in {".", name} or name.startswith(f"{source}/")]
        if not names:
            raise ValueError(f"COPY {source}: nothing in the build context; see .dockerignore")
        for name in names:
            file = to / name
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(context / name, file)


def in_chroot(root: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a build step as root in a chroot with its own mounts.

    No folder of this machine is mounted: a step such as the installation of certificates would write into it. The
    certificates that this machine trusts are copied to a tmpfs, which ends with the step.
    """
    bundle = "/run/certificates.crt"
    mounts = [
        f"mount -t proc proc {root}/proc",
        f"mount -t tmpfs tmpfs {root}/run",
        f"cp {CERTIFICATES} {root}{bundle}",
        *_devices(root),
    ]
    variables = dict(environment) | {"HOME": "/root", "SSL_CERT_FILE": bundle, "PIP_CERT": bundle}
    subprocess.run(
        [*_private(mounts, variables), "/usr/sbin/chroot", str(root), *command], check=True, stdin=subprocess.DEVNULL
    )


def _devices(root: Path) -> list[str]:
    made = [f"touch {root}/dev/{name} && mount --bind /dev/{name} {root}/dev/{name}" for name in DEVICES]
    shared = f"mkdir {root}/dev/shm && mount -t tmpfs -o mode=1777 tmpfs {root}/dev/shm"
    return [f"mount -t tmpfs tmpfs {root}/dev", *made, shared]


def _private(mounts: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Return the words of a call that makes mounts of its own and runs its further words with these variables only."""
    words = [f"{name}={value}" for name, value in environment.items()]
    script = "set -e; " + "; ".join(mounts) + '; exec env -i "$@"'
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *words]


def read_only(root: Path, volumes: Mapping[str, Path], user: str, environment: Mapping[str, str]) -> list[str]:
    """Return the words of a shell call that runs its further words in the image, with a read-only root.

    Parameters
    ----------
    root
        Root of the image.
    volumes
        Path in the image -> folder of this machine, writable.
    user
        Numbers of user and group.
    environment
        Variables, instead of those of this machine.
    """
    mounts = [
        f"mount --bind {root} {root}",
        f"mount -t proc -o subset=pid,hidepid=invisible proc {root}/proc",  # as the systemd units do
        *(f"mount --bind {folder} {root}{target}" for target, folder in volumes.items()),
        f"mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs {root}/tmp",
        *_devices(root),
        f"mount -o remount,bind,ro {root}",
    ]
    return [*_private(mounts, environment), "/usr/sbin/chroot", f"--userspec={user}", str(root)]
