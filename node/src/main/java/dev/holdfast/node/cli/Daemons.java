package dev.holdfast.node.cli;

/** Threads that keep no process alive. */
final class Daemons {
    static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private Daemons() {}
}
