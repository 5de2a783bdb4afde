package dev.holdfast.jepsen.cluster;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.jepsen.workload.Workload;
import dev.holdfast.jepsen.workload.WorkloadPlan;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import dev.holdfast.node.NodeMetrics;
import dev.holdfast.node.RaftSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One peer, asked by lines on its standard input, {@code number question}, and answering on its standard output,
 * {@code number answer}. It ends with its standard input. A peer that has to stop by itself says {@code FAILED cause} and
 * ends with status {@value #FAILED_STATUS}.
 *
 * <p>Arguments: id, data folder, entries between snapshots, entries kept behind a snapshot, groups, members. Of one that is to join, the
 * word {@value #JOINS} comes before the members.
 */
public final class PeerMain {
    static final int FAILED_STATUS = 3;
    static final String EMBED = "embed ";
    static final String LEADS = "leads ";
    static final String FILL_HEAP = "fill-heap";
    static final String CHANGE = "change ";
    static final String CHANGED = "changed";

    /** The only change that peers of release 0.1 understand. */
    static final String REPLACE = "replace ";

    static final String REPLACED = "replaced";
    static final String KNOWS = "knows ";

    /** In the place of the first member: the peer joins the cluster of the others. */
    static final String JOINS = "joins";

    /** A few hundred entries: what is behind a snapshot goes, and who missed it is sent the snapshot. */
    private static final long LOG_SEGMENT_BYTES = 32 << 10;

    private static final int CHUNK_BYTES = 1 << 20;

    private static final Duration READY_TIMEOUT = Duration.ofMillis(200);

    /** Shorter than an answer may take. */
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(10);

    private static final MetricRegistry METRICS = new MetricRegistry();

    /** What takes the memory, once somebody has asked for that. */
    private static volatile Object hoard = "";

    private final HoldfastNode node;
    private final List<Workload> workloads = new ArrayList<>();

    private PeerMain(HoldfastNode node) {
        this.node = node;
    }

    /** Runs the peer until its standard input ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        HoldfastNodeBuilder builder = HoldfastNode.builder()
                .id(args[0])
                .dataFolder(Path.of(args[1]))
                .metrics(METRICS)
                .ratis(RaftSettings.DEFAULT
                        .snapshots(Long.parseLong(args[2]), Long.parseLong(args[3]))
                        .logSegments(LOG_SEGMENT_BYTES))
                .groups(Integer.parseInt(args[4]));
        if (args[5].equals(JOINS)) {
            builder.join().members(members(args, 6));
        } else {
            builder.members(members(args, 5));
        }
        HoldfastNode node = secured(builder, args[0], Path.of(args[1])).start();
        node.failure().thenAccept(cause -> {
            try {
                say("FAILED " + String.valueOf(cause).lines().findFirst().orElse(""));
            } finally {
                // Also if there is no memory left to say so.
                Runtime.getRuntime().halt(FAILED_STATUS);
            }
        });
        say("UP");
        new PeerMain(node).answerAll();
        Runtime.getRuntime().halt(0);
    }

    private static String[] members(String[] args, int from) {
        return List.of(args).subList(from, args.length).toArray(new String[0]);
    }

    private static HoldfastNodeBuilder secured(HoldfastNodeBuilder builder, String id, Path data) {
        Path certificates = ClusterCertificates.beside(data);
        if (Files.exists(certificates)) {
            Tls tls = ClusterCertificates.ofMember(certificates, id);
            return builder.membersTls(tls).clientsTls(tls).requireClientCertificate();
        }
        // The network is the harness's own: loopback, or namespaces that nobody else is in.
        return builder.insecure().secretFile(MembersSecret.beside(data));
    }

    private void answerAll() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int space = line.indexOf(' ');
            say(line.substring(0, space + 1) + answer(line.substring(space + 1)));
        }
    }

    private String answer(String question) throws IOException, InterruptedException {
        if (question.startsWith(EMBED)) {
            WorkloadPlan plan = WorkloadPlan.parse(
                    List.of(question.substring(EMBED.length()).split(" ", -1)));
            workloads.add(Workload.start(plan, node.client()));
            return "working";
        }
        if (question.startsWith(LEADS)) {
            return String.valueOf(node.isLeader(Integer.parseInt(question.substring(LEADS.length()))));
        }
        if (question.startsWith(CHANGE)) {
            String[] words = question.substring(CHANGE.length()).split(" ", -1);
            return change(MemberChange.of(MemberChange.Action.valueOf(words[0]), words[1]));
        }
        if (question.startsWith(REPLACE)) {
            String answer = change(MemberChange.of(MemberChange.Action.REPLACE, question.substring(REPLACE.length())));
            return answer.equals(CHANGED) ? REPLACED : answer;
        }
        if (question.startsWith(KNOWS)) {
            return String.valueOf(knows(question.substring(KNOWS.length())));
        }
        return switch (question) {
            case "stop" -> stop();
            case "end" -> endWorkloads();
            case "ready" -> String.valueOf(node.awaitReady(READY_TIMEOUT));
            case "state" -> state();
            case "installed" ->
                String.valueOf(METRICS.counter(NodeMetrics.PREFIX + "snapshots.installed")
                        .getCount());
            case FILL_HEAP -> fillHeap();
            case "clock" -> String.valueOf(System.currentTimeMillis());
            // By a harness of a later release, perhaps.
            default -> "not understood: " + question;
        };
    }

    /** Changes the members, unless that was done. */
    private String change(MemberChange change) throws InterruptedException {
        try {
            MemberChangeResult result = node.membership().change(change, CHANGE_TIMEOUT);
            return result.groupsBehind().isEmpty() ? CHANGED : "groups behind: " + result.groupsBehind();
        } catch (MemberChangeException | TransportException e) {
            return "not changed: " + String.valueOf(e.getMessage()).replace('\n', ' ');
        }
    }

    /** Whether a newcomer of that name presents itself here. */
    private boolean knows(String name) throws InterruptedException {
        return node.membership().list().stream()
                .anyMatch(member -> member.name().equals(name) && member.role() == MemberStatus.Role.NEWCOMER);
    }

    private String stop() throws IOException, InterruptedException {
        var unused = endWorkloads();
        node.close();
        return "stopped";
    }

    private String endWorkloads() throws IOException, InterruptedException {
        for (Workload workload : workloads) {
            workload.stop();
            workload.close();
        }
        workloads.clear();
        return "ended";
    }

    /** From now on there is less and less memory, and then none. Returns at once. */
    private static String fillHeap() {
        Thread thread = new Thread(
                () -> {
                    while (true) {
                        hoard = new Object[] {hoard, new byte[CHUNK_BYTES]};
                    }
                },
                "hoarder");
        thread.start();
        return "filling";
    }

    /** Of each group an index, and the hash of the state at that index. */
    private String state() {
        List<String> indexes = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        for (int group = 0; group < node.groups(); group++) {
            long index;
            String hash;
            do {
                index = node.appliedIndex(group);
                hash = node.stateHash(group);
            } while (node.appliedIndex(group) != index);
            indexes.add(String.valueOf(index));
            hashes.add(hash);
        }
        return String.join(",", indexes) + " " + String.join(",", hashes);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
