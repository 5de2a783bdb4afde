package dev.holdfast.node.cli.demo;

import java.util.concurrent.locks.ReentrantLock;

/** Stands for a database row, a file, a device: it keeps the highest token it has seen, and refuses writes of lower ones. */
final class GuardedRegister {
    private final ReentrantLock lock = new ReentrantLock();
    private long highestToken;
    private String value = "";

    /** Whether it was written. */
    boolean write(long token, String newValue) {
        lock.lock();
        try {
            if (token < highestToken) {
                return false;
            }
            highestToken = token;
            value = newValue;
            return true;
        } finally {
            lock.unlock();
        }
    }

    String value() {
        lock.lock();
        try {
            return value;
        } finally {
            lock.unlock();
        }
    }
}
