package dev.holdfast.server.run;

import dev.holdfast.server.shell.OsSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes on the signals that a JVM can catch: to the command once there is one, and to the waiting thread, as a request to end, before
 * that. Afterwards they are handled as before.
 */
final class Signals implements AutoCloseable {
    /** USR2 only if the JVM was told to use another for itself. */
    private static final List<String> NAMES = System.getenv(ProcessGroup.JVM_SIGNAL) == null
            ? List.of("HUP", "INT", "TERM", "USR1", "ALRM")
            : List.of("HUP", "INT", "TERM", "USR1", "ALRM", "USR2");

    private final Thread waiting;
    private final List<OsSignals.Registration> registrations = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    // The lock guards these.
    private final List<String> received = new ArrayList<>();
    private int first;
    private @Nullable ProcessGroup command;

    private Signals(Thread waiting) {
        this.waiting = waiting;
    }

    /** Catches signals from now on, and interrupts that thread on one until there is a command. */
    static Signals caughtFor(Thread waiting) {
        Signals signals = new Signals(waiting);
        for (String name : NAMES) {
            OsSignals.Registration registration = OsSignals.handle(name, number -> signals.receive(name, number));
            // One that cannot be caught, such as SIGHUP under nohup, would not end this process.
            if (registration != null) {
                signals.registrations.add(registration);
            }
        }
        return signals;
    }

    private void receive(String name, int number) {
        lock.lock();
        try {
            received.add(name);
            first = first == 0 ? number : first;
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
            return first;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        registrations.forEach(OsSignals.Registration::close);
    }
}
