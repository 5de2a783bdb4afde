export { type ConnectOptions, type HoldfastClient, connect } from "./client.js";
export {
  type CreateLockOwnerOptions,
  type CreateLockableOptions,
  type LockOwner,
  type LockOwnerDef,
  type Lockable,
  type LockableDef,
  createLockOwner,
  createLockable,
  uniqueOwner,
} from "./lockable.js";
export { type CreateLockOptions, type LockApi, type LockOptions, createLock } from "./lock.js";
export { type CreateSemaphoreOptions, type SemaphoreApi, createSemaphore } from "./semaphore.js";
export type { AcquireOptions } from "./acquire.js";
export type { HoldInfo, HoldOptions } from "./operations.js";
export type { HoldState, LockHandle, LossReason } from "./handle.js";
export {
  type AuditLockHooksOptions,
  type HookErrorHandler,
  type HookFailure,
  type LockHookContext,
  type LockHooks,
  type LockOperation,
  auditLockHooks,
} from "./hooks.js";
export * from "./errors.js";
