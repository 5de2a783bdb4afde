package dev.holdfast.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.v1.GrantedProto;
import dev.holdfast.protocol.v1.SequencedOutcomeProto;
import dev.holdfast.protocol.v1.SubmitReplyProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes and decodes replies in the manner of {@link BatchCodec}. The bytes are those of {@code SubmitReplyProto}.
 * Rare outcomes go through {@link OutcomeCodec}.
 */
public final class ReplyCodec {
    private static final int BYTES_PER_OUTCOME = 24;
    private static final int MESSAGE = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    public static ByteString encode(SubmitReply reply) {
        List<SequencedOutcome> outcomes = reply.outcomes();
        BackwardWriter out = new BackwardWriter(64 + outcomes.size() * BYTES_PER_OUTCOME);
        for (int i = outcomes.size() - 1; i >= 0; i--) {
            int before = out.size();
            write(outcomes.get(i), out);
            out.message(SubmitReplyProto.OUTCOMES_FIELD_NUMBER, before);
        }
        out.int64(SubmitReplyProto.LOG_TIME_MS_FIELD_NUMBER, reply.logTimeMs());
        WireTerms.write(SubmitReplyProto.SESSION_FIELD_NUMBER, reply.session(), out);
        return UnsafeByteOperations.unsafeWrap(out.toByteArray(0));
    }

    private static void write(SequencedOutcome sequenced, BackwardWriter out) {
        Outcome outcome = sequenced.outcome();
        if (outcome instanceof Outcome.Granted granted) {
            int before = out.size();
            out.bool(GrantedProto.REACQUIRED_FIELD_NUMBER, granted.reacquired());
            out.int64(GrantedProto.COUNT_FIELD_NUMBER, granted.count());
            out.int64(GrantedProto.DEADLINE_MS_FIELD_NUMBER, granted.deadlineMs());
            out.int64(GrantedProto.TOKEN_FIELD_NUMBER, granted.token());
            out.message(SequencedOutcomeProto.GRANTED_FIELD_NUMBER, before);
        } else if (outcome instanceof Outcome.Released released) {
            out.int64Always(SequencedOutcomeProto.RELEASED_FIELD_NUMBER, released.remaining());
        } else if (outcome instanceof Outcome.Queued queued) {
            out.int64Always(SequencedOutcomeProto.QUEUED_FIELD_NUMBER, queued.position());
        } else {
            out.append(OutcomeCodec.encode(sequenced).toByteArray());
            return;
        }
        out.int64(SequencedOutcomeProto.SEQUENCE_FIELD_NUMBER, sequenced.sequence());
    }

    public static SubmitReply decode(ByteString bytes) throws MalformedMessageException {
        try {
            return read(bytes.newCodedInput());
        } catch (IOException e) {
            throw new MalformedMessageException("not a reply: " + e.getMessage(), e);
        }
    }

    private static SubmitReply read(CodedInputStream in) throws IOException, MalformedMessageException {
        SessionId session = SessionId.NONE;
        long logTimeMs = 0;
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (SubmitReplyProto.SESSION_FIELD_NUMBER << 3) | MESSAGE -> session = WireTerms.readSession(in);
                case SubmitReplyProto.LOG_TIME_MS_FIELD_NUMBER << 3 -> logTimeMs = in.readInt64();
                case (SubmitReplyProto.OUTCOMES_FIELD_NUMBER << 3) | MESSAGE -> outcomes.add(readOutcome(in));
                default -> in.skipField(tag);
            }
        }
        return new SubmitReply(session, logTimeMs, outcomes);
    }

    private static SequencedOutcome readOutcome(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        long sequence = 0;
        Outcome outcome = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case SequencedOutcomeProto.SEQUENCE_FIELD_NUMBER << 3 -> sequence = in.readInt64();
                case (SequencedOutcomeProto.GRANTED_FIELD_NUMBER << 3) | MESSAGE -> outcome = readGranted(in);
                case SequencedOutcomeProto.RELEASED_FIELD_NUMBER << 3 -> outcome = new Outcome.Released(in.readInt32());
                case SequencedOutcomeProto.QUEUED_FIELD_NUMBER << 3 -> outcome = new Outcome.Queued(in.readInt32());
                default -> {
                    SequencedOutcomeProto rare = SequencedOutcomeProto.parseFrom(WireTerms.field(tag, in));
                    if (rare.getOutcomeCase() != SequencedOutcomeProto.OutcomeCase.OUTCOME_NOT_SET) {
                        outcome = OutcomeCodec.decode(rare).outcome();
                    }
                }
            }
        }
        in.popLimit(outer);
        if (outcome == null) {
            throw new MalformedMessageException("unknown outcome");
        }
        return new SequencedOutcome(sequence, outcome);
    }

    private static Outcome.Granted readGranted(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        long token = 0;
        long deadlineMs = 0;
        int count = 0;
        boolean reacquired = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case GrantedProto.TOKEN_FIELD_NUMBER << 3 -> token = in.readInt64();
                case GrantedProto.DEADLINE_MS_FIELD_NUMBER << 3 -> deadlineMs = in.readInt64();
                case GrantedProto.COUNT_FIELD_NUMBER << 3 -> count = in.readInt32();
                case GrantedProto.REACQUIRED_FIELD_NUMBER << 3 -> reacquired = in.readBool();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(outer);
        return new Outcome.Granted(token, deadlineMs, count, reacquired);
    }

    private ReplyCodec() {}
}
