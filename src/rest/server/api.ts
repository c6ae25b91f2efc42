import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyContextConfig,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { NamedAction } from "#fleet/access/action.ts";
import type { Caller } from "./caller.ts";

/** The HTTP application with request and answer types taken from the schemas of its routes. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** A route and who may use it. */
export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  readonly config: FastifyContextConfig;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route does, asked of the one authorisation function; exactly one of `action`, `isPublic`, `isOwn` is set. */
    action?: NamedAction;
    /** True: answers anyone. */
    isPublic?: true;
    /** True: concerns only the caller himself, so that no role is needed. */
    isOwn?: true;
    /** True: the package of the device may ask for a higher role than `action` does. */
    packageDecides?: true;
    /** True: a name and password in the request itself (HTTP Basic) are enough, for programs that cannot log in. */
    takesBasic?: true;
    /** True: refuses and fails in the form of the legacy platforms. */
    isLegacy?: true;
  }

  interface FastifyInstance {
    /** Every route with who may use it, in the order of their registration. */
    readonly guardedRoutes: readonly GuardedRoute[];
  }

  interface FastifyRequest {
    /** Who asks; set before the body is read, undefined on public routes without a login. */
    caller: Caller | undefined;
  }
}
