package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.CorruptedFrameException;
import java.util.List;

/** Cuts what arrives into {@linkplain Frame frames}. A frame that is too long, or of no kind, ends the connection before it is read. */
final class FrameDecoder extends ByteToMessageDecoder {
    /** Enough for each frame of a handshake. */
    static final int HANDSHAKE_BYTES_MAX = 2048;

    private int bodyBytesMax = HANDSHAKE_BYTES_MAX;
    private boolean broken;

    /** Whoever is at the other end has proved to be a member. */
    void allow(int bytesMax) {
        bodyBytesMax = bytesMax;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < Frame.LENGTH_BYTES + 1) {
            return;
        }
        int start = in.readerIndex();
        int length = in.getInt(start);
        FrameKind kind = FrameKind.of(in.getByte(start + Frame.LENGTH_BYTES));
        if (kind == null || length < Frame.HEADER_BYTES || length - Frame.HEADER_BYTES > bodyBytesMax) {
            broken = true;
            throw new CorruptedFrameException(
                    kind == null
                            ? "a frame of no known kind"
                            : "a frame " + kind + " of " + length + " bytes, with " + bodyBytesMax + " allowed");
        }
        if (in.readableBytes() < Frame.LENGTH_BYTES + length) {
            return;
        }
        in.skipBytes(Frame.LENGTH_BYTES + 1);
        long id = in.readLong();
        byte[] body = new byte[length - Frame.HEADER_BYTES];
        in.readBytes(body);
        out.add(new Frame(kind, id, body));
    }
}
