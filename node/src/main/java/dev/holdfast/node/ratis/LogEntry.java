package dev.holdfast.node.ratis;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.nio.ByteBuffer;

/**
 * The bytes of one log entry: format version (1 byte), the term that stamped it (8), the stamp (8), the batch.
 *
 * <p>The stamp counts only in the term that made it. An entry that a deposed leader stamped and, elected again, appended
 * in a later term would carry a time that runs ahead of the new term's, and leases would end early.
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

    /** The stamp if it was made in the term in which the entry was appended, else one that moves no clock. */
    public long stampMsIn(long appendedTerm) {
        return term == appendedTerm ? stampMs : 0;
    }
}
