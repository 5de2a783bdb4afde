package dev.holdfast.client;

import dev.holdfast.client.lock.DefaultHoldfastClient;
import dev.holdfast.client.transport.Transport;
import java.util.function.Consumer;

/** Where everything begins. */
public final class Holdfast {

    /**
     * Defines something that there is one of.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockableDefinition createLockable(String name) {
        return createLockable(name, LockableOptions.singular());
    }

    /**
     * Defines something that can be locked.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockableDefinition createLockable(String name, LockableOptions options) {
        return new LockableDefinition(name, options);
    }

    /**
     * Defines a kind of owner.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockOwnerType createLockOwner(String name) {
        return new LockOwnerType(name, null);
    }

    /** Hooks that call these after each operation that succeeded, and never otherwise. */
    public static LockHooks auditLockHooks(
            Consumer<HookContext> onAcquire,
            Consumer<HookContext> onRelease,
            Consumer<HookContext> onExtend,
            Consumer<HookContext> onForceRelease) {
        return new AuditLockHooks(onAcquire, onRelease, onExtend, onForceRelease);
    }

    /** A client that reaches the cluster through that transport, which it takes over: it closes it with itself. */
    public static HoldfastClient client(Transport transport, ClientOptions options) {
        return new DefaultHoldfastClient(transport, options);
    }

    private Holdfast() {}
}
