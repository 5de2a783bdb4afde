package dev.holdfast.node.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.internal.leadership.Greeting;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.SnapshotChunkProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageOrBuilder;
import org.apache.ratis.thirdparty.com.google.protobuf.TextFormat;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What members of earlier releases say to each other, one frame a line: its kind, its bytes as they travel, and what they mean. A
 * member of this release beside one of that release must take them for the same. A release is recorded once, with
 * {@code -Dholdfast.record=RELEASE}, and its file never changes after that.
 */
class RecordedFramesTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "recorded");
    private static final String FILE = "frames.txt";
    private static final UUID CLUSTER = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);
    private static final MemberSecret SECRET =
            MemberSecret.of("a secret that the three of them share".getBytes(StandardCharsets.UTF_8));

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void what_a_release_said_means_the_same(Path release) throws Exception {
        List<String> lines = Files.readAllLines(release.resolve(FILE));

        EnumSet<FrameKind> kinds = EnumSet.noneOf(FrameKind.class);
        for (String line : lines) {
            Frame frame = decode(Base64.getDecoder().decode(line.split("\t", -1)[1]));
            kinds.add(frame.kind());
            assertThat(line(frame)).isEqualTo(line);
        }
        assertThat(kinds).hasSizeGreaterThanOrEqualTo(13);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void the_proofs_of_a_release_are_accepted(Path release) throws Exception {
        Map<FrameKind, byte[]> said = new EnumMap<>(FrameKind.class);
        for (String line : Files.readAllLines(release.resolve(FILE))) {
            Frame frame = decode(Base64.getDecoder().decode(line.split("\t", -1)[1]));
            said.putIfAbsent(frame.kind(), frame.body());
        }
        byte[] hello = said.get(FrameKind.HELLO);
        byte[] challenge = said.get(FrameKind.CHALLENGE);
        assertThat(Handshake.proof(SECRET, hello, challenge)).isEqualTo(said.get(FrameKind.PROOF));
        assertThat(Handshake.welcome(SECRET, hello, challenge)).isEqualTo(said.get(FrameKind.WELCOME));
    }

    private static String line(Frame frame) throws Exception {
        ByteBuf bytes = frame.encode(ByteBufAllocator.DEFAULT);
        try {
            byte[] all = new byte[bytes.readableBytes()];
            bytes.readBytes(all);
            return frame.kind() + "\t" + Base64.getEncoder().encodeToString(all) + "\t" + frame.id() + ": "
                    + meaning(frame);
        } finally {
            bytes.release();
        }
    }

    private static Frame decode(byte[] bytes) {
        FrameDecoder decoder = new FrameDecoder();
        decoder.allow(Integer.MAX_VALUE / 2);
        List<Object> frames = new ArrayList<>();
        decoder.decode(null, Unpooled.wrappedBuffer(bytes), frames);
        assertThat(frames).hasSize(1);
        return (Frame) frames.get(0);
    }

    private static String meaning(Frame frame) throws Exception {
        byte[] body = frame.body();
        return switch (frame.kind()) {
            case HELLO -> {
                Handshake.Hello hello = Handshake.Hello.decode(body);
                yield "on " + hello.lane() + ", of " + meaning(hello.cluster()) + ", from " + hello.from() + " to "
                        + hello.to();
            }
            case CHALLENGE -> {
                Handshake.Challenge challenge = Handshake.Challenge.decode(body);
                yield "of " + meaning(challenge.cluster()) + ", by " + challenge.id();
            }
            case REFUSED, FAILED -> {
                RefusedException refusal = frame.toException("b");
                yield refusal.reason() + ": " + refusal.getMessage();
            }
            case GREETING, MISSES_LEADER -> {
                Greeting greeting = Greeting.decode(body);
                yield "of group " + greeting.group() + ", term " + greeting.term() + ", applied " + greeting.applied();
            }
            case VOTE -> text(RequestVoteRequestProto.parseFrom(body));
            case STAND_FOR_ELECTION -> text(StartLeaderElectionRequestProto.parseFrom(body));
            case APPEND -> text(AppendEntriesRequestProto.parseFrom(body));
            case SNAPSHOT_PIECE -> text(InstallSnapshotRequestProto.parseFrom(body));
            default -> HexFormat.of().formatHex(body);
        };
    }

    private static String meaning(Handshake.Cluster cluster) {
        return cluster.id() + (cluster.formed() ? " that has formed" : " that has not formed");
    }

    private static String text(MessageOrBuilder message) {
        return TextFormat.printer()
                .printToString(message)
                .replaceAll("\\s+", " ")
                .strip();
    }

    @BeforeAll
    static void record_if_asked() throws Exception {
        String release = System.getProperty("holdfast.record");
        if (release != null) {
            List<String> lines = new ArrayList<>();
            List<Frame> frames = new ArrayList<>(frames());
            frames.sort(Comparator.comparing(Frame::kind));
            for (Frame frame : frames) {
                lines.add(line(frame));
            }
            Files.write(Files.createDirectories(RECORDED.resolve(release)).resolve(FILE), lines);
        }
    }

    private static List<Frame> frames() {
        Handshake.Cluster cluster = new Handshake.Cluster(CLUSTER, true);
        byte[] hello = new Handshake.Hello(Lane.CONTROL, cluster, "a", "b").encode();
        byte[] challenge = new Handshake.Challenge(new Handshake.Cluster(CLUSTER, false), "b").encode();
        List<Frame> frames = new ArrayList<>();
        frames.add(new Frame(FrameKind.HELLO, 0, hello));
        for (Lane lane : new Lane[] {Lane.ENTRIES, Lane.SNAPSHOTS}) {
            frames.add(new Frame(FrameKind.HELLO, 0, new Handshake.Hello(lane, cluster, "a", "b").encode()));
        }
        frames.add(new Frame(FrameKind.CHALLENGE, 0, challenge));
        frames.add(new Frame(FrameKind.PROOF, 0, Handshake.proof(SECRET, hello, challenge)));
        frames.add(new Frame(FrameKind.WELCOME, 0, Handshake.welcome(SECRET, hello, challenge)));
        for (Reason reason : Reason.values()) {
            frames.add(Frame.refusal(FrameKind.REFUSED, 0, reason, "because of " + reason));
            frames.add(Frame.refusal(FrameKind.FAILED, 7, reason, "because of " + reason));
        }
        byte[] greeting = new Greeting(CLUSTER, 5, 77).encode();
        frames.add(new Frame(FrameKind.GREETING, 1, greeting));
        frames.add(new Frame(FrameKind.ANSWER, 1, new Greeting(CLUSTER, Long.MAX_VALUE, -1).encode()));
        frames.add(new Frame(FrameKind.MISSES_LEADER, 2, greeting));
        frames.add(new Frame(
                FrameKind.VOTE,
                3,
                RequestVoteRequestProto.newBuilder()
                        .setServerRequest(header())
                        .setCandidateTerm(6)
                        .setCandidateLastEntry(place(5, 77))
                        .setPreVote(true)
                        .build()
                        .toByteArray()));
        frames.add(new Frame(
                FrameKind.STAND_FOR_ELECTION,
                4,
                StartLeaderElectionRequestProto.newBuilder()
                        .setServerRequest(header())
                        .setLeaderLastEntry(place(5, 77))
                        .build()
                        .toByteArray()));
        frames.add(new Frame(FrameKind.APPEND, 5, append().toByteArray()));
        frames.add(new Frame(FrameKind.SNAPSHOT_PIECE, 6, piece().toByteArray()));
        return frames;
    }

    private static AppendEntriesRequestProto append() {
        SessionBatch commands = new SessionBatch(
                new SessionId(1, 2), 3, 4, List.of(new SequencedCommand(5, new Command.CancelAcquire(4))));
        byte[] written = new LogEntry(5, 1_000, new Batch(List.of(new Command.Tick()), List.of(commands))).encode();
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(header())
                .setLeaderTerm(5)
                .setPreviousLog(place(5, 77))
                .setLeaderCommit(76)
                .addEntries(LogEntryProto.newBuilder()
                        .setTerm(5)
                        .setIndex(78)
                        .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                                .setClientId(ByteString.copyFrom(new byte[16]))
                                .setCallId(9)
                                .setLogData(ByteString.copyFrom(written))))
                .addEntries(LogEntryProto.newBuilder().setTerm(5).setIndex(79).setConfigurationEntry(configuration()))
                .build();
    }

    private static RaftConfigurationProto configuration() {
        return RaftConfigurationProto.newBuilder()
                .addPeers(peer("a", 7101))
                .addPeers(peer("b", 7102))
                .build();
    }

    private static RaftPeerProto peer(String id, int port) {
        return RaftPeerProto.newBuilder()
                .setId(ByteString.copyFromUtf8(id))
                .setAddress("127.0.0.1:" + port)
                .setClientAddress("127.0.0.1:" + (port + 100))
                .build();
    }

    private static InstallSnapshotRequestProto piece() {
        return InstallSnapshotRequestProto.newBuilder()
                .setServerRequest(header())
                .setLeaderTerm(5)
                .setLastRaftConfigurationLogEntryProto(
                        LogEntryProto.newBuilder().setTerm(5).setIndex(70).setConfigurationEntry(configuration()))
                .setSnapshotChunk(SnapshotChunkProto.newBuilder()
                        .setRequestId("r")
                        .setRequestIndex(0)
                        .setTermIndex(place(5, 76))
                        .setTotalSize(4)
                        .setDone(true)
                        .addFileChunks(FileChunkProto.newBuilder()
                                .setFilename("sm/snapshot.5_76")
                                .setTotalSize(4)
                                .setFileDigest(ByteString.copyFrom(new byte[16]))
                                .setChunkIndex(0)
                                .setOffset(0)
                                .setData(ByteString.copyFromUtf8("data"))
                                .setDone(true)))
                .build();
    }

    private static RaftRpcRequestProto header() {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8("a"))
                .setReplyId(ByteString.copyFromUtf8("b"))
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RaftGroupId.valueOf(CLUSTER)))
                .setCallId(3)
                .build();
    }

    private static TermIndexProto place(long term, long index) {
        return TermIndexProto.newBuilder().setTerm(term).setIndex(index).build();
    }
}
