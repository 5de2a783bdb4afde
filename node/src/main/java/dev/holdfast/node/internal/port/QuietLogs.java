package dev.holdfast.node.internal.port;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Keeps gRPC from logging every connection that does not speak gRPC, violates HTTP/2 or sends a frame that is too large,
 * partly with stack traces: anyone who can reach the port could fill the log. A level that was set on purpose stays.
 */
public final class QuietLogs {
    private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";

    /** Referenced here because the log manager forgets loggers that nobody references. */
    private static final List<Logger> LOGGERS = Stream.of(
                    "NettyServerTransport", "NettyServerHandler", "NettyServerStream")
            .map(name -> Logger.getLogger(NETTY + name))
            .toList();

    public static void quieten() {
        LOGGERS.stream().filter(logger -> logger.getLevel() == null).forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private QuietLogs() {}
}
