package dev.holdfast.client.internal.threads;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Makes the client's own threads: daemons that take over nothing from the thread which happens to need them first. No
 * inheritable thread locals, no context class loader but this library's, no priority, and no access control context, which
 * would keep the class loaders of all classes on the stack for as long as the thread lives.
 */
public final class OwnThread {

    // The only way to a thread without its creator's access control context, for as long as there is such a thing.
    @SuppressWarnings("removal")
    public static Thread create(String name, Runnable task) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> make(name, task));
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private static Thread make(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(OwnThread.class.getClassLoader());
        return thread;
    }

    private OwnThread() {}
}
