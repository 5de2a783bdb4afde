package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;

/** A {@link HolderMain} as a child. */
final class Holder implements AutoCloseable {
    private static final String ALL = HolderMain.ACCOUNTS + " 0";
    private static final String NONE = "0 " + HolderMain.ACCOUNTS;
    private static final long TTL_MS = 400;

    private final ChildJvm jvm;

    private Holder(ChildJvm jvm) {
        this.jvm = jvm;
    }

    static Holder start(String name, String servers, String url) throws IOException, InterruptedException {
        Holder holder = new Holder(ChildJvm.plan(name, HolderMain.class)
                .jvmOptions("-Xmx128m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments(servers, url)
                .readyWhen("UP"::equals)
                .start());
        holder.jvm.awaitReady(ProcessCluster.PATIENCE);
        return holder;
    }

    private String ask(String what, String answer) throws IOException, InterruptedException {
        return jvm.ask(what, line -> line.startsWith(answer), ProcessCluster.PATIENCE)
                .substring(answer.length())
                .strip();
    }

    /**
     * Locks and reads all accounts, and is suspended for longer than its leases; the other locks, reads and writes them; then
     * this one wakes up and writes what it read plus one.
     *
     * @return whether its late writes were accepted, which either all are or none
     */
    boolean writesLateAfter(Holder other, boolean guarded) throws IOException, InterruptedException {
        String write = guarded ? "write guarded" : "write bare";
        ask("lock " + TTL_MS, "LOCKED");
        jvm.suspend();
        try {
            other.ask("lock 600000", "LOCKED");
            assertThat(other.ask(write, "WROTE")).isEqualTo(ALL);
        } finally {
            jvm.resume();
        }
        String late = ask(write, "WROTE");
        assertThat(late).isIn(ALL, NONE);
        ask("release", "RELEASED");
        other.ask("release", "RELEASED");
        return late.equals(ALL);
    }

    @Override
    public void close() {
        jvm.close();
    }
}
