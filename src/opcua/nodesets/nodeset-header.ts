import { open } from "node:fs/promises";
import { parseDependencies, sliceHeader } from "node-opcua";

/** What a NodeSet2 file says about itself before its nodes. */
export interface NodesetHeader {
  /** Namespace URIs of the models it defines; at least one. */
  readonly defines: readonly string[];
  /** Namespace URIs of the models it builds upon. */
  readonly requires: readonly string[];
}

/** Headers of published NodeSets end within a few hundred bytes after the licence text; this is ample. */
const headerBytes = 256 * 1024;
const closingTag = "</UANodeSet>";

/** Reads the header of a NodeSet2 file (OPC 10000-6, F.5); throws an Error that says what is wrong with the file. */
export async function readNodesetHeader(path: string): Promise<NodesetHeader> {
  const { beginning: text, end } = await endsOf(path);
  if (!text.includes("<UANodeSet")) throw new Error("it is no NodeSet2 file: there is no <UANodeSet> element in it");
  // node-opcua's parser takes a file that was cut off for a shorter one.
  if (!end.trimEnd().endsWith(closingTag)) throw new Error(`it is cut off: it does not end with ${closingTag}`);
  const { models } = await parseDependencies(sliceHeader(text, path));
  const defines = models.map((model) => model.modelUri).filter((uri) => uri !== "");
  if (defines.length === 0) throw new Error("it names no model: <Models> and <NamespaceUris> are missing or empty");
  const requires = models.flatMap((model) => model.requiredModel.map((required) => required.modelUri));
  return { defines, requires: requires.filter((uri) => !defines.includes(uri)) };
}

async function endsOf(path: string): Promise<{ readonly beginning: string; readonly end: string }> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const textAt = async (position: number): Promise<string> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, position);
      return buffer.toString("utf8", 0, bytesRead);
    };
    return { beginning: await textAt(0), end: await textAt(Math.max(0, size - headerBytes)) };
  } finally {
    await file.close();
  }
}
