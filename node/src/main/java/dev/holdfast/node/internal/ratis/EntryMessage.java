package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.leader.LogEntry;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * An entry on its way into the log, as bytes only: the leader applies what it reads back from them, as its followers do,
 * so that not even an encoding that loses something could make them differ.
 */
record EntryMessage(ByteString getContent) implements Message {
    static EntryMessage of(LogEntry entry) {
        return new EntryMessage(UnsafeByteOperations.unsafeWrap(entry.encode()));
    }

    @Override
    public int size() {
        return getContent.size();
    }
}
