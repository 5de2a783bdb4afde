package dev.holdfast.server.run;

import dev.holdfast.server.shell.OsSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes on the signals that ask this process to end: to the command once there is one, and to the waiting thread before that.
 * Afterwards they are handled as before.
 */
final class Signals implements AutoCloseable {
    private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

    private final Thread waiting;
    private final List<OsSignals.Registration> registrations = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Both are guarded by the lock.
    private final List<String> received = new ArrayList<>();
    private @Nullable ProcessGroup command;

    private Signals(Thread waiting) {
        this.waiting = waiting;
    }

    /** Catches signals from now on, and interrupts that thread on one until there is a command. */
    static Signals caughtFor(Thread waiting) {
        Signals signals = new Signals(waiting);
        for (String name : NUMBERS.keySet()) {
            OsSignals.Registration registration = OsSignals.handle(name, number -> signals.receive(name));
            // One that cannot be caught, such as SIGHUP under nohup, would not end this process.
            if (registration != null) {
                signals.registrations.add(registration);
            }
        }
        return signals;
    }

    private void receive(String name) {
        lock.lock();
        try {
            received.add(name);
            if (command == null) {
                waiting.interrupt();
            } else {
                command.signal(name);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Passes signals on to that command from now on, and those that came before. */
    void passTo(ProcessGroup started) {
        lock.lock();
        try {
            command = started;
            received.forEach(started::signal);
        } finally {
            lock.unlock();
        }
    }

    /** The number of the first that came; 0 if none did. */
    int first() {
        lock.lock();
        try {
            return received.isEmpty() ? 0 : NUMBERS.getOrDefault(received.get(0), 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        registrations.forEach(OsSignals.Registration::close);
    }
}
