import type {
  LocalizedText,
  NodeClass,
  NodeId,
  QualifiedName,
  RolePermissionTypeOptions,
  UAReference,
} from "node-opcua";

/** Who may do what with a node, one list for all instances. */
export type SharedPermissions = readonly RolePermissionTypeOptions[];

/** What many instances of a node have in common; made once, used for each. */
export interface NodeTemplate {
  readonly nodeClass: NodeClass.Object | NodeClass.Variable;
  readonly browseName: QualifiedName;
  /** One text, in the list that node-opcua keeps; all instances share it. */
  readonly displayName: readonly LocalizedText[];
  /** References that are the same for every instance (type definition, shared properties and methods). */
  readonly shared: readonly UAReference[];
  /** For objects: clients may subscribe to its events. */
  readonly isNotifier?: boolean;
  /** For objects that are: its events are read back with HistoryRead. */
  readonly keepsEvents?: boolean;
  /** Where it differs from what the namespace says. */
  readonly rolePermissions?: SharedPermissions;
  /** For variables. */
  readonly variable?: {
    readonly dataType: NodeId;
    readonly valueRank: number;
    /** Bits of OPC 10000-3, 8.57. */
    readonly accessLevel: number;
    readonly historizing: boolean;
  };
}
