package dev.holdfast.jepsen.concurrency;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A {@link Crowd} on virtual threads, in a JVM of its own that has them: this class is compiled for one that does not.
 * Ends with 0 if nothing went wrong, and in any case soon after the bound.
 *
 * <p>Arguments: the door, the number of callers, visits of each, the bound in seconds.
 */
final class VirtualCrowdMain {
    public static void main(String[] args) throws Exception {
        Door door = switch (args[0]) {
            case "holdfast" -> Door.holdfast(Crowd.ROOMS);
            case "open" -> Door.open();
            case "spinning" -> Door.spinning(Crowd.ROOMS);
            default -> throw new IllegalArgumentException(args[0]);
        };
        Crowd crowd = new Crowd(door, Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        ExecutorService threads = virtualThreads();
        threads.submit(() -> System.out.println(Thread.currentThread())).get();
        List<String> wrong = crowd.run(threads, Duration.ofSeconds(Long.parseLong(args[3])));
        wrong.forEach(System.out::println);
        System.out.flush();
        // Without waiting for threads that are stuck.
        Runtime.getRuntime().halt(wrong.isEmpty() ? 0 : 1);
    }

    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private VirtualCrowdMain() {}
}
