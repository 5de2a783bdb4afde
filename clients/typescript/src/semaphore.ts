import type { AcquireOptions } from "./acquire.js";
import type { LockHandle } from "./handle.js";
import type { LockHooks } from "./hooks.js";
import { type ClientOption, type Work, inOrder } from "./lock.js";
import type { LockOwner, Lockable } from "./lockable.js";
import { type HoldInfo, type HoldOptions, Operations } from "./operations.js";

export type CreateSemaphoreOptions = ClientOption & {
  /** How many permits there are, of which all who use the semaphore should say the same. */
  max: number;
  hooks?: LockHooks;
};

/** A semaphore. What one owner acquires adds up to one hold with one token. */
export interface SemaphoreApi {
  /** Acquires permits for that owner, without a handle. False if too few are free, or still are at the end of the wait. */
  acquire(owner: LockOwner, lockable: Lockable, count?: number, options?: AcquireOptions): Promise<boolean>;
  /** Gives permits of that owner back. Throws `LockNotHeldError`, and does nothing, if it holds fewer. */
  release(owner: LockOwner, lockable: Lockable, count?: number): Promise<void>;
  /** How many are free. */
  available(lockable: Lockable): Promise<number>;
  /** Takes all permits from all holders. Tells whether there were any. */
  forceRelease(lockable: Lockable): Promise<boolean>;
  /** Who holds permits; the oldest 1,000. */
  holders(lockable: Lockable): Promise<readonly HoldInfo[]>;
  /** Acquires permits; throws `SemaphoreCapacityExceededError` or `SemaphoreWaitTimedOutError` if they were not acquired. */
  hold(lockable: Lockable, options?: HoldOptions): Promise<LockHandle>;
  /** Acquires permits; `undefined` if they were not. */
  tryHold(lockable: Lockable, options?: HoldOptions): Promise<LockHandle | undefined>;
  /** As `LockApi.withLock`. */
  withPermits<T>(lockable: Lockable, work: (handle: LockHandle) => T | Promise<T>): Promise<T>;
  withPermits<T>(lockable: Lockable, options: HoldOptions, work: (handle: LockHandle) => T | Promise<T>): Promise<T>;
}

export function createSemaphore(options: CreateSemaphoreOptions): SemaphoreApi {
  const { max } = options;
  const operations = new Operations(options.client ?? options.repo, "semaphore", options.hooks ?? {}, max);
  return {
    acquire: (owner, lockable, count = 1, more = {}) => operations.take(lockable, { ...more, owner, permits: count }),
    release: (owner, lockable, count = 1) => operations.releaseBy(owner, lockable, count),
    available: async (lockable) => Math.max(0, max - (await operations.look(lockable)).held),
    forceRelease: (lockable) => operations.forceRelease(lockable),
    holders: async (lockable) => (await operations.look(lockable)).holds,
    hold: (lockable, more = {}) => operations.hold(lockable, more),
    tryHold: (lockable, more = {}) => operations.tryHold(lockable, more),
    withPermits: <T>(lockable: Lockable, ...rest: Work<HoldOptions, T>) => operations.within(lockable, ...inOrder(rest)),
  };
}
