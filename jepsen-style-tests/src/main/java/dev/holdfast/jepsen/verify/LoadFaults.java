package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.verify.Fault.Spared;
import dev.holdfast.jepsen.workload.HoldersMain;
import dev.holdfast.server.process.ChildJvm;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Faults that are nobody's fault: much more to do at once than usual. */
final class LoadFaults {
    private static final int EXPIRING = 30_000;
    private static final int LISTED = 100_000;
    private static final int READERS = 4;
    private static final Duration READING = Duration.ofSeconds(8);

    static List<Fault> all() {
        return List.of(
                load("mass-expiry", LoadFaults::expireMany, target -> target.crowd.close()),
                load("readers", LoadFaults::readMuch, target -> target.crowd.close()));
    }

    private static Fault load(String name, Fault.Action inflict, Fault.Action heal) {
        return new Fault(name, 3, Duration.ZERO, ClusterPlan::large, Spared.THROUGHOUT, null, inflict, heal);
    }

    /** First the TTLs of as many holds end, all at once, and then a session with as many. */
    private static void expireMany(Target target) throws Exception {
        ChildJvm holders = target.crowd.hold(EXPIRING, EXPIRING);
        long began = System.nanoTime();
        target.crowd.awaitNothingHeld(HoldersMain.TTL_KEYS);
        Bystander.Seen ttls = target.bystander.seen(began);
        holders.kill();
        began = System.nanoTime();
        target.crowd.awaitNothingHeld(HoldersMain.SESSION_KEYS);
        Bystander.Seen session = target.bystander.seen(began);
        target.note(String.format(
                Locale.ROOT,
                "slowest keep-alive %d ms while %,d TTLs ended, %d ms while a session with %,d holds did",
                ttls.slowestKeepAliveMs(),
                EXPIRING,
                session.slowestKeepAliveMs(),
                EXPIRING));
    }

    private static void readMuch(Target target) throws Exception {
        ChildJvm holders = target.crowd.hold(LISTED, 0);
        ChildJvm readers = target.crowd.read(READERS, LISTED);
        long began = System.nanoTime();
        Thread.sleep(READING.toMillis());
        Bystander.Seen seen = target.bystander.seen(began);
        String[] read = target.crowd.end(readers).split(" ", -1);
        target.note(String.format(
                Locale.ROOT,
                "slowest keep-alive %d ms with %d readers over %,d holds, who made %s listings in %d s",
                seen.slowestKeepAliveMs(),
                READERS,
                Integer.parseInt(read[2]),
                read[1],
                READING.toSeconds()));
        target.crowd.end(holders);
        target.crowd.awaitNothingHeld(HoldersMain.SESSION_KEYS);
    }

    private LoadFaults() {}
}
