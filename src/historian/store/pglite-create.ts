import { argv } from "node:process";
import { InternalError } from "#model/errors.ts";
import { PgliteDatabase } from "./pglite-database.ts";

/** Process that makes an empty database in the folder it was given, and ends. */

const folder = argv[2];
if (folder === undefined) throw new InternalError("pglite-create.ts needs the folder of the new database");
const database = await PgliteDatabase.start(folder);
await database.close();
