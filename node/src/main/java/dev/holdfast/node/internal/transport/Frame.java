package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * What travels as one: the length of what follows (4 bytes), the kind (1), the number of the question (8), the body.
 *
 * @param id the sender's number for its question, and the same in the answer; 0 before there are questions
 */
@SuppressWarnings("ArrayRecordComponent") // Made, sent and forgotten; never compared.
record Frame(FrameKind kind, long id, byte[] body) {
    static final int LENGTH_BYTES = Integer.BYTES;
    static final int HEADER_BYTES = 1 + Long.BYTES;
    private static final int TEXT_BYTES_MAX = 1024;

    /** A refusal of the connection, or of a question. */
    static Frame refusal(FrameKind kind, long id, Reason reason, String text) {
        byte[] words = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(words.length, TEXT_BYTES_MAX);
        byte[] body = new byte[1 + length];
        body[0] = reason.code();
        System.arraycopy(words, 0, body, 1, length);
        return new Frame(kind, id, body);
    }

    /**
     * This one.
     *
     * @throws RefusedException if it is of another kind
     */
    Frame expect(FrameKind expected) throws RefusedException {
        if (kind != expected) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, "it said " + kind + " instead of " + expected);
        }
        return this;
    }

    /** What a frame of refusal says. */
    RefusedException toException(String who) {
        Reason reason = body.length == 0 ? Reason.NOT_UNDERSTOOD : Reason.of(body[0]);
        String text = new String(body, Math.min(1, body.length), Math.max(0, body.length - 1), StandardCharsets.UTF_8);
        return new RefusedException(reason, who + ": " + printable(text));
    }

    /** Another's words are shown in logs: one line, and no control characters. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    /** As it travels. The body is not copied, so it must not change any more. */
    ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf header = allocator.buffer(LENGTH_BYTES + HEADER_BYTES);
        header.writeInt(HEADER_BYTES + body.length).writeByte(kind.code()).writeLong(id);
        return body.length == 0 ? header : Unpooled.wrappedBuffer(header, Unpooled.wrappedBuffer(body));
    }
}
