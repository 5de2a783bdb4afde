package dev.holdfast.node.port;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps gRPC from reporting each connection that broke or that spoke something else than gRPC: anybody who can reach the
 * port could fill the log with it. A level that was set on purpose stays.
 */
final class QuietLogs {
    private static final String TRANSPORT = "io.grpc.netty.shaded.io.grpc.netty.";

    /** Held here, for the log manager forgets loggers that nobody holds. */
    private static final List<Logger> CONNECTIONS = List.of(
            Logger.getLogger(TRANSPORT + "NettyServerTransport"),
            Logger.getLogger(TRANSPORT + "NettyServerTransport.connections"),
            Logger.getLogger(TRANSPORT + "NettyServerHandler"));

    static void quieten() {
        CONNECTIONS.stream()
                .filter(logger -> logger.getLevel() == null)
                .forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    private QuietLogs() {}
}
