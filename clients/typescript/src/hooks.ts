import type { LockOwner, Lockable } from "./lockable.js";

export type LockOperation = "acquire" | "release" | "extend" | "forceRelease";

/** The operation that a hook is called for. */
export interface LockHookContext {
  /** Who acts; for a forced release, which nobody owns, `system:force`. */
  readonly owner: LockOwner;
  readonly lockable: Lockable;
  readonly operation: LockOperation;
  readonly ttlMs?: number;
  /** Permits of a semaphore. */
  readonly count?: number;
}

/** What the operation failed with, if it failed. */
export interface HookFailure {
  readonly error?: unknown;
}

type Before = (context: LockHookContext) => void | Promise<void>;
type After<R> = (context: LockHookContext, result: R & HookFailure) => void | Promise<void>;

/**
 * Code that runs around each operation. What a before-hook throws aborts the operation and reaches the caller. An after-hook runs when the
 * operation has ended, well or not; what it throws goes to `onHookError` of the client, so it never costs a grant.
 */
export interface LockHooks {
  beforeAcquire?: Before;
  afterAcquire?: After<{ readonly acquired: boolean; readonly token?: number }>;
  beforeRelease?: Before;
  afterRelease?: After<{ readonly released: boolean }>;
  beforeExtend?: Before;
  afterExtend?: After<{ readonly extended: boolean }>;
  beforeForceRelease?: Before;
  afterForceRelease?: After<object>;
}

export interface AuditLockHooksOptions {
  onAcquire?: (context: LockHookContext, result: { readonly acquired: boolean; readonly token?: number }) => void | Promise<void>;
  onRelease?: (context: LockHookContext, result: { readonly released: boolean }) => void | Promise<void>;
  onExtend?: (context: LockHookContext, result: { readonly extended: boolean }) => void | Promise<void>;
  onForceRelease?: (context: LockHookContext) => void | Promise<void>;
}

/** Hooks that call these after operations that the cluster has decided, and not after those that failed. */
export function auditLockHooks(options: AuditLockHooksOptions = {}): LockHooks {
  const decided =
    <R>(on: ((context: LockHookContext, result: R) => void | Promise<void>) | undefined): After<R> =>
    (context, result) =>
      result.error === undefined ? on?.(context, result) : undefined;
  return {
    afterAcquire: decided(options.onAcquire),
    afterRelease: decided(options.onRelease),
    afterExtend: decided(options.onExtend),
    afterForceRelease: decided(options.onForceRelease),
  };
}

export type HookErrorHandler = (error: unknown, context: LockHookContext) => void;

/** Runs the operation between its hooks. */
export async function hooked<T, R extends object>(
  onError: HookErrorHandler,
  before: Before | undefined,
  after: After<R> | undefined,
  context: LockHookContext,
  operation: () => Promise<T>,
  resultOf: (value: T | undefined) => R,
): Promise<T> {
  const tell = async (result: R & HookFailure) => {
    try {
      await after?.(context, result);
    } catch (error) {
      try {
        await onError(error, context);
      } catch (thrown) {
        console.warn("onHookError failed.", thrown);
      }
    }
  };
  await before?.(context);
  let value: T;
  try {
    value = await operation();
  } catch (error) {
    await tell({ ...resultOf(undefined), error });
    throw error;
  }
  await tell({ ...resultOf(value) });
  return value;
}
