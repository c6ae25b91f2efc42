import { Client } from "pg";

/** The PostgreSQL server to test on, if one is there. */
export const testServerUrl = process.env["FDI_HOST_TEST_DATABASE_URL"];

/** A program that stops and starts that server: `stop` or `start` as its argument. */
export const testServerCtl = process.env["FDI_HOST_TEST_DATABASE_CTL"];

let count = 0;

/** An empty schema of its own on the test server. */
export class TestDatabase implements AsyncDisposable {
  readonly #schema: string;
  readonly url: string;

  private constructor(serverUrl: string, schema: string) {
    this.#schema = schema;
    const url = new URL(serverUrl);
    url.searchParams.set("options", `-c search_path=${schema}`);
    this.url = url.href;
  }

  static async create(serverUrl: string): Promise<TestDatabase> {
    count += 1;
    const database = new TestDatabase(serverUrl, `fdi_host_test_${process.pid}_${count}`);
    await database.run(`CREATE SCHEMA ${database.#schema}`);
    return database;
  }

  /** The same database at another address. */
  urlAt(host: string, port: number): string {
    const url = new URL(this.url);
    url.hostname = host;
    url.port = String(port);
    return url.href;
  }

  async run(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Locks a table: whoever wants anything of it waits until the lock is disposed of. */
  async locked(table: string): Promise<AsyncDisposable> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    await client.query(`BEGIN; LOCK TABLE ${table}`);
    return { [Symbol.asyncDispose]: () => client.end() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(`DROP SCHEMA ${this.#schema} CASCADE`);
  }
}
