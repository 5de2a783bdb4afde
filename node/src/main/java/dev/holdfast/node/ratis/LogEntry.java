package dev.holdfast.node.ratis;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.CommandCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.v1.BatchProto;
import java.io.IOException;
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
        BatchProto proto = CommandCodec.encode(batch);
        byte[] bytes = new byte[HEADER_BYTES + proto.getSerializedSize()];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.put((byte) ProtocolVersion.LOG_ENTRY).putLong(term).putLong(stampMs);
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
            proto.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("an array has no I/O errors", e);
        }
        return bytes;
    }

    public static LogEntry decode(ByteBuffer buffer) throws MalformedMessageException {
        if (buffer.remaining() < HEADER_BYTES) {
            throw new MalformedMessageException("a log entry of " + buffer.remaining() + " bytes");
        }
        int version = buffer.get();
        if (version != ProtocolVersion.LOG_ENTRY) {
            throw new MalformedMessageException("a log entry of format " + version + "; this release reads format "
                    + ProtocolVersion.LOG_ENTRY + ": upgrade this peer");
        }
        long term = buffer.getLong();
        long stampMs = buffer.getLong();
        return new LogEntry(term, stampMs, CommandCodec.decodeBatch(ByteString.copyFrom(buffer)));
    }

    /** The stamp if it was made in the term in which the entry was appended, else one that moves no clock. */
    public long stampMsIn(long appendedTerm) {
        return term == appendedTerm ? stampMs : 0;
    }
}
