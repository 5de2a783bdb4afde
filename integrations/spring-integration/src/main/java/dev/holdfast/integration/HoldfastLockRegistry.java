package dev.holdfast.integration;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.info.LeaseKind;
import java.time.Duration;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * Locks of Holdfast for Spring Integration: for aggregators, resequencers, file writers, the lock advice, and for
 * {@code LockRegistryLeaderInitiator}. Any thread may use it. It starts no threads, and the client stays its caller's to close.
 *
 * <p><b>Leases.</b> By default a lock lives while this client lives, and the client renews it, so there is no TTL to choose, and
 * nothing for a renewal scheduler to do: {@code setRenewalTaskScheduler} has no effect. A registry may have another lease, and
 * {@link RegistryLock#lock(Duration)} names one for one acquire. A lease with a TTL is renewed by {@link #renewLock} and by
 * nested acquires only.
 *
 * <p><b>Keys.</b> A key is a {@code String}, or another value whose text tells it from all others of its type, in all processes
 * alike: a {@code Boolean}, {@code Character}, {@code Byte}, {@code Short}, {@code Integer}, {@code Long}, {@code BigInteger},
 * {@code BigDecimal}, {@code UUID}, or an enum's constant. Anything else is refused, since an object's {@code toString} or
 * {@code hashCode} may take two keys for one, or one for two. Keys of different types are different: {@code 1}, {@code 1L} and
 * {@code "1"} are three locks. A {@code String} {@code a} in region {@code orders} has the cluster's key {@code orders:a}, and a
 * {@code Long} {@code 7} has {@code orders:java.lang.Long:7}. A text that no key can hold, since it is empty, too long or has control
 * characters, is replaced by its SHA-256: {@code orders:sha-256:...}. No other keys are hashed.
 *
 * <p><b>Nothing is evicted.</b> All that there is to a lock is in the client and in the cluster; {@link RegistryLock}s are views of it.
 * {@link #obtain} returns the same one as long as anybody refers to it, and afterwards another one, which knows what the
 * calling thread holds just as well. So there is no capacity to configure, and unused locks need not be expired.
 *
 * <p>Registries of one client with the same region are one registry: a thread that holds a lock through one of them holds it
 * through the others. Two threads of one client exclude each other as two processes do.
 *
 * <p>It implements the raw interface, so that one class serves Spring Integration 6, whose interface has no type parameter, and 7, where
 * it may be injected as {@code LockRegistry<?>}. Its locks are {@code DistributedLock}s there.
 *
 * <p>See {@code docs/adr/027-in-the-manners-of-the-framework.md}.
 */
@SuppressWarnings("rawtypes")
public final class HoldfastLockRegistry implements RenewableLockRegistry {
    /** The region of a registry that is given none. */
    public static final String DEFAULT_REGION = "spring-integration";

    private final AcquireOptions lease;
    private final LockKeys keys;
    private final LockViews views;

    /** With {@link #DEFAULT_REGION}, and locks that live while the client lives. */
    public HoldfastLockRegistry(HoldfastClient client) {
        this(client, DEFAULT_REGION);
    }

    /** With locks that live while the client lives. */
    public HoldfastLockRegistry(HoldfastClient client, String region) {
        this(client.createLock(), region, AcquireOptions.defaults());
    }

    /**
     * With a lock of the caller's, for its hooks and its request timeout, and a lease.
     *
     * @param region what all keys begin with, to keep registries apart
     * @param lease what {@link AcquireOptions#whileClientLives} or {@link AcquireOptions#ttl} made, and perhaps a
     *     {@linkplain AcquireOptions#timeout timeout}; its wait does not matter
     * @throws IllegalArgumentException if the lease is until released: a process that dies would keep its locks for good
     * @throws dev.holdfast.client.errors.LockRequestRejectedException if the region cannot be part of a key
     */
    public HoldfastLockRegistry(HoldfastLock lock, String region, AcquireOptions lease) {
        if (lease.lease() == LeaseKind.UNTIL_RELEASED) {
            throw new IllegalArgumentException(
                    "The locks of a registry cannot last until they are released: if a process died,"
                            + " nobody could release its locks. Use whileClientLives() or ttl(duration).");
        }
        this.lease = lease;
        this.keys = new LockKeys(region);
        this.views = new LockViews(lock, lease);
    }

    /**
     * The lock with that key.
     *
     * @param lockKey of one of the types that may be keys
     * @throws IllegalArgumentException if it is of another type
     */
    @Override
    public RegistryLock obtain(Object lockKey) {
        return views.of(keys.of(lockKey));
    }

    /**
     * Makes the lock live from now on at least for the TTL that its outermost acquire had: the one that it named, or the
     * registry's. Where the lease needs no renewal, this only checks that the lock is held.
     *
     * @throws IllegalMonitorStateException if the current thread does not hold it, or the hold was lost
     * @throws LockException if it is not certain to be renewed; rely on its earlier end
     */
    @Override
    public void renewLock(Object lockKey) {
        LockHandle handle = obtain(lockKey).handle();
        Ttls.of(handle).or(lease::ttl).ifPresent(ttl -> extend(handle, ttl));
    }

    /**
     * Makes the lock live at least that long from now on, whatever its lease; never shortens it.
     *
     * @param ttl positive
     * @throws IllegalMonitorStateException as {@link #renewLock(Object)}
     * @throws LockException as {@link #renewLock(Object)}
     */
    @Override
    public void renewLock(Object lockKey, Duration ttl) {
        extend(obtain(lockKey).handle(), ttl);
    }

    private static void extend(LockHandle handle, Duration ttl) {
        try {
            handle.extend(ttl);
        } catch (LockExpiredException | LockNotHeldException e) {
            IllegalMonitorStateException lost =
                    new IllegalMonitorStateException("The lock was lost before it could be renewed. " + e.getMessage());
            lost.initCause(e);
            throw lost;
        }
    }

    @Override
    public String toString() {
        return "HoldfastLockRegistry of '" + keys.region() + "'";
    }
}
