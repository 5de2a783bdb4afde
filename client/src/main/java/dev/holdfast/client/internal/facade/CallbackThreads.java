package dev.holdfast.client.internal.facade;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which a client calls its users' code, if they bring no executor of their own. */
final class CallbackThreads {

    /** Daemon threads, as many as are needed at once, gone when idle for a while. */
    static ExecutorService create() {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "holdfast-callback-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    private CallbackThreads() {}
}
