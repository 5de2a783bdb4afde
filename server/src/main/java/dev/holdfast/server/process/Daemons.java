package dev.holdfast.server.process;

/** Threads that keep no process alive. */
public final class Daemons {
    public static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private Daemons() {}
}
