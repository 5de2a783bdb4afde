package dev.holdfast.kill;

import static org.awaitility.Awaitility.await;

import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.PeerProcess;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** One run of a {@link ProcessPeerMain}, and all that it printed. */
public final class ProcessPeer {
    private final PeerProcess process;
    private final List<String> lines;

    private ProcessPeer(PeerProcess process, List<String> lines) {
        this.process = process;
        this.lines = lines;
    }

    static ProcessPeer start(Member member, ChildJvm.Plan plan) throws IOException {
        List<String> lines = new CopyOnWriteArrayList<>();
        PeerProcess process = new PeerProcess(member, plan.output(lines::add));
        process.start();
        return new ProcessPeer(process, lines);
    }

    public String id() {
        return process.id();
    }

    public PeerProcess process() {
        return process;
    }

    public ChildJvm jvm() {
        return process.jvm();
    }

    public List<String> lines() {
        return List.copyOf(lines);
    }

    public void awaitReady() throws IOException, InterruptedException {
        jvm().awaitReady(ProcessCluster.PATIENCE);
    }

    public void say(String line) throws IOException {
        jvm().say(line);
    }

    /** Says it, and waits for the first line after that which is an answer. */
    public String ask(String line, Predicate<String> isAnswer) throws IOException, InterruptedException {
        return jvm().ask(line, isAnswer, ProcessCluster.PATIENCE);
    }

    /** Waits until it has printed such a line. */
    public void awaitLine(Predicate<String> wanted) {
        await("a line of " + id())
                .atMost(ProcessCluster.PATIENCE)
                .until(() -> lines.stream().anyMatch(wanted));
    }

    public boolean leads() throws IOException, InterruptedException {
        return ask("leads", line -> line.startsWith("LEADS")).equals("LEADS true");
    }
}
