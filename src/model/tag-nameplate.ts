/** What the plant calls a device (TagNameplate, OPC 10000-100, 4.5.3); given by people, not by the device. */
export interface TagNameplate {
  readonly assetId: string;
  readonly componentName: string;
}

export type TagName = keyof TagNameplate;
