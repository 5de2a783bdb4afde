package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Commands;
import dev.holdfast.jepsen.cluster.Watchdog;
import dev.holdfast.jepsen.workload.WorkloadMain;
import dev.holdfast.jepsen.workload.WorkloadPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Callers in a process of their own, on a thin client. */
final class ClientGroup {
    private static final int STOP_S = 300;

    private final Process process;

    private ClientGroup(Process process) {
        this.process = process;
    }

    static ClientGroup start(String servers, WorkloadPlan plan) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Dlogback.configurationFile=dev/holdfast/jepsen/cluster/peer-logback.xml");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), WorkloadMain.class.getName(), servers));
        command.addAll(plan.arguments());
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(plan.folder()
                        .resolve("group-" + plan.firstProcess() + ".log")
                        .toFile())
                .start();
        Watchdog.guard(process);
        return new ClientGroup(process);
    }

    /** Stops the process, so that its leases run out. */
    void pause() throws IOException, InterruptedException {
        Commands.run("kill", "-STOP", String.valueOf(process.pid()));
    }

    void resume() throws IOException, InterruptedException {
        Commands.run("kill", "-CONT", String.valueOf(process.pid()));
    }

    /** kill -9; the process is gone when this returns. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    boolean isUp() {
        return process.isAlive();
    }

    /** Asks the callers to finish what they are doing. */
    void askToStop() throws IOException {
        process.getOutputStream().close();
    }

    void awaitStopped() throws IOException, InterruptedException {
        if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
            throw new IOException("callers did not finish what they were doing in " + STOP_S + " s");
        }
    }
}
