package dev.holdfast.node.internal.birth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.release.Supported;
import dev.holdfast.node.internal.transport.FrameKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The product's {@link Meetings}, one for each of three or four peers, on a network that delays and loses what is said, while processes
 * die and start again, and one disk is lost. It looks for what {@code Birth.tla} forbids, and that a cluster is born in the end.
 */
class BirthSimulationTest {
    private static final int FEW = 100;
    private static final int MANY = Integer.getInteger("holdfast.birth.seeds", 2_000);

    @Test
    void there_is_one_cluster_and_in_the_end_everybody_is_of_it() {
        run(FEW);
    }

    @Test
    @Tag("long")
    void there_is_one_cluster_under_many_seeds() {
        run(MANY);
    }

    private static void run(int seeds) {
        int born = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            World world = new World(seed);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            born += world.bornBeforeTheLoss ? 1 : 0;
        }
        // Disks are lost before a birth, during it, and after it.
        assertThat(born).isBetween(seeds / 20, seeds - seeds / 20);
    }

    /** What a peer has on its disk. */
    private static final class Disk {
        final PeerId id;
        PeerId answered;
        UUID cluster;
        List<Peer> founders = List.of();

        Disk(PeerId id) {
            this.id = id;
        }
    }

    private static final class World {
        final Random random;
        final ManualTimers timers = new ManualTimers(0);
        final Set<String> names;
        final Map<String, Disk> disks = new TreeMap<>();
        final Map<String, Process> running = new TreeMap<>();

        /** All clusters that ever were on anybody's disk, and who ever had them. */
        final Map<UUID, Set<PeerId>> taken = new TreeMap<>();

        boolean bornBeforeTheLoss;
        private int folders;

        World(long seed) {
            random = new Random(seed);
            names = random.nextInt(4) == 0 ? Set.of("a", "b", "c", "d") : Set.of("a", "b", "c");
        }

        void run() {
            for (String name : new TreeSet<>(names)) {
                start(name);
            }
            int loseAt = random.nextInt(12);
            for (int step = 0; step < 14; step++) {
                timers.advance(Duration.ofMillis(random.nextInt(250)));
                check();
                String name = List.copyOf(new TreeSet<>(names)).get(random.nextInt(names.size()));
                stop(name);
                if (step == loseAt) {
                    bornBeforeTheLoss = !taken.isEmpty();
                    disks.remove(name);
                }
                timers.advance(Duration.ofMillis(random.nextInt(60)));
                start(name);
                check();
            }
            for (int second = 0; second < 60; second++) {
                timers.advance(Duration.ofSeconds(1));
                check();
            }
            assertThat(disks.values())
                    .allSatisfy(disk -> assertThat(disk.cluster).isNotNull());
        }

        private void start(String name) {
            Disk disk =
                    disks.computeIfAbsent(name, first -> new Disk(new PeerId(name, String.format("%016x", ++folders))));
            Process process = new Process(this, disk);
            running.put(name, process);
            process.meetings.start();
        }

        private void stop(String name) {
            running.remove(name).meetings.close();
        }

        private void check() {
            Set<UUID> clusters = new HashSet<>();
            for (Disk disk : disks.values()) {
                if (disk.cluster != null) {
                    clusters.add(disk.cluster);
                }
            }
            assertThat(clusters).as("clusters side by side").hasSizeLessThanOrEqualTo(1);
            long served = taken.values().stream()
                    .filter(peers -> peers.size() * 2 > names.size())
                    .count();
            assertThat(served).as("clusters that ever had a majority").isLessThanOrEqualTo(1);
        }

        long delayNanos() {
            return TimeUnit.MILLISECONDS.toNanos(random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(30));
        }
    }

    /** A peer from its start to its end. */
    private static final class Process implements Meetings.Self, Meetings.Questions {
        private final World world;
        private final Disk disk;
        private final Meetings meetings;

        Process(World world, Disk disk) {
            this.world = world;
            this.disk = disk;
            this.meetings = new Meetings(disk.id, this, this, world.timers, task -> later(() -> ifRunning(task)));
        }

        private void later(Runnable task) {
            world.timers.schedule(task, world.delayNanos());
        }

        private void ifRunning(Runnable task) {
            if (world.running.get(disk.id.name()) == this) {
                task.run();
            }
        }

        /** What was said arrives even if the one that said it is dead by then; nobody hears an answer who is. */
        @Override
        public CompletableFuture<byte[]> ask(FrameKind question, String other, byte[] body) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            world.timers.schedule(
                    () -> ifRunning(() -> answer.completeExceptionally(new IOException("no answer"))),
                    TimeUnit.SECONDS.toNanos(1));
            if (world.random.nextInt(20) == 0) {
                return answer;
            }
            later(() -> {
                Process asked = world.running.get(other);
                if (asked == null) {
                    return;
                }
                try {
                    byte[] said = asked.meetings.answer(disk.id.toString(), question, body);
                    later(() -> ifRunning(() -> answer.complete(said)));
                } catch (IOException e) {
                    later(() -> ifRunning(() -> answer.completeExceptionally(e)));
                }
            });
            return answer;
        }

        @Override
        public Meeting introduction(String to) {
            boolean isFounder =
                    disk.founders.stream().anyMatch(peer -> peer.id().name().equals(to));
            return new Meeting(
                    UUID.nameUUIDFromBytes(world.names.stream()
                            .sorted()
                            .collect(Collectors.joining())
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    disk.cluster == null ? Meeting.NOBODY : disk.cluster,
                    false,
                    Peer.of(disk.id, new Member(disk.id.name(), "127.0.0.1", 1, 2)),
                    "",
                    -1,
                    isFounder ? disk.founders : List.of(),
                    Supported.here());
        }

        @Override
        public Collection<String> others() {
            return world.names.stream()
                    .filter(name -> !name.equals(disk.id.name()))
                    .sorted()
                    .toList();
        }

        @Override
        public Set<String> initial() {
            return world.names;
        }

        @Override
        public boolean isNamed() {
            return disk.founders.stream().anyMatch(peer -> peer.id().equals(disk.id));
        }

        @Override
        public OptionalLong newestConfiguration() {
            return OptionalLong.empty();
        }

        @Override
        public boolean answeredAnother(PeerId convener) {
            return disk.answered != null && !disk.answered.equals(convener);
        }

        @Override
        public void answer(PeerId convener) {
            disk.answered = convener;
        }

        @Override
        public void belongTo(UUID cluster, List<Peer> founders) {
            disk.cluster = cluster;
            disk.founders = founders;
            if (isNamed()) {
                world.taken.computeIfAbsent(cluster, first -> new HashSet<>()).add(disk.id);
            } else {
                world.taken.computeIfAbsent(cluster, first -> new HashSet<>());
            }
        }

        @Override
        public void stranger(UUID other, boolean formed) {
            throw new AssertionError("a stranger: " + other);
        }

        @Override
        public void met(Meeting meeting) {}

        @Override
        public String complaint(Meeting meeting) {
            return null;
        }

        @Override
        public void replacedBy(String named) {
            throw new AssertionError("replaced by " + named);
        }

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
