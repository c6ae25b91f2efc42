import { DataType, type ExtensionObject, type VariantLike } from "node-opcua-client";
import { expect, it } from "vitest";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";
import { faultOf } from "./raw-request.ts";

const management = "i=24290";
const text = (value: string): VariantLike => ({ dataType: DataType.String, value });
const flag = (value: boolean): VariantLike => ({ dataType: DataType.Boolean, value });
const bits = (value: number): VariantLike => ({ dataType: DataType.UInt32, value });

conformanceUnit("User Management Server", (context) => {
  const call = async (method: string, inputs: VariantLike[], client: ScadaClient = context().client): Promise<string> =>
    (await client.call(management, method, inputs)).name;
  /** The UserConfiguration of fred; undefined when there is no such user. */
  const configuration = async (): Promise<number | undefined> => {
    const { value } = await context().client.read("i=24301");
    const users = value.value as (ExtensionObject & { userName: string; userConfiguration: number })[];
    return users.find(({ userName }) => userName === "fred")?.userConfiguration;
  };

  it("adds a user who must choose a password, lets that one choose it, disables and removes", async () => {
    const { fixture } = context();
    const added = await call("i=24304", [text("fred"), text("handed out word"), bits(8), text("")]);
    await using first = await fixture.as("fred", "handed out word");
    const configurations = [await configuration()];
    const chosen = await call("i=24310", [text("handed out word"), text("a word of my own")], first);
    configurations.push(await configuration());
    await using second = await fixture.as("fred", "a word of my own");
    const { statusCode } = await second.read("ns=1;s=CB-0001/CurrentPhaseA");
    const same = [flag(false), text("")];
    const disabled = await call("i=24306", [text("fred"), ...same, flag(true), bits(2), ...same]);
    configurations.push(await configuration());
    const afterwards = await faultOf(fixture.as("fred", "a word of my own"));
    const removed = await call("i=24308", [text("fred")]);

    expect([added, chosen, disabled, removed]).toEqual(["Good", "Good", "Good", "Good"]);
    expect([statusCode.name, afterwards]).toEqual(["Good", "BadUserAccessDenied"]);
    expect([...configurations, await configuration()]).toEqual([8, 0, 2, undefined]);
  });
});
