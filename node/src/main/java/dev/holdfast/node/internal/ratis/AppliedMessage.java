package dev.holdfast.node.internal.ratis;

import dev.holdfast.statemachine.Applied;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Carries what an entry did from the leader's apply to its submitter, who is in the same process: no bytes needed. */
record AppliedMessage(Applied applied) implements Message {
    @Override
    public ByteString getContent() {
        return ByteString.EMPTY;
    }
}
