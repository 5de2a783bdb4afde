package dev.holdfast.node.internal.port;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC from reporting each connection that spoke something else than gRPC, broke a rule of HTTP/2 or sent a frame
 * that is too large, some of it with a stack trace: anybody who can reach the port could fill the log. A level that was set
 * on purpose stays.
 */
final class QuietLogs {
    private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";

    /** Held here, for the log manager forgets loggers that nobody holds. */
    private static final List<Logger> LOGGERS = List.of(
            Logger.getLogger(NETTY + "NettyServerTransport"),
            Logger.getLogger(NETTY + "NettyServerHandler"),
            Logger.getLogger(NETTY + "NettyServerStream"));

    static void quieten() {
        LOGGERS.stream().filter(logger -> logger.getLevel() == null).forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private QuietLogs() {}
}
