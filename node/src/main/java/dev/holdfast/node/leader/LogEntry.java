package dev.holdfast.node.leader;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The bytes of one log entry: format version (1 byte), the term that stamped it (8), the stamp (8), the batch.
 *
 * <p>What a leader knows counts only in its term. A leader that was deposed and elected again may append in the later term
 * what it made in the earlier one: see {@link #in}.
 *
 * <p>See {@code docs/adr/002-stamps-count-only-in-their-term.md}.
 */
public record LogEntry(long term, long stampMs, Batch batch) {
    private static final int HEADER_BYTES = 1 + Long.BYTES + Long.BYTES;

    public byte[] encode() {
        byte[] bytes = BatchCodec.encode(batch, HEADER_BYTES);
        ByteBuffer.wrap(bytes)
                .put((byte) ProtocolVersion.LOG_ENTRY)
                .putLong(term)
                .putLong(stampMs);
        return bytes;
    }

    public static LogEntry decode(byte[] bytes) throws MalformedMessageException {
        if (bytes.length < HEADER_BYTES) {
            throw new MalformedMessageException("a log entry of " + bytes.length + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        int version = header.get();
        if (version != ProtocolVersion.LOG_ENTRY) {
            throw new MalformedMessageException("a log entry of format " + version + "; this release reads format "
                    + ProtocolVersion.LOG_ENTRY + ": upgrade this peer");
        }
        return new LogEntry(header.getLong(), header.getLong(), BatchCodec.decode(bytes, HEADER_BYTES));
    }

    /**
     * What the entry means in the term in which it was appended. If it was made in another term, its stamp may be ahead of log
     * time, and a session that this leader no longer heard may have been heard by those in between: leases would end early. So
     * the entry then moves no clock and ends no session. The commands of clients count in any term.
     */
    public LogEntry in(long appendedTerm) {
        return term == appendedTerm ? this : new LogEntry(appendedTerm, 0, new Batch(List.of(), batch.sessions()));
    }
}
