import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodesets } from "node-opcua";
import { HostError, messageOf } from "#model/errors.ts";
import { breakerTypesUri } from "./breaker-type.ts";
import { type NodesetHeader, readNodesetHeader } from "./nodeset-header.ts";
import type { TrialCandidate } from "./trial-messages.ts";
import { tryNodesets } from "./try-nodesets.ts";

/** The NodeSet files that a server loads. */
export interface NodesetFiles {
  /** Paths in loading order; after namespaces 0 and 1 each model gets the next index. */
  readonly files: readonly string[];
  /** Why files of the user were left out: `config-invalid`, each naming its file and the cause. */
  readonly problems: readonly HostError[];
}

export const fdi5Uri = "http://fdi-cooperation.com/OPCUA/FDI5/";

interface OwnNodeset {
  readonly uri: string;
  readonly path: string;
  /** True: a file of the user that defines the same model takes its place. */
  readonly isReplaceable: boolean;
}

const own = (name: string): string => fileURLToPath(new URL(`../../../nodesets/${name}`, import.meta.url));

const ownNodesets: readonly OwnNodeset[] = [
  { uri: "http://opcfoundation.org/UA/", path: nodesets.standard, isReplaceable: false },
  { uri: "http://opcfoundation.org/UA/DI/", path: nodesets.di, isReplaceable: false },
  { uri: fdi5Uri, path: own("FdiHost.Fdi5.NodeSet2.xml"), isReplaceable: true },
  { uri: breakerTypesUri, path: own("FdiHost.Breaker.NodeSet2.xml"), isReplaceable: false },
];

const trialTimeoutMs = 60_000;

interface UserNodeset extends NodesetHeader {
  readonly path: string;
}

/**
 * The files to load: the standard, DI, ours, then every `*.xml` of `userFolder` in the order of what they require. A file
 * of the user that defines the FDI model replaces ours; one that cannot be loaded is left out and told in `problems`.
 */
export async function findNodesetFiles(userFolder: string): Promise<NodesetFiles> {
  const problems: HostError[] = [];
  const found = await readUserNodesets(userFolder, problems);
  const usable = inOrder(withoutConflicts(found, problems), problems);
  if (usable.length === 0) return { files: ownNodesets.map(({ path }) => path), problems };
  return onTrial(usable, problems);
}

async function readUserNodesets(folder: string, problems: HostError[]): Promise<UserNodeset[]> {
  const found: UserNodeset[] = [];
  for (const name of await xmlFilesIn(folder)) {
    const path = join(folder, name);
    try {
      found.push({ path, ...(await readNodesetHeader(path)) });
    } catch (error) {
      problems.push(leftOut(path, messageOf(error)));
    }
  }
  return found;
}

async function xmlFilesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.toLowerCase().endsWith(".xml")).sort();
  } catch {
    return [];
  }
}

function withoutConflicts(found: readonly UserNodeset[], problems: HostError[]): UserNodeset[] {
  const holders = new Map(ownNodesets.filter((file) => !file.isReplaceable).map(({ uri }) => [uri, "the host"]));
  return found.filter((nodeset) => {
    const taken = nodeset.defines.find((uri) => holders.has(uri));
    if (taken !== undefined) {
      problems.push(leftOut(nodeset.path, `its model ${taken} comes with ${holders.get(taken) ?? "the host"}`));
      return false;
    }
    for (const uri of nodeset.defines) holders.set(uri, nodeset.path);
    return true;
  });
}

/** Sorts so that each file comes after those it requires; files that require something that is not there are left out. */
function inOrder(found: readonly UserNodeset[], problems: HostError[]): UserNodeset[] {
  const known = new Set(ownNodesets.map(({ uri }) => uri));
  const ordered: UserNodeset[] = [];
  let waiting = [...found];
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length;
    waiting = waiting.filter((nodeset) => {
      if (nodeset.requires.some((uri) => !known.has(uri))) return true;
      ordered.push(nodeset);
      for (const uri of nodeset.defines) known.add(uri);
      return false;
    });
  }
  for (const { path, requires } of waiting) {
    const missing = requires.filter((uri) => !known.has(uri)).join(", ");
    problems.push(leftOut(path, `it requires ${missing}, which no loaded file defines: put that NodeSet beside it`));
  }
  return ordered;
}

async function onTrial(usable: readonly UserNodeset[], problems: readonly HostError[]): Promise<NodesetFiles> {
  const defined = new Set(usable.flatMap(({ defines }) => defines));
  const base = ownNodesets.filter(({ uri }) => !defined.has(uri)).map(({ path }) => path);
  const candidates: TrialCandidate[] = usable.map(({ path, defines }) => ({
    file: path,
    replaced: ownNodesets.filter(({ uri }) => defines.includes(uri)).map((nodeset) => nodeset.path),
  }));
  try {
    const { files, failures } = await tryNodesets({ base, candidates }, trialTimeoutMs);
    return {
      files: inPlace(files, usable),
      problems: [...problems, ...failures.map(({ file, cause }) => leftOut(file, cause))],
    };
  } catch (error) {
    const all = usable.map(({ path }) => leftOut(path, messageOf(error)));
    return { files: ownNodesets.map(({ path }) => path), problems: [...problems, ...all] };
  }
}

/** Puts a file that replaces one of ours in its place, so that namespace indices do not depend on which of the two it is. */
function inPlace(loaded: readonly string[], usable: readonly UserNodeset[]): string[] {
  const first = ownNodesets.map(({ uri, path }) => {
    const replacement = usable.find((nodeset) => nodeset.defines.includes(uri));
    return replacement !== undefined && loaded.includes(replacement.path) ? replacement.path : path;
  });
  return [...new Set([...first, ...loaded])];
}

function leftOut(path: string, cause: string): HostError {
  return new HostError("config-invalid", `NodeSet file ${path} is left out: ${cause}`);
}
