import type { LockOwner } from "./lockable.js";
import { ownerText } from "./lockable.js";

/** What every operation may fail with. The subclasses say what is known after the failure. */
export class LockError extends Error {
  override name = "LockError";
}

/** Somebody else holds the lock, or waits for it and comes first. */
export class LockAlreadyHeldError extends LockError {
  override name = "LockAlreadyHeldError";

  constructor(
    message: string,
    readonly lockableKey: string,
    readonly currentOwnerType: string,
    readonly currentOwnerId: string,
  ) {
    super(message);
  }
}

/** The owner does not hold it, or fewer permits than were to be released. Nothing was changed. */
export class LockNotHeldError extends LockError {
  override name = "LockNotHeldError";

  constructor(
    message: string,
    readonly lockableKey: string,
    readonly ownerType: string,
    readonly ownerId: string,
    /** How many permits it holds, if those are too few. */
    readonly held: number = 0,
  ) {
    super(message);
  }
}

/** The hold ended by itself: its TTL ran out, or the session that kept it did. Others may have acted since. */
export class LockExpiredError extends LockError {
  override name = "LockExpiredError";

  constructor(
    message: string,
    readonly lockableKey: string,
    /** By the wall clock, for people. */
    readonly expiresAt: Date,
  ) {
    super(message);
  }
}

/** Too few permits are free, or more were asked for than there are. */
export class SemaphoreCapacityExceededError extends LockError {
  override name = "SemaphoreCapacityExceededError";

  constructor(
    message: string,
    readonly lockableKey: string,
    readonly requested: number,
    readonly available: number,
    readonly max: number,
  ) {
    super(message);
  }
}

/** The wait for permits of a semaphore ran out. */
export class SemaphoreWaitTimedOutError extends LockError {
  override name = "SemaphoreWaitTimedOutError";

  constructor(
    message: string,
    readonly lockableKey: string,
    readonly requested: number,
    readonly max: number,
  ) {
    super(message);
  }
}

/** A lockable was named with parameters that its definition does not take, or without those that it needs. */
export class LockableParamsError extends LockError {
  override name = "LockableParamsError";

  constructor(
    message: string,
    readonly lockableName: string,
    readonly reason: "singular_with_params" | "plural_without_params",
  ) {
    super(message);
  }
}

/** The request is not acceptable, to this client or to the cluster. Nothing was done. */
export class LockRequestRejectedError extends LockError {
  override name = "LockRequestRejectedError";

  constructor(
    message: string,
    /** As the cluster says it: `invalid`, `too-long`, `limit-reached`, `state-full`, ... */
    readonly reason: string,
  ) {
    super(message);
  }
}

/** The rules do not allow it, or the client has not proved who it is. Nothing was done. */
export class LockForbiddenError extends LockError {
  override name = "LockForbiddenError";
}

/** The cluster did not do it, or is not known to have. */
export class LockRepositoryError extends LockError {
  override name = "LockRepositoryError";

  constructor(
    message: string,
    readonly operation: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** No peer with a leader was reached in time. Nothing was done: a hold that was to be released is held. */
export class LockUnavailableError extends LockRepositoryError {
  override name = "LockUnavailableError";

  constructor(operation: string, cause?: unknown) {
    super(
      `The ${operation} was not done: no peer of the cluster answered in time${because(cause)}.` +
        " Nothing was changed; try again when a majority of the peers is up.",
      operation,
      cause,
    );
  }
}

/**
 * It was sent, and no answer came. After an acquire, nothing is held here, and the client has the cluster undo it for as long as its session
 * lives. A release or an extension goes on being asked for as long; call it again to learn what became of it. Permits are not released again
 * when that has ended, or when the peers refuse to answer.
 */
export class LockOutcomeUnknownError extends LockRepositoryError {
  override name = "LockOutcomeUnknownError";

  constructor(operation: string, cause?: unknown) {
    super(
      `It is not known whether the ${operation} was done: it was sent, and no answer came${because(cause)}.` +
        " Look at the lock before acting on either assumption.",
      operation,
      cause,
    );
  }
}

/** The session ended while the operation was under way. Acquire again: the next operation opens another. */
export class LockSessionLostError extends LockError {
  override name = "LockSessionLostError";

  constructor(readonly operation: string) {
    super(`The ${operation} was given up because this client's session was lost. Acquire again.`);
  }
}

/** The client was closed. */
export class LockClientClosedError extends LockError {
  override name = "LockClientClosedError";

  constructor(readonly operation: string) {
    super(`The ${operation} was not done, or is over: the Holdfast client is closed.`);
  }
}

/** Work was told to stop because its hold was about to be lost, and ended by an error, which is the cause. It was held until then. */
export class LockExpiringError extends LockError {
  override name = "LockExpiringError";

  constructor(
    readonly lockableKey: string,
    owner: LockOwner,
    cause?: unknown,
  ) {
    super(
      `The hold of ${ownerText(owner)} on '${lockableKey}' was about to be lost without having been renewed, so the work under it was` +
        " told to stop. Do the work again; if it needs more time, use a longer lease, or extend it in time.",
      { cause },
    );
  }
}

function because(cause: unknown): string {
  return cause instanceof Error ? ` (${cause.message})` : "";
}
