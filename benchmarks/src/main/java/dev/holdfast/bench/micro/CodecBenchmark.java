package dev.holdfast.bench.micro;

import com.google.protobuf.ByteString;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.ReplyCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Alternating acquires and releases, and their outcomes, to bytes and back; the time is that of a whole batch or reply.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    private static final Owner OWNER = Owner.of("user", "ann");
    private static final SessionId SESSION = new SessionId(0x9E3779B97F4A7C15L, 17);
    private static final long FIRST_TOKEN = 1_000_000;

    @Param({"1", "256"})
    int commands;

    Batch batch = Batch.of();
    SubmitReply reply = new SubmitReply(SESSION, 1, List.of());
    private byte[] batchBytes = {};
    private ByteString replyBytes = ByteString.EMPTY;

    @Setup
    public void fill() {
        List<ClientCommand> asked = new ArrayList<>();
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            LockableKey mutex = LockableKey.mutex("invoice-" + i);
            long token = FIRST_TOKEN + i;
            boolean acquire = i % 2 == 0;
            asked.add(
                    acquire
                            ? Held.acquire(mutex, OWNER, 0)
                            : new Command.Release(mutex, OWNER, token, Command.Release.ALL));
            outcomes.add(new SequencedOutcome(
                    i + 1L, acquire ? new Outcome.Granted(token, LogTime.NEVER, 1, false) : new Outcome.Released(0)));
        }
        batch = Batch.of(new Caller(SESSION).batch(asked));
        reply = new SubmitReply(SESSION, 1, outcomes);
        batchBytes = encodeBatch();
        replyBytes = encodeReply();
    }

    @Benchmark
    public byte[] encodeBatch() {
        return BatchCodec.encode(batch, 0);
    }

    @Benchmark
    public Batch decodeBatch() throws MalformedMessageException {
        return BatchCodec.decode(batchBytes, 0);
    }

    @Benchmark
    public ByteString encodeReply() {
        return ReplyCodec.encode(reply);
    }

    @Benchmark
    public SubmitReply decodeReply() throws MalformedMessageException {
        return ReplyCodec.decode(replyBytes);
    }
}
