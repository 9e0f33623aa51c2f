import { plainValue, type YamlNode } from "#yaml";
import type { Section } from "./section.ts";

/** @see werf 1.1, "Supported modules" of the ansible builder */
const MODULES: ReadonlySet<string> = new Set(
  `command shell raw script
   openssl_certificate openssl_csr openssl_privatekey openssl_publickey
   acl archive assemble blockinfile copy file replace find ini_file iso_extract lineinfile stat tempfile unarchive xattr
   get_url slurp uri
   bower bundler composer cpanm easy_install gem maven_artifact npm pear pip yarn
   apk apt apt_key apt_repository apt_rpm dnf dpkg_selections debconf homebrew homebrew_cask homebrew_tap layman macports
   openbsd_pkg opkg package pacman pkg5 pkg5_publisher pkgin pkgng pkgutil portage portinstall pulp_repo redhat_subscription
   rhn_channel rhn_register rpm_key slackpkg sorcery svr4pkg swdepot swupd urpmi xbps yum yum_repository zypper
   zypper_repository
   cron user group getent locale_gen timezone
   meta assert debug fail set_fact wait_for`.split(/\s+/),
);

const BLOCKS = ["block", "rescue", "always"];

/** The tasks behind a key as plain data, each with exactly one module that werf knows, blocks looked through. */
export function readTasks(section: Section, key: string): readonly unknown[] {
  const node = section.node(key);
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [];
  const tasks = node.kind === "list" ? node.items : [node];
  for (const task of tasks) checkTask(section, task);
  return tasks.map(plainValue);
}

function checkTask(section: Section, task: YamlNode): void {
  if (task.kind !== "map") throw section.error("an ansible task should be a mapping", { node: task });
  const blocks = task.pairs.filter((entry) => BLOCKS.includes(entry.name));
  if (blocks.length > 0) {
    for (const block of blocks) {
      if (block.value.kind !== "list")
        throw section.error(`\`${block.name}\` should be a list of tasks`, { node: block.value });
      for (const inner of block.value.items) checkTask(section, inner);
    }
    return;
  }
  const modules = task.pairs.filter(
    (entry) => MODULES.has(entry.name) && !(entry.value.kind === "scalar" && entry.value.value === null),
  );
  if (modules.length === 0) {
    throw section.error("unsupported ansible task", {
      node: task,
      hint: `A task needs one of these modules: ${[...MODULES].toSorted().join(", ")}`,
    });
  }
  if (modules.length > 1) {
    const names = modules.map((entry) => `\`${entry.name}\``).join(", ");
    throw section.error(`invalid ansible task: it has several modules: ${names}`, { node: task });
  }
}
