package dev.holdfast.jepsen.workload;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.jepsen.history.HistoryFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A group of callers at work, all on one client. */
public final class Workload implements AutoCloseable {
    private static final int THINK_MICROS = 20_000;

    private final WorkloadPlan plan;
    private final HistoryFile history;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean working = true;

    private Workload(WorkloadPlan plan, HistoryFile history) {
        this.plan = plan;
        this.history = history;
    }

    /** Starts callers that go on until {@link #stop}. The client still belongs to whoever calls this. */
    public static Workload start(WorkloadPlan plan, HoldfastClient client) throws IOException {
        SharedKeys keys = SharedKeys.map(plan.keys(), plan.kind().grantsPerKey());
        HistoryFile history = HistoryFile.append(plan.history());
        Workload workload = new Workload(plan, history);
        Recorder recorder = new Recorder(history, plan.firstProcess());
        for (int i = 0; i < plan.callers(); i++) {
            Random random = new Random(plan.seed() * 1_000_003 + plan.firstProcess() + i);
            Caller caller = new Caller(client, recorder, keys, random);
            workload.threads.add(new Thread(() -> workload.work(caller), "caller-" + i));
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    /** Call it before starting the first group of a kind that needs a database. */
    public static void prepareDatabase(String url) throws SQLException {
        FencedScript.createTables(url);
    }

    /** The number of grants to all groups that share that folder. */
    public static long grants(Path folder) throws IOException {
        return SharedKeys.map(WorkloadPlan.keys(folder), 1).grants();
    }

    /** Whether that key is never replaced: its history is long, and fit only for checks that take linear time. */
    public static boolean isEndless(String key) {
        return key.endsWith(SharedKeys.ENDLESS_KEY);
    }

    private void work(Caller first) {
        Script script = plan.kind().script(plan);
        Caller caller = first;
        try {
            while (working) {
                if (!script.once(caller)) {
                    caller.letGo();
                    caller = caller.next();
                }
                TimeUnit.MICROSECONDS.sleep(caller.random.nextInt(THINK_MICROS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until every caller has finished what it is doing. */
    public void stop() throws InterruptedException {
        working = false;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() throws IOException {
        working = false;
        threads.forEach(Thread::interrupt);
        history.close();
    }
}
