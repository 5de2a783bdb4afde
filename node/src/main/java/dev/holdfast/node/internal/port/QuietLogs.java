package dev.holdfast.node.internal.port;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC from logging every connection that does not speak gRPC, violates HTTP/2 or sends a frame that is too large,
 * partly with stack traces: anyone who can reach the port could fill the log. A level that was set on purpose stays.
 */
final class QuietLogs {
    private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";

    /** Referenced here because the log manager forgets loggers that nobody references. */
    private static final List<Logger> LOGGERS = List.of(
            Logger.getLogger(NETTY + "NettyServerTransport"),
            Logger.getLogger(NETTY + "NettyServerHandler"),
            Logger.getLogger(NETTY + "NettyServerStream"));

    static void quieten() {
        LOGGERS.stream().filter(logger -> logger.getLevel() == null).forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private QuietLogs() {}
}
