package dev.holdfast.client.internal.hold;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts one thread as long as it is inside a scope, and not a moment longer. A thread has a single interrupt status, which
 * does not tell who set it. So the scopes of a thread, one inside the other, keep account of it together:
 *
 * <ul>
 *   <li>The end of a scope clears the status if a scope has set it. If it was set before a scope wanted to set it, somebody
 *       else did, and it stays.
 *   <li>If an outer scope was to interrupt while an inner one was running, the end of the inner one may have swallowed that, so
 *       it sets the status again.
 * </ul>
 *
 * Interrupts from outside that come after that of a scope cannot be told from it, and go with it.
 */
final class InterruptScopes {
    private static final ThreadLocal<InterruptScopes> OF_THREAD = ThreadLocal.withInitial(InterruptScopes::new);

    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();

    /** The innermost comes first. Guarded by the lock. */
    private final ArrayDeque<Scope> scopes = new ArrayDeque<>();

    /** Whether the interrupt status, if it is set, was set by a scope. Guarded by the lock. */
    private boolean ours;

    /** The calling thread enters a scope, which it has to end. */
    static Scope enter() {
        InterruptScopes mine = OF_THREAD.get();
        Scope scope = mine.new Scope();
        mine.lock.lock();
        try {
            mine.scopes.push(scope);
        } finally {
            mine.lock.unlock();
        }
        return scope;
    }

    /** One scope of one thread. */
    final class Scope {
        /** Whether it has interrupted its thread. Guarded by the lock. */
        private boolean interrupted;

        /** Whether the end of an inner scope may swallow its interrupt. Guarded by the lock. */
        private boolean owed;

        /** Interrupts the thread if it is inside. Any thread may call it; it takes as long as {@link Thread#interrupt}. */
        void interrupt() {
            lock.lock();
            try {
                if (!scopes.contains(this)) {
                    return;
                }
                interrupted = true;
                owed = scopes.peek() != this;
                set();
            } finally {
                lock.unlock();
            }
        }

        /** The thread leaves the scope. Returns whether it was interrupted by it. */
        boolean end() {
            lock.lock();
            try {
                scopes.remove(this);
                if (interrupted) {
                    handOver();
                }
                Scope next = scopes.peek();
                if (next == null) {
                    OF_THREAD.remove();
                } else {
                    next.owed = false;
                }
                return interrupted;
            } finally {
                lock.unlock();
            }
        }
    }

    private void set() {
        ours |= !thread.isInterrupted();
        thread.interrupt();
    }

    private void handOver() {
        if (ours) {
            ours = false;
            Thread.interrupted();
        }
        if (scopes.stream().anyMatch(outer -> outer.owed)) {
            set();
        }
    }
}
