package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.OutcomeCodec;
import dev.holdfast.protocol.codec.ReplyCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Logs and snapshots of earlier releases, with what their machine answered and the hashes of its states. A peer of this release
 * that replays such a log beside one of that release must not differ from it. A release is recorded once, with
 * {@code -Dholdfast.record=RELEASE}, and its file never changes after that.
 *
 * <p>The lines: {@code MACHINE} begins with an empty machine. {@code ENTRY stamp batch} is an entry of its log, and
 * {@code ANSWERS digest} and {@code STATE hash} say what came of those so far. {@code SNAPSHOT piece...} is what was
 * written there.
 */
class RecordedMachineTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "recorded");
    private static final String FILE = "machine.txt.gz";
    private static final int ENTRIES = 240;
    private static final int ENTRIES_PER_STATE = 20;
    private static final int ENTRIES_PER_SNAPSHOT = 80;

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void what_a_release_wrote_gives_the_same_answers_and_states(Path release) throws Exception {
        List<Played> machines = new ArrayList<>();
        int states = 0;
        for (String line : read(release.resolve(FILE))) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "MACHINE" -> machines = new ArrayList<>(List.of(new Played(new LockMachine())));
                case "ENTRY" -> {
                    for (Played each : machines) {
                        each.apply(Long.parseLong(words[1]), Base64.getDecoder().decode(words[2]));
                    }
                }
                // The machines that began with a snapshot did not see what came before.
                case "ANSWERS" -> assertThat(machines.get(0).answers()).isEqualTo(words[1]);
                case "STATE" -> {
                    states++;
                    assertThat(machines)
                            .allSatisfy(
                                    each -> assertThat(each.machine.stateHash()).isEqualTo(words[1]));
                }
                case "SNAPSHOT" -> {
                    List<byte[]> pieces = Stream.of(words)
                            .skip(1)
                            .map(piece -> Base64.getDecoder().decode(piece))
                            .toList();
                    machines.add(new Played(Snapshots.restore(pieces)));
                    assertThat(Snapshots.takeAll(machines.get(0).machine))
                            .usingRecursiveComparison()
                            .isEqualTo(pieces);
                }
                default -> throw new AssertionError(line);
            }
        }
        assertThat(states).isGreaterThan(10);
        assertThat(machines).hasSizeGreaterThan(1);
    }

    /** A machine, and a digest of what it has answered. */
    private static final class Played {
        private final LockMachine machine;
        private final MessageDigest digest;

        Played(LockMachine machine) throws NoSuchAlgorithmException {
            this.machine = machine;
            this.digest = MessageDigest.getInstance("SHA-256");
        }

        void apply(long stampMs, byte[] bytes) throws MalformedMessageException {
            Batch batch = BatchCodec.decode(bytes, 0);
            assertThat(BatchCodec.encode(batch, 0)).isEqualTo(bytes);
            note(machine.apply(machine.appliedIndex() + 1, stampMs, batch));
        }

        private void note(Applied applied) {
            for (SubmitReply reply : applied.replies()) {
                digest.update(ReplyCodec.encode(reply).toByteArray());
            }
            for (SessionEvents events : applied.events()) {
                digest.update(text("events of " + events.session()));
                for (NumberedEvent event : events.events()) {
                    digest.update(OutcomeCodec.encode(event).toByteArray());
                }
            }
            for (Applied.OpenSession opened : applied.opened()) {
                digest.update(text("opened " + opened.session() + opened.leaseMs() + opened.principal()));
            }
            digest.update(text("ended " + applied.ended() + applied.expiredHolds()));
        }

        private static byte[] text(String words) {
            return words.getBytes(StandardCharsets.UTF_8);
        }

        /** So far. */
        String answers() throws CloneNotSupportedException {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        }
    }

    private static List<String> read(Path file) throws IOException {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII))) {
            return in.lines().toList();
        }
    }

    @BeforeAll
    static void record_if_asked() throws Exception {
        String release = System.getProperty("holdfast.record");
        if (release != null) {
            Path file = Files.createDirectories(RECORDED.resolve(release)).resolve(FILE);
            try (PrintWriter out = new PrintWriter(
                    new GZIPOutputStream(Files.newOutputStream(file)), false, StandardCharsets.US_ASCII)) {
                for (long seed = 1; seed <= 3; seed++) {
                    record(seed, out);
                }
            }
        }
    }

    private static void record(long seed, PrintWriter out) throws Exception {
        RandomLog clients = new RandomLog(new Random(seed));
        CheckedMachine checked = new CheckedMachine();
        Played played = new Played(checked.machine());
        out.println("MACHINE");
        for (int i = 1; i <= ENTRIES; i++) {
            LogEntry entry = clients.next(checked.machine().nextDeadlineMs());
            byte[] batch = BatchCodec.encode(entry.batch(), 0);
            out.println("ENTRY " + entry.stampMs() + " " + Base64.getEncoder().encodeToString(batch));
            Applied applied = checked.apply(entry);
            played.note(applied);
            clients.learn(applied, checked.model());
            if (i % ENTRIES_PER_STATE == 0) {
                out.println("ANSWERS " + played.answers());
                out.println("STATE " + checked.machine().stateHash());
            }
            if (i % ENTRIES_PER_SNAPSHOT == 0) {
                out.print("SNAPSHOT");
                for (byte[] piece : Snapshots.takeAll(checked.machine())) {
                    out.print(" " + Base64.getEncoder().encodeToString(piece));
                }
                out.println();
            }
        }
    }
}
