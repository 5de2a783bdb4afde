package dev.holdfast.jepsen.cluster;

import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A member of a {@link RealCluster}, whose {@link PeerMain} comes and goes. */
public final class Peer {
    private static final String FAILED = "FAILED ";

    /** What a JVM says that ends because it is out of memory. */
    private static final String OUT_OF_MEMORY = "Terminating due to ";

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

    private final int number;
    private final Path folder;
    private final ChildJvm.Plan program;
    private final PeerProcess process;
    private final NodeStart nodeStart;
    private final AtomicLong questions = new AtomicLong();
    private volatile @Nullable String failure;
    private volatile Release installed;

    /**
     * @param members by which it finds the others, itself among them
     * @param joins whether it is to join a cluster that is there
     * @param prefix what its command line begins with
     */
    Peer(
            Member member,
            int number,
            Path folder,
            List<Member> members,
            boolean joins,
            ClusterPlan plan,
            List<String> prefix) {
        this.number = number;
        this.folder = folder;
        program = ChildJvm.plan("peer " + member.id(), PeerMain.class)
                .prefix(prefix)
                .jvmOptions("-Xmx256m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions("-Dlogback.configurationFile=dev/holdfast/jepsen/cluster/peer-logback.xml")
                .jvmOptions(plan.jvmArguments())
                .environment(environment(plan, member.id(), folder))
                .arguments(arguments(member, folder, members, joins, plan))
                .readyWhen("UP"::equals)
                .output(this::heard)
                .log(folder.resolveSibling(member.id() + ".log"))
                .guarded();
        process = new PeerProcess(member, program);
        nodeStart =
                new NodeStart(member, folder, members, plan.groups(), prefix, environment(plan, member.id(), folder));
        installed = plan.release();
        install(installed);
    }

    /** Has it run that release from its next start on. */
    void install(Release release) {
        installed = release;
        program.classPath(release.classPath());
        nodeStart.install(release);
    }

    private static List<String> arguments(
            Member member, Path folder, List<Member> members, boolean joins, ClusterPlan plan) {
        List<String> arguments = new ArrayList<>(List.of(
                member.id(),
                folder.toString(),
                String.valueOf(plan.snapshotEvery()),
                String.valueOf(plan.logKept()),
                String.valueOf(plan.groups())));
        if (joins) {
            arguments.add(PeerMain.JOINS);
        }
        members.forEach(each -> arguments.add(each.toString()));
        return arguments;
    }

    private static Map<String, String> environment(ClusterPlan plan, String id, Path folder) {
        Map<String, String> environment = new TreeMap<>(plan.environment());
        environment.replaceAll((name, value) -> value.replace("{peer}", id).replace("{folder}", folder.toString()));
        return environment;
    }

    private void heard(String line) {
        if (line.startsWith(FAILED)) {
            failure = line.substring(FAILED.length());
        } else if (line.startsWith(OUT_OF_MEMORY)) {
            failure = line.substring(OUT_OF_MEMORY.length());
        }
    }

    public String id() {
        return process.id();
    }

    public Member member() {
        return process.member();
    }

    /** 0 for the first. */
    public int number() {
        return number;
    }

    /** Its data folder. */
    public Path folder() {
        return folder;
    }

    /** What its processes logged. */
    public Path log() {
        return folder.resolveSibling(id() + ".log");
    }

    public boolean isPaused() {
        return process.isSuspended();
    }

    /** Whether its process runs, paused or not. */
    public boolean isUp() {
        return process.isUp();
    }

    /** Why its last process stopped by itself; {@code null} if it has not. */
    public @Nullable String failure() {
        return failure;
    }

    /** What it runs from its next start on. */
    Release installed() {
        return installed;
    }

    boolean answers() {
        return isUp() && !isPaused();
    }

    PeerProcess process() {
        return process;
    }

    NodeStart nodeStart() {
        return nodeStart;
    }

    void start() throws IOException {
        failure = null;
        process.start();
    }

    /** @throws IOException if the process ends, or does not answer */
    String ask(String question) throws IOException, InterruptedException {
        if (!isUp()) {
            throw new IOException("peer " + id() + " is down");
        }
        String prefix = questions.incrementAndGet() + " ";
        return process.jvm()
                .ask(prefix + question, line -> line.startsWith(prefix), ANSWER_TIMEOUT)
                .substring(prefix.length());
    }

    @Override
    public String toString() {
        return id();
    }
}
