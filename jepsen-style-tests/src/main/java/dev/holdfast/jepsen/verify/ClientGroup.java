package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.workload.WorkloadMain;
import dev.holdfast.jepsen.workload.WorkloadPlan;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.time.Duration;

/** Callers in a process of their own, on a thin client. */
final class ClientGroup {
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(5);

    private final ChildJvm jvm;

    private ClientGroup(ChildJvm jvm) {
        this.jvm = jvm;
    }

    static ClientGroup start(Release release, String servers, WorkloadPlan plan) throws IOException {
        String name = "group-" + plan.firstProcess();
        return new ClientGroup(ChildJvm.plan(name, WorkloadMain.class)
                .classPath(release.classPath())
                .jvmOptions("-Xmx192m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions("-Dlogback.configurationFile=dev/holdfast/jepsen/cluster/peer-logback.xml")
                .arguments(servers)
                .arguments(plan.arguments())
                .log(plan.folder().resolve(name + ".log"))
                .guarded()
                .start());
    }

    /** Stops the process, so that its leases run out. */
    void pause() throws IOException, InterruptedException {
        jvm.suspend();
    }

    void resume() throws IOException, InterruptedException {
        jvm.resume();
    }

    /** kill -9; the process is gone when this returns. */
    void kill() {
        jvm.kill();
    }

    boolean isUp() {
        return jvm.isAlive();
    }

    /** Asks the callers to finish what they are doing. */
    void askToStop() throws IOException {
        jvm.endInput();
    }

    void awaitStopped() throws IOException, InterruptedException {
        jvm.awaitEnd(STOP_TIMEOUT);
    }
}
