package dev.holdfast.jepsen.cluster;

import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.jepsen.workload.WorkloadPlan;
import dev.holdfast.node.Backup;
import dev.holdfast.node.BegunGroup;
import dev.holdfast.node.KeptHolds;
import dev.holdfast.node.Member;
import dev.holdfast.node.Restore;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of peers, each a JVM of its own with a folder of its own, on this host.
 *
 * <p>Its methods may be called from any thread, but not two at a time that change the same peer.
 */
public final class RealCluster implements AutoCloseable {
    /** So long that not even a very slow machine is taken for a cluster that has stopped. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** How many entries a log may hold that nobody has applied: far more than there are. */
    private static final int IN_FLIGHT_MAX = 64;

    private static final int POLL_MS = 20;
    private static final int RAFT_PORT = 7101;
    private static final int CLIENT_PORT = 7201;

    private final ClusterPlan plan;
    private final Path folder;
    private final PeerNetwork network;
    private final List<Peer> peers = new CopyOnWriteArrayList<>();

    /** No member yet, or not any more. It has no data. */
    private Peer spare;

    private final @Nullable ClusterCertificates certificates;

    private RealCluster(ClusterPlan plan, Path folder, PeerNetwork network) throws IOException {
        this.plan = plan;
        this.folder = folder;
        this.network = network;
        List<Member> all = members(plan, network);
        List<Member> initial = all.subList(0, plan.peers());
        this.certificates = plan.tls() ? ClusterCertificates.create(folder, all) : null;
        for (int i = 0; i < initial.size(); i++) {
            peers.add(peer(initial.get(i), i, initial, false));
        }
        this.spare = joining(all.get(plan.peers()), plan.peers());
    }

    private Peer peer(Member member, int number, List<Member> list, boolean joins) {
        return new Peer(member, number, folder.resolve(member.id()), list, joins, plan, network.commandPrefix(number));
    }

    /** One that finds the others, and waits to be let in if it is no member. */
    private Peer joining(Member member, int number) {
        List<Member> list = new ArrayList<>(List.of(member));
        peers.stream()
                .map(Peer::member)
                .filter(other -> !other.id().equals(member.id()))
                .forEach(list::add);
        return peer(member, number, list, true);
    }

    private static List<Member> members(ClusterPlan plan, PeerNetwork network) throws IOException {
        List<String> ids =
                IntStream.rangeClosed(0, plan.peers()).mapToObj(i -> "p" + i).toList();
        if (plan.network() == PeerNetwork.Kind.LOOPBACK) {
            return LoopbackMembers.find(ids);
        }
        return IntStream.rangeClosed(0, plan.peers())
                .mapToObj(i -> new Member(ids.get(i), network.host(i), RAFT_PORT, CLIENT_PORT))
                .toList();
    }

    /** Starts the peers, and waits until each is ready: from then on the cluster survives the loss of a minority. */
    public static RealCluster start(ClusterPlan plan) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("holdfast-cluster-");
        MembersSecret.create(folder);
        RealCluster cluster = new RealCluster(plan, folder, PeerNetwork.make(plan.network(), plan.peers() + 1));
        try {
            for (Peer peer : cluster.peers) {
                peer.start();
            }
            cluster.awaitReady(PATIENCE);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    public ClusterPlan plan() {
        return plan;
    }

    /** All members, up or not. */
    public List<Peer> peers() {
        return List.copyOf(peers);
    }

    /** How a client {@linkplain Reach reaches} the peers; without TLS also as {@code Holdfast.connect} wants it. */
    public String servers() {
        String addresses = peers.stream().map(RealCluster::server).collect(Collectors.joining(","));
        return Reach.of(addresses, certificates == null ? null : certificates.folder());
    }

    /** Replaces the authority and all certificates while everything goes on. The plan has to have TLS. Blocks for some seconds. */
    public void rotateCertificates() throws IOException, InterruptedException {
        if (certificates == null) {
            throw new IllegalStateException("there are no certificates");
        }
        certificates.rotate();
    }

    /** Where a client reaches that peer. */
    public static String server(Peer peer) {
        return peer.member().host() + ":" + peer.member().clientPort();
    }

    /** What is between the peers: its faults are by {@link Peer#number}. */
    public PeerNetwork network() {
        return network;
    }

    /** Starts the peer's process and waits until it serves its ports, which is before it has caught up. */
    public void start(Peer peer) throws IOException, InterruptedException {
        peer.start();
        peer.process().jvm().awaitReady(PATIENCE);
    }

    /** Stops the peer, and starts it with that release on the data that it has. Waits until it serves its ports. */
    public void change(Peer peer, Release release) throws IOException, InterruptedException {
        stop(peer);
        peer.install(release);
        start(peer);
    }

    /** Has a peer that is down run that release from its next start on. */
    public void install(Peer peer, Release release) {
        peer.install(release);
    }

    /** kill -9; the process is gone when this returns. Does nothing to one that is down. */
    public void kill(Peer peer) {
        peer.process().kill();
    }

    /** Lets the peer's node close, and ends its process. */
    public void stop(Peer peer) throws IOException, InterruptedException {
        peer.ask("stop");
        kill(peer);
    }

    /** Takes all data from a peer that is down. */
    public void loseFolder(Peer peer) throws IOException {
        Folders.delete(peer.folder());
    }

    /** Moves the data of a peer that is down to where it does not find them. */
    public void setAside(Peer peer) throws IOException {
        Files.move(peer.folder(), aside(peer));
    }

    /** Gives a peer that is down the data that were {@linkplain #setAside set aside}, and sets aside those that it has. */
    public void swapWithSetAside(Peer peer) throws IOException {
        Path between = peer.folder().resolveSibling(peer.id() + ".between");
        Files.move(peer.folder(), between);
        Files.move(aside(peer), peer.folder());
        Files.move(between, aside(peer));
    }

    private static Path aside(Peer peer) {
        return peer.folder().resolveSibling(peer.id() + ".aside");
    }

    /** Starts one that is no member and has no data. It waits to be let in. */
    public Peer startNewcomer() throws IOException, InterruptedException {
        spare.install(peers.get(0).installed());
        start(spare);
        return spare;
    }

    /** Has the members changed, by whoever answers, however often that has to be asked. */
    public void change(Action action, Peer about) throws IOException, InterruptedException {
        Map<Peer, Optional<String>> answers = new LinkedHashMap<>();
        try {
            await("the members to be changed: " + action + " " + about, () -> {
                for (Peer other : peers) {
                    if (other != about) {
                        Optional<String> answer = ask(other, question(action, about));
                        answers.put(other, answer);
                        if (isDone(answer)) {
                            return Optional.of(true);
                        }
                    }
                }
                return Optional.empty();
            });
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; their last answers: " + answers, e);
        }
    }

    private static boolean isDone(Optional<String> answer) {
        return answer.filter(text -> text.equals(PeerMain.CHANGED) || text.equals(PeerMain.REPLACED))
                .isPresent();
    }

    private static String question(Action action, Peer about) {
        return (action == Action.REPLACE ? PeerMain.REPLACE : PeerMain.CHANGE + action + " ") + about.id();
    }

    /** Waits until the newcomer may be asked for, and asks for that once. Does not wait for what becomes of it. */
    public void beginToChange(Action action, Peer newcomer) throws IOException, InterruptedException {
        Peer follower = await("a follower that knows of " + newcomer, () -> {
            for (Peer other : peers) {
                if (other != newcomer
                        && !leads(other)
                        && ask(other, PeerMain.KNOWS + newcomer.id()).equals(Optional.of("true"))) {
                    return Optional.of(other);
                }
            }
            return Optional.empty();
        });
        Thread asking = new Thread(
                () -> {
                    try {
                        ask(follower, question(action, newcomer));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "changing-" + newcomer);
        asking.setDaemon(true);
        asking.start();
    }

    /** The one that {@linkplain #startNewcomer joined} is of the cluster; the other, which has ended, is not, and loses its data. */
    public void exchanged(Peer joined, Peer left) throws IOException {
        loseFolder(left);
        peers.add(joined);
        peers.remove(left);
        spare = joining(left.member(), left.number());
    }

    /** Gives a peer that is down other ports, and returns it as it is now. Nobody is told: that is its own business. */
    public Peer move(Peer peer) throws IOException {
        Member before = peer.member();
        Member after = plan.network() == PeerNetwork.Kind.LOOPBACK
                ? LoopbackMembers.find(List.of(before.id())).get(0)
                : new Member(before.id(), before.host(), before.raftPort() + 2, before.clientPort() + 2);
        Peer moved = joining(after, peer.number());
        moved.install(peer.installed());
        peers.set(peers.indexOf(peer), moved);
        return moved;
    }

    /** Takes a backup while everything goes on. */
    public void backUp(Path file) throws IOException, InterruptedException {
        RemoteOptions options = RemoteOptions.named("backup").withRequestTimeout(PATIENCE);
        Backup.take(
                peers.stream().map(peer -> peer.member().clientAddress()).toList(),
                certificates == null ? options : options.withTls(ClusterCertificates.ofClients(certificates.folder())),
                file,
                false,
                PATIENCE);
    }

    /** Puts the data of all peers away, which are down, and gives them those of a new cluster that begins with the backup. */
    public void restore(Path file) throws IOException {
        List<Member> members = peers.stream().map(Peer::member).toList();
        for (Peer peer : peers) {
            if (Files.exists(aside(peer))) {
                Folders.delete(aside(peer));
            }
            setAside(peer);
        }
        Path restored = folder.resolve("restored");
        Restore.run(new Restore.Plan(file, members, "", KeptHolds.UNTIL_RELEASED, BegunGroup.TOKENS_AHEAD), restored);
        for (Peer peer : peers) {
            Files.move(restored.resolve(peer.id()), peer.folder());
            Peer restoredPeer = peer(peer.member(), peer.number(), members, false);
            restoredPeer.install(peer.installed());
            peers.set(peers.indexOf(peer), restoredPeer);
        }
        Folders.delete(restored);
        spare = joining(spare.member(), spare.number());
    }

    /** Faults of the peer's disk and clock; the plan has to have them, and the peer to have been started. */
    public NativeFaults faults(Peer peer) throws IOException {
        return NativeFaults.of(peer);
    }

    /** Kills the peers at once, and takes from their disks what they had not synced. The plan has to have native faults. */
    public void losePower(List<Peer> victims, Random random) throws IOException, InterruptedException {
        for (Peer peer : victims) {
            kill(peer);
        }
        for (Peer peer : victims) {
            NativeFaults.loseUnsynced(peer, random);
        }
    }

    /** Waits until each has written something to its log that is not synced. Unless their syncs hang, it is so for a moment only. */
    public void awaitUnsynced(List<Peer> peers) throws IOException, InterruptedException {
        for (Peer peer : peers) {
            await(
                    peer + " has written nothing",
                    () -> NativeFaults.hasUnsynced(peer) ? Optional.of(peer) : Optional.empty());
        }
    }

    /** Stops the peer's process; its clocks go on. */
    public void pause(Peer peer) throws InterruptedException {
        try {
            peer.process().suspend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets a paused peer go on. */
    public void resume(Peer peer) throws InterruptedException {
        try {
            peer.process().resume();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a peer that has to stop by itself has done so, and returns its exit status. */
    public int awaitEnd(Peer peer) throws IOException, InterruptedException {
        return peer.process().jvm().awaitEnd(PATIENCE);
    }

    /** Fills the heap of the peer's process. It has to end by itself; {@link #awaitEnd} waits for that. */
    public void fillHeap(Peer peer) throws IOException, InterruptedException {
        peer.ask(PeerMain.FILL_HEAP);
    }

    /** Starts {@code holdfast node} on the folder of a peer that is down, and waits until it has given up. */
    public RefusedStart startInVain(Peer peer) throws IOException, InterruptedException {
        return peer.nodeStart().attempt();
    }

    /**
     * Kills the peer at a moment when its log has segments that are complete, and flips one bit of one of them. Callers have
     * to be at work.
     *
     * @return the segment
     */
    public Path killAndCorruptSegment(Peer peer, Random random) throws IOException, InterruptedException {
        List<Path> segments = await("a complete segment of the log of " + peer, () -> {
            pause(peer);
            List<Path> found = LogFolder.closedSegments(peer);
            if (found.isEmpty()) {
                resume(peer);
                return Optional.empty();
            }
            return Optional.of(found);
        });
        kill(peer);
        Path segment = segments.get(random.nextInt(segments.size()));
        byte[] bytes = Files.readAllBytes(segment);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        Files.write(segment, bytes);
        return segment;
    }

    /** Gives the peer the data of another one. All peers are down. */
    public void repair(Peer damaged) throws IOException {
        DataRepair.repair(damaged, peers);
    }

    /** {@link #leader(int)} of the first group. */
    public Peer leader() throws IOException, InterruptedException {
        return leader(0);
    }

    /** The peer that leads the group. Waits while none does, or while a deposed one believes that it still does. */
    public Peer leader(int group) throws IOException, InterruptedException {
        return await("one leader", () -> {
            List<Peer> leaders = leaders(group);
            return leaders.size() == 1 ? Optional.of(leaders.get(0)) : Optional.empty();
        });
    }

    /** {@link #leaders(int)} of the first group. */
    public List<Peer> leaders() throws InterruptedException {
        return leaders(0);
    }

    /**
     * The peers that believe that they lead the group, of those up and not paused. For a moment there may be two, which
     * is not an error.
     */
    public List<Peer> leaders(int group) throws InterruptedException {
        List<Peer> leaders = new ArrayList<>();
        for (Peer peer : peers) {
            if (leads(peer, group)) {
                leaders.add(peer);
            }
        }
        return leaders;
    }

    /** {@link #leads(Peer, int)} of the first group. */
    public boolean leads(Peer peer) throws InterruptedException {
        return leads(peer, 0);
    }

    /** Whether the peer believes that it leads the group; not if it is down or paused. */
    public boolean leads(Peer peer, int group) throws InterruptedException {
        return ask(peer, PeerMain.LEADS + group).map(Boolean::parseBoolean).orElse(false);
    }

    /** The time of day as the peer's process sees it. */
    public long clockMillis(Peer peer) throws IOException, InterruptedException {
        return Long.parseLong(peer.ask("clock"));
    }

    /** How often the peer's process was sent a snapshot because no log still had what it lacked. */
    public long snapshotsInstalled(Peer peer) throws IOException, InterruptedException {
        return Long.parseLong(peer.ask("installed"));
    }

    /**
     * Waits until, for at least one group, nothing that was applied so far is in the log of any peer that is up.
     * Callers have to be at work.
     */
    public void awaitLogGone() throws IOException, InterruptedException {
        long last = 0;
        for (PeerState state : stateHashes()) {
            for (String applied : state.applied().split(",", -1)) {
                last = Math.max(last, Long.parseLong(applied));
            }
        }
        long lastOfAll = last + IN_FLIGHT_MAX;
        await("the logs to be purged", () -> {
            for (Peer peer : peers) {
                if (peer.answers() && LogFolder.latestBeginning(peer) <= lastOfAll) {
                    return Optional.empty();
                }
            }
            return Optional.of(true);
        });
    }

    /**
     * Starts callers in the peer's process, on its client. They work until the process ends or {@link #endEmbedded} is
     * called.
     */
    public void embed(Peer peer, WorkloadPlan plan) throws IOException, InterruptedException {
        peer.ask(PeerMain.EMBED + String.join(" ", plan.arguments()));
    }

    /** Waits until the callers in that peer's process have finished what they were doing. */
    public void endEmbedded(Peer peer) throws IOException, InterruptedException {
        peer.ask("end");
    }

    /** The states of those peers that are up and not paused. Hashes can be compared only where the same was applied. */
    public List<PeerState> stateHashes() throws InterruptedException {
        List<PeerState> states = new ArrayList<>();
        for (Peer peer : peers) {
            ask(peer, "state").ifPresent(answer -> {
                String[] words = answer.split(" ", -1);
                states.add(new PeerState(peer.id(), words[0], words[1]));
            });
        }
        return states;
    }

    /**
     * Waits until all peers are up and have applied the same, and returns their states.
     *
     * @throws IllegalStateException if two have applied the same and differ
     * @throws IOException if they do not come to the same index in time
     */
    public List<PeerState> awaitEqualStates(Duration timeout) throws IOException, InterruptedException {
        Map<String, PeerState> first = new HashMap<>();
        return await("all peers at one index", timeout, () -> {
            List<PeerState> states = stateHashes();
            for (PeerState state : states) {
                PeerState other = first.putIfAbsent(state.applied(), state);
                if (other != null && !other.hash().equals(state.hash())) {
                    throw new IllegalStateException("replicas differ: " + other + ", " + state);
                }
            }
            boolean same = states.stream().map(PeerState::applied).distinct().count() == 1;
            return same && states.size() == peers.size() ? Optional.of(states) : Optional.empty();
        });
    }

    /** Waits until every peer that is up and not paused has caught up, however long that takes. */
    public void awaitReady() throws IOException, InterruptedException {
        awaitReady(PATIENCE);
    }

    /** Waits until every peer that is up and not paused has caught up. */
    public void awaitReady(Duration timeout) throws IOException, InterruptedException {
        await("all peers ready", timeout, () -> {
            for (Peer peer : peers) {
                if (peer.answers()
                        && !ask(peer, "ready").map(Boolean::parseBoolean).orElse(false)) {
                    return Optional.empty();
                }
            }
            return Optional.of(true);
        });
    }

    /** Nothing if the peer is down, paused, or ends before it answers. */
    private static Optional<String> ask(Peer peer, String question) throws InterruptedException {
        if (!peer.answers()) {
            return Optional.empty();
        }
        try {
            return Optional.of(peer.ask(question));
        } catch (IOException e) {
            // It was killed or paused meanwhile.
            return Optional.empty();
        }
    }

    private interface Attempt<T> {
        Optional<T> get() throws IOException, InterruptedException;
    }

    private static <T> T await(String what, Attempt<T> attempt) throws IOException, InterruptedException {
        return await(what, PATIENCE, attempt);
    }

    private static <T> T await(String what, Duration timeout, Attempt<T> attempt)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Optional<T> result = attempt.get();
            if (result.isPresent()) {
                return result.get();
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new IOException("gave up after " + timeout.toSeconds() + " s of waiting for " + what);
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Copies what the peers have logged into that folder. */
    public void copyLogs(Path to) throws IOException {
        for (Peer peer : peers) {
            if (Files.exists(peer.log())) {
                Files.copy(peer.log(), to.resolve(peer.log().getFileName()));
            }
        }
    }

    /** Kills all peers, and removes their folders and their network. */
    @Override
    public void close() throws IOException {
        try {
            peers.forEach(this::kill);
        } finally {
            network.close();
            Folders.delete(folder);
        }
    }
}
