import type { AcquireOptions } from "./acquire.js";
import type { HoldfastClient } from "./client.js";
import type { LockHandle } from "./handle.js";
import type { LockHooks } from "./hooks.js";
import type { LockOwner, Lockable } from "./lockable.js";
import { type HoldInfo, type HoldOptions, Operations } from "./operations.js";

/** `repo` is the name that the original library has for where the locks are. */
export type ClientOption = { client: HoldfastClient; repo?: undefined } | { repo: HoldfastClient; client?: undefined };

export type CreateLockOptions = ClientOption & { hooks?: LockHooks };

export type LockOptions = Omit<HoldOptions, "permits">;

/** A mutex: one holder at a time. */
export interface LockApi {
  /** Acquires it for that owner, without a handle. False if somebody else holds it, or still does at the end of the wait. */
  acquire(owner: LockOwner, lockable: Lockable, options?: AcquireOptions): Promise<boolean>;
  /** Gives back what that owner holds, from whichever process it was acquired. Throws `LockNotHeldError` if it holds nothing. */
  release(owner: LockOwner, lockable: Lockable): Promise<void>;
  /** Makes what that owner holds live at least so long from now. Throws `LockNotHeldError` if it holds nothing. */
  extend(owner: LockOwner, lockable: Lockable, ttlMs: number): Promise<boolean>;
  isLocked(lockable: Lockable): Promise<boolean>;
  /** Takes it from whoever holds it. Tells whether somebody did. */
  forceRelease(lockable: Lockable): Promise<boolean>;
  /** Who holds it. */
  get(lockable: Lockable): Promise<HoldInfo | undefined>;
  /** Acquires it, and throws `LockAlreadyHeldError` if it was not acquired. */
  hold(lockable: Lockable, options?: LockOptions): Promise<LockHandle>;
  /** Acquires it; `undefined` if it was not. */
  tryHold(lockable: Lockable, options?: LockOptions): Promise<LockHandle | undefined>;
  /**
   * Acquires it as `hold` does, does the work, and gives it back. The work is told to stop by the handle's signal while there is time. If the
   * hold was lost before the work ended, this throws why, whatever the work returns or throws.
   */
  withLock<T>(lockable: Lockable, work: (handle: LockHandle) => T | Promise<T>): Promise<T>;
  withLock<T>(lockable: Lockable, options: LockOptions, work: (handle: LockHandle) => T | Promise<T>): Promise<T>;
}

export function createLock(options: CreateLockOptions): LockApi {
  const operations = new Operations(options.client ?? options.repo, "mutex", options.hooks ?? {});
  return {
    acquire: (owner, lockable, more = {}) => operations.take(lockable, { ...more, owner }),
    release: (owner, lockable) => operations.releaseBy(owner, lockable, undefined),
    extend: async (owner, lockable, ttlMs) => {
      await operations.extendBy(owner, lockable, ttlMs);
      return true;
    },
    isLocked: async (lockable) => (await operations.look(lockable)).held > 0,
    forceRelease: (lockable) => operations.forceRelease(lockable),
    get: async (lockable) => (await operations.look(lockable)).holds[0],
    hold: (lockable, more = {}) => operations.hold(lockable, more),
    tryHold: (lockable, more = {}) => operations.tryHold(lockable, more),
    withLock: <T>(lockable: Lockable, ...rest: Work<LockOptions, T>) => operations.within(lockable, ...inOrder(rest)),
  };
}

/** @internal */
export type Work<O, T> = [work: (handle: LockHandle) => T | Promise<T>] | [options: O, work: (handle: LockHandle) => T | Promise<T>];

/** @internal */
export function inOrder<O extends object, T>(rest: Work<O, T>): [O, (handle: LockHandle) => T | Promise<T>] {
  return rest.length === 1 ? [{} as O, rest[0]] : rest;
}
