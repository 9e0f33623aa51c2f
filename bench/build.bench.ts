import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imageLayout } from "../test/env/index.ts";
import { startDocker, type Docker } from "./docker.ts";
import { compare, execute, root, type Case, type Side } from "./harness.ts";
import { authorities, commitAll, gitInit, slipwayIn, unpackImage, writeManyFiles } from "./work.ts";

const PYTHON = "python:3.11-slim-bookworm";
const BUSYBOX = "busybox:1.35";
const BUILD = ["build", "--stages-storage", ":local"];

/** Builds against `docker build` with BuildKit, and against the user's commands alone. */
export async function benchBuild(scratch: string): Promise<void> {
  const docker = await startDocker(join(scratch, "docker"));
  if (typeof docker === "string") {
    process.stdout.write(`\nBuildKit is left out: ${docker}\n`);
    await flask(scratch, undefined);
    return;
  }
  await using _ = docker;
  await docker.load(await imageLayout(PYTHON), PYTHON);
  await docker.load(await imageLayout(BUSYBOX), BUSYBOX);
  await flask(scratch, docker);
  await manyFiles(scratch, docker);
}

async function flask(scratch: string, docker: Docker | undefined): Promise<void> {
  const mine = join(scratch, "flask");
  const theirs = join(scratch, "flask-docker");
  const home = join(scratch, "home");
  await cp(join(root, "examples/flask/020-deploy"), mine, { recursive: true });
  await cp(mine, theirs, { recursive: true });
  await gitInit(mine);
  await writeFile(join(theirs, "Dockerfile"), FLASK_DOCKERFILE);
  await writeFile(join(theirs, ".dockerignore"), "Dockerfile\n.helm\nREADME.md\nwerf.yaml\n");
  const slipway: Side = { label: "slipway", run: () => slipwayIn(mine, home, BUILD) };
  await slipway.run();
  const cases: Case[] = [];
  if (docker !== undefined) {
    const peer: Side = {
      label: "BuildKit",
      run: () => docker.build(theirs, ["--secret", `id=ca,src=${authorities}`]),
    };
    await peer.run();
    cases.push(
      { name: "Flask example, nothing to do", aim: 1.5, slipway, peer },
      {
        name: "Flask example, one file changed",
        aim: 1,
        rounds: 5,
        slipway: {
          ...slipway,
          prepare: async () => {
            await edit(mine, "app.py");
            await commitAll(mine);
          },
        },
        peer: { ...peer, prepare: () => edit(theirs, "app.py") },
      },
    );
  }
  cases.push({
    name: "Flask example, cold",
    aim: 1.2,
    rounds: 3,
    slipway: { ...slipway, prepare: () => rm(join(home, "stages"), { recursive: true }) },
    peer: await commandsAlone(mine, scratch),
  });
  await compare("Build", cases);
}

async function manyFiles(scratch: string, docker: Docker): Promise<void> {
  const mine = join(scratch, "many");
  const theirs = join(scratch, "many-docker");
  const home = join(scratch, "home-many");
  await writeManyFiles(mine);
  await cp(mine, theirs, { recursive: true });
  await writeFile(join(mine, "werf.yaml"), MANY_WERF);
  await writeFile(join(theirs, "Dockerfile"), `FROM ${BUSYBOX}\nCOPY . /app\n`);
  await gitInit(mine);
  const slipway: Side = { label: "slipway", run: () => slipwayIn(mine, home, BUILD) };
  const peer: Side = { label: "BuildKit", run: () => docker.build(theirs, []) };
  await slipway.run();
  await peer.run();
  await compare("Build of 20,000 files", [
    { name: "nothing to do", rounds: 5, aim: 1, slipway, peer },
    {
      name: "one file changed",
      aim: 0.33,
      rounds: 2,
      slipway: {
        ...slipway,
        prepare: async () => {
          await edit(mine, "folder-7/file-7.txt");
          await commitAll(mine);
        },
      },
      peer: { ...peer, prepare: () => edit(theirs, "folder-7/file-7.txt") },
    },
    {
      name: "cold",
      aim: 0.5,
      rounds: 2,
      slipway: { ...slipway, prepare: () => rm(join(home, "stages"), { recursive: true }) },
      peer: { ...peer, run: () => docker.build(theirs, ["--no-cache"]) },
    },
  ]);
}

/** The example's own two commands in a fresh overlay of the same root, with nothing kept of what they leave. */
async function commandsAlone(project: string, scratch: string): Promise<Side> {
  const base = join(scratch, "root");
  const work = join(scratch, "commands");
  await unpackImage(PYTHON, base);
  return {
    label: "commands in a chroot",
    prepare: async () => {
      await rm(work, { recursive: true, force: true });
      for (const name of ["upper", "work", "merged"]) await mkdir(join(work, name), { recursive: true });
    },
    run: () =>
      execute("unshare", ["--mount", "sh", "-ec", IN_CHROOT, "sh", base, work, project, authorities]),
  };
}

async function edit(directory: string, file: string): Promise<void> {
  await writeFile(join(directory, file), `# ${performance.now()}\n`, { flag: "a" });
}

const IN_CHROOT = `
cd "$2"
mount -t overlay overlay -o "lowerdir=$1,upperdir=upper,workdir=work" merged
mkdir -p merged/app
cp "$3"/*.py "$3"/requirements.txt merged/app
cp "$4" merged/ca.crt
cp /etc/resolv.conf merged/etc/resolv.conf
mount -t proc proc merged/proc
exec env -i PATH=/usr/local/bin:/usr/bin:/bin PIP_CERT=/ca.crt PIP_ROOT_USER_ACTION=ignore /usr/sbin/chroot merged sh -ec '
pip install --no-cache-dir -r /app/requirements.txt
python -m compileall -q --invalidation-mode checked-hash /app'
`;

const FLASK_DOCKERFILE = `FROM ${PYTHON}
COPY requirements.txt /app/
RUN --mount=type=secret,id=ca,target=/run/ca.crt PIP_CERT=/run/ca.crt pip install --no-cache-dir -r /app/requirements.txt
COPY . /app
RUN python -m compileall -q --invalidation-mode checked-hash /app
WORKDIR /app
ENV PYTHONUNBUFFERED=1
EXPOSE 8080
CMD ["gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
`;

const MANY_WERF = `project: many
configVersion: 1
---
image: app
from: ${BUSYBOX}
git:
- add: /
  to: /app
  excludePaths: [werf.yaml]
`;
