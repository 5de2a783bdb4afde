package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.node.internal.snapshot.SnapshotFile;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** This release goes on in the data folders of earlier ones, as they went on in them. See {@link RecordedFolders}. */
class RecordedFolderTest {
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;

    @TempDir
    Path folder;

    @BeforeAll
    static void record_if_asked(@TempDir Path temporary) throws Exception {
        String release = System.getProperty("holdfast.record");
        if (release != null) {
            RecordedFolders.record(release, temporary);
        }
    }

    static Stream<Path> releases() throws IOException {
        return RecordedFolders.releases();
    }

    @ParameterizedTest
    @MethodSource("releases")
    void the_log_and_the_snapshots_of_a_peer_give_the_state_that_it_had(Path release) throws Exception {
        Properties facts = RecordedFolders.unpack(release.resolve("alone.zip"), folder);

        List<Path> groups = groups(folder);

        assertThat(groups).hasSize(2);
        for (int group = 0; group < groups.size(); group++) {
            assertHasState(groups.get(group), group, facts);
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void so_do_those_of_the_members_of_a_cluster(Path release) throws Exception {
        Properties facts = RecordedFolders.unpack(release.resolve("three.zip"), folder);

        for (String id : List.of("a", "b", "c")) {
            assertThat(groups(folder.resolve(id))).singleElement().satisfies(group -> assertHasState(group, 0, facts));
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void a_peer_goes_on_in_its_folder(Path release) throws Exception {
        Properties facts = RecordedFolders.unpack(release.resolve("alone.zip"), folder);
        try (HoldfastNode node =
                HoldfastNode.builder().groups(2).dataFolder(folder).start()) {
            assertGoesOn(node, facts);
            nextToken(node, twice(facts));
        }
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("releases")
    void the_members_of_a_cluster_go_on_in_their_folders(Path release) throws Exception {
        Properties facts = RecordedFolders.unpack(release.resolve("three.zip"), folder);
        List<Member> members = LocalCluster.members(3);
        for (Member member : members) {
            move(folder.resolve(member.id()), members);
        }
        try (LocalCluster cluster = LocalCluster.start(folder, members)) {
            assertGoesOn(cluster.follower(), facts);
            long token = nextToken(cluster.follower(), twice(facts));
            cluster.awaitEqualHashes();
            String led = cluster.leader().id();
            cluster.stop(led);
            cluster.start(led);
            cluster.awaitLeader();
            assertGoesOn(cluster.node(led), facts);
            nextToken(cluster.node(led), token);
            cluster.awaitEqualHashes();
        }
    }

    /** Their ports may be taken here. */
    private static void move(Path folder, List<Member> members) throws IOException {
        Path file = folder.resolve("cluster.properties");
        Properties properties = read(file);
        properties.setProperty("members", members.stream().map(Member::toString).collect(Collectors.joining(",")));
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
    }

    private static long twice(Properties facts) {
        return Long.parseLong(facts.getProperty("twice.token"));
    }

    private static void assertGoesOn(HoldfastNode node, Properties facts) {
        await().atMost(LocalCluster.PATIENCE)
                .untilAsserted(() -> assertThat(node.leader()).isNotNull());
        HoldfastLock lock = node.client().createLock();
        LockInfo kept = lock.get(RecordedFolders.KEPT).orElseThrow();
        long token = Long.parseLong(facts.getProperty("kept.token"));
        assertThat(kept.token()).isEqualTo(token);
        assertThat(kept.owner()).isEqualTo(RecordedFolders.BOB);
        assertThat(node.client().createSemaphore(RecordedFolders.POOL_SIZE).available(RecordedFolders.POOL))
                .isEqualTo(2);
        assertThat(node.client().rules()).hasSize(2);
        assertThat(node.client().audit()).hasSizeGreaterThanOrEqualTo(Integer.parseInt(facts.getProperty("audited")));
    }

    /** Takes the hold from its owner, and gives it back to him with another token. */
    private static long nextToken(HoldfastNode node, long before) throws InterruptedException {
        HoldfastLock lock = node.client().createLock();
        assertThat(lock.get(RecordedFolders.TWICE).orElseThrow().token()).isEqualTo(before);
        lock.forceRelease(RecordedFolders.TWICE);
        long token = RecordedFolders.keep(node.client(), RecordedFolders.TWICE);
        assertThat(token).isGreaterThan(before);
        return token;
    }

    private static List<Path> groups(Path folder) throws IOException {
        String first = read(folder.resolve("cluster.properties")).getProperty("id");
        try (Stream<Path> groups = Files.list(folder.resolve("raft"))) {
            return groups.filter(Files::isDirectory)
                    .sorted(Comparator.comparing(
                            group -> !group.getFileName().toString().equals(first)))
                    .toList();
        }
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        return properties;
    }

    private static void assertHasState(Path group, int number, Properties facts) {
        long applied = Long.parseLong(facts.getProperty("group." + number + ".applied"));
        TreeMap<Long, Path> snapshots = new TreeMap<>();
        for (Path file : list(group.resolve("sm"))) {
            if (file.getFileName().toString().matches("snapshot\\.\\d+_\\d+")) {
                snapshots.put(Long.parseLong(file.getFileName().toString().replaceAll(".*_", "")), file);
            }
        }
        assertThat(snapshots.headMap(applied, true)).isNotEmpty();
        List<LogEntryProto> log = entries(group.resolve("current"));
        for (Path snapshot : snapshots.headMap(applied, true).values()) {
            assertThat(replayed(snapshot, log, applied).stateHash())
                    .as("%s of %s, and the log", snapshot.getFileName(), group)
                    .isEqualTo(facts.getProperty("group." + number + ".hash"));
        }
    }

    private static LockMachine replayed(Path snapshot, List<LogEntryProto> log, long upTo) {
        try {
            LockMachine machine = SnapshotFile.read(snapshot);
            for (LogEntryProto each : log) {
                if (each.getIndex() > machine.appliedIndex() && each.getIndex() <= upTo) {
                    assertThat(each.getIndex()).isEqualTo(machine.appliedIndex() + 1);
                    apply(each, machine);
                }
            }
            assertThat(machine.appliedIndex()).isEqualTo(upTo);
            return machine;
        } catch (Exception e) {
            throw new AssertionError(snapshot.toString(), e);
        }
    }

    private static void apply(LogEntryProto each, LockMachine machine) throws Exception {
        if (each.hasStateMachineLogEntry()) {
            byte[] data = each.getStateMachineLogEntry().getLogData().toByteArray();
            LogEntry entry = LogEntry.decode(data);
            assertThat(entry.encode()).isEqualTo(data);
            LogEntry meant = entry.in(each.getTerm());
            machine.apply(each.getIndex(), meant.stampMs(), meant.batch());
        } else {
            machine.skipTo(each.getIndex());
        }
    }

    /** Of the files that Ratis left: a header, and entries, each with its length before and its checksum behind it. */
    private static List<LogEntryProto> entries(Path current) {
        List<LogEntryProto> entries = new ArrayList<>();
        for (Path file : list(current)) {
            if (file.getFileName().toString().startsWith("log_")) {
                try {
                    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
                    bytes.position(HEADER_BYTES);
                    while (bytes.hasRemaining() && bytes.get(bytes.position()) != 0) {
                        CodedInputStream in = CodedInputStream.newInstance(bytes.slice());
                        int length = in.readRawVarint32();
                        entries.add(LogEntryProto.parseFrom(in.readRawBytes(length)));
                        bytes.position(bytes.position() + in.getTotalBytesRead() + CHECKSUM_BYTES);
                    }
                } catch (IOException e) {
                    throw new AssertionError(file.toString(), e);
                }
            }
        }
        entries.sort(Comparator.comparingLong(LogEntryProto::getIndex));
        return entries;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(folder.toString(), e);
        }
    }
}
