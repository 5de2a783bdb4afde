package dev.holdfast.client.internal.remote;

import dev.holdfast.client.v1.KeepAliveReplyFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.QueryCodec;
import dev.holdfast.protocol.codec.ReplyCodec;

/** Reads each kind of reply. A reply of the wrong kind is malformed. */
final class ReplyReaders {

    static SubmitReply submitReply(ServerFrame frame) throws MalformedMessageException {
        require(frame.hasSubmitReply() && !frame.getSubmitReply().getReply().isEmpty());
        return ReplyCodec.decode(frame.getSubmitReply().getReply());
    }

    static Answer answer(ServerFrame frame) throws MalformedMessageException {
        require(frame.hasQueryReply());
        return QueryCodec.decode(frame.getQueryReply().getAnswer());
    }

    static KeepAliveReply keepAliveReply(ServerFrame frame) throws MalformedMessageException {
        require(frame.hasKeepAliveReply());
        KeepAliveReplyFrame reply = frame.getKeepAliveReply();
        return switch (reply.getResultCase()) {
            case ALIVE_LOG_TIME_MS -> new KeepAliveReply.Alive(reply.getAliveLogTimeMs());
            case GONE -> new KeepAliveReply.Gone();
            case RESULT_NOT_SET -> throw new MalformedMessageException("neither alive nor gone");
        };
    }

    private static void require(boolean matches) throws MalformedMessageException {
        if (!matches) {
            throw new MalformedMessageException("not the reply to this request");
        }
    }

    private ReplyReaders() {}
}
