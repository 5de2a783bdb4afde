package dev.holdfast.integration;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import org.springframework.integration.support.locks.DistributedLock;

/** For Spring Integration 7 and newer; not to be loaded with older ones, which have no such interface. */
final class DistributedLockView extends LockView implements DistributedLock {
    private DistributedLockView(HoldfastLock lock, Lockable lockable, AcquireOptions lease) {
        super(lock, lockable, lease);
    }

    static LockView create(HoldfastLock lock, Lockable lockable, AcquireOptions lease) {
        return new DistributedLockView(lock, lockable, lease);
    }
}
