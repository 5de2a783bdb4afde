package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;

/**
 * What a grant added, kept until its client acknowledges it, so that a cancel can take back exactly that.
 *
 * @param added permits, or hold counts; 0 for a mutex that is not reentrant
 */
record GrantRecord(LockableKey lockable, Owner owner, long token, int added) {}
