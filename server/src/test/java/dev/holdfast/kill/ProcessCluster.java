package dev.holdfast.kill;

import static org.awaitility.Awaitility.await;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A cluster of {@link PeerProcess}es. */
public final class ProcessCluster implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    /** One running process and all that it said. */
    public static final class Peer {
        public final String id;
        public final Process process;
        final List<String> lines = new CopyOnWriteArrayList<>();
        volatile long killedNanos;

        public Peer(String id, Process process) {
            this.id = id;
            this.process = process;
            Thread reader = new Thread(this::read, "output of " + id);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                // The process was killed in the middle of a line.
                return;
            }
        }

        void say(String line) throws IOException {
            OutputStream in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        }

        /** Says it and waits for the first line after that for which the condition holds. */
        public String ask(String line, Predicate<String> answer) throws IOException {
            int from = lines.size();
            say(line);
            return awaitLine(from, answer);
        }

        public String awaitLine(int from, Predicate<String> wanted) {
            return await("a line of " + id)
                    .atMost(PATIENCE)
                    .until(
                            () -> List.copyOf(lines).stream()
                                    .skip(from)
                                    .filter(wanted)
                                    .findFirst()
                                    .orElse(""),
                            line -> !line.isEmpty());
        }

        boolean leads() throws IOException {
            return ask("leads", line -> line.startsWith("LEADS")).equals("LEADS true");
        }
    }

    private final Path folder;
    private final int callers;
    private final List<String> jvmOptions;
    private final List<Member> members = new ArrayList<>();
    private final Map<String, Peer> running = new LinkedHashMap<>();

    /** Every process there ever was. */
    final List<Peer> all = new ArrayList<>();

    private ProcessCluster(Path folder, int peers, int callers, List<String> jvmOptions) throws IOException {
        this.folder = folder;
        this.callers = callers;
        this.jvmOptions = jvmOptions;
        List<Integer> ports = FreePorts.find(2 * peers);
        for (int i = 0; i < peers; i++) {
            members.add(new Member("p" + i, "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
    }

    /** Three peers, at work, with so many callers in each. */
    public static ProcessCluster startThree(Path folder, int callers) throws IOException {
        ProcessCluster cluster = new ProcessCluster(folder, 3, callers, List.of("-Xmx256m"));
        for (Member member : cluster.members) {
            cluster.start(member.id());
        }
        // Before, the loss of one may leave another that has nothing yet.
        cluster.running().forEach(peer -> peer.awaitLine(0, "READY"::equals));
        return cluster;
    }

    /** One peer, p0, without callers, and not started yet; its log is one file, however long it gets. */
    static ProcessCluster ofOne(Path folder) throws IOException {
        return new ProcessCluster(
                folder, 1, 0, List.of("-Xmx256m", "-D" + PeerProcess.LOG_SEGMENT_BYTES + "=" + (1 << 30)));
    }

    /** One peer, p0, at work, that ends as soon as it needs more memory than that. */
    public static ProcessCluster startOne(Path folder, int heapMib) throws IOException {
        List<String> options = List.of("-Xmx" + heapMib + "m", "-XX:+ExitOnOutOfMemoryError");
        ProcessCluster cluster = new ProcessCluster(folder, 1, 0, options);
        cluster.start("p0").awaitLine(0, "READY"::equals);
        return cluster;
    }

    public Peer start(String id) throws IOException {
        return start(id, List.of());
    }

    /** @param before what the command line begins with, such as a shell that sets limits */
    Peer start(String id, List<String> before) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PeerProcess.class.getName(),
                id,
                folder.resolve(id).toString(),
                String.valueOf(callers)));
        members.forEach(member -> command.add(member.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Peer peer = new Peer(id, process);
        running.put(id, peer);
        all.add(peer);
        peer.awaitLine(0, "UP"::equals);
        return peer;
    }

    /** Where a client reaches the peers, as {@code Holdfast.connect} wants it. */
    public String servers() {
        return members.stream()
                .map(member -> member.host() + ":" + member.clientPort())
                .collect(Collectors.joining(","));
    }

    public List<Peer> running() {
        return List.copyOf(running.values());
    }

    public Peer leader() {
        return await("a leader").atMost(PATIENCE).until(this::leaderNow, peer -> peer != null);
    }

    private Peer leaderNow() throws IOException {
        for (Peer peer : running()) {
            if (peer.leads()) {
                return peer;
            }
        }
        return null;
    }

    /** The process stands still until it is told to go on. */
    public static void pause(Peer peer) throws IOException, InterruptedException {
        signal(peer, "STOP");
    }

    public static void goOn(Peer peer) throws IOException, InterruptedException {
        signal(peer, "CONT");
    }

    private static void signal(Peer peer, String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, String.valueOf(peer.process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + name + " " + peer.id + " ended with " + status);
        }
    }

    public void kill(Peer peer) throws InterruptedException {
        peer.process.destroyForcibly().waitFor();
        peer.killedNanos = System.nanoTime();
        running.remove(peer.id);
    }

    @Override
    public void close() {
        running().forEach(peer -> peer.process.destroyForcibly());
        running()
                .forEach(peer ->
                        peer.process.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }
}
