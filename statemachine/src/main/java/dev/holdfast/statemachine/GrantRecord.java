package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;

/**
 * What a grant added. Kept until the client acknowledges the grant, so that a cancel can take back exactly that much.
 *
 * @param added permits, or hold counts; 0 if the acquire of a mutex was not reentrant
 */
record GrantRecord(LockableKey lockable, Owner owner, long token, int added) {}
