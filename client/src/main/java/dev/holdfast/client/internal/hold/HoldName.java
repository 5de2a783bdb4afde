package dev.holdfast.client.internal.hold;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;

/** Whose hold of what. An owner has at most one hold of a lockable at a time. */
record HoldName(LockableKey key, Owner owner) {}
