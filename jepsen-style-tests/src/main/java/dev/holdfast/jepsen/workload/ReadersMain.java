package dev.holdfast.jepsen.workload;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.cluster.Reach;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that list all holds, over and over, and look up one after each listing. It says {@code READING} when the first listing
 * is through, and, when its standard input ends, {@code READ listings holds}: how many listings it made, and how many holds the
 * last one had.
 *
 * <p>Arguments: servers, number of clients, number of holds of a {@link HoldersMain}'s session.
 */
public final class ReadersMain {
    public static final String READING = "READING";
    public static final String READ = "READ ";

    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);

    private final String servers;
    private final int holds;
    private final AtomicLong listings = new AtomicLong();
    private volatile long listed;
    private volatile boolean working = true;

    private ReadersMain(String servers, int holds) {
        this.servers = servers;
        this.holds = holds;
    }

    /** Reads until its standard input ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
        });
        ReadersMain readers = new ReadersMain(args[0], Integer.parseInt(args[2]));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> readers.read(random), "reader-" + i));
        }
        threads.forEach(Thread::start);
        while (System.in.read() != -1) {
            // Only the end matters.
        }
        readers.working = false;
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(READ + readers.listings + " " + readers.listed);
    }

    private void read(Random random) {
        ClientOptions options = ClientOptions.defaults().name("reader").requestTimeout(REQUEST_TIMEOUT);
        try (HoldfastClient client = Reach.connect(servers, options)) {
            HoldfastLock lock = client.createLock();
            while (working) {
                listed = client.list("").count();
                if (listings.getAndIncrement() == 0) {
                    System.out.println(READING);
                }
                Lockable any = HoldersMain.thing(HoldersMain.SESSION_KEYS, random.nextInt(holds));
                if (lock.get(any).isEmpty()) {
                    throw new IllegalStateException("nobody holds " + any);
                }
            }
        }
    }
}
