package dev.holdfast.node.internal.ratis;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ratis's own gRPC, with a way to redial: a candidate's connection to a peer that was away for long waits up to two minutes
 * before its next attempt, and nothing in Ratis shortens that while there is no leader.
 *
 * <p>Ratis creates it by its class name.
 */
public final class RedialingRpc implements RpcType {
    private static final Logger LOG = LoggerFactory.getLogger(RedialingRpc.class);

    private static final String SERVICES = "holdfast.grpc.services";

    @Override
    public String name() {
        return getClass().getName();
    }

    @Override
    public GrpcFactory newFactory(Parameters parameters) {
        return new GrpcFactory(parameters) {
            @Override
            public SupportedRpcType getRpcType() {
                return SupportedRpcType.GRPC;
            }

            @Override
            public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
                return new EagerLogAppender(server, state, follower);
            }

            @Override
            public GrpcServices newRaftServerRpc(RaftServer server) {
                GrpcServices services = super.newRaftServerRpc(server);
                parameters.put(SERVICES, services, GrpcServices.class);
                return services;
            }
        };
    }

    /**
     * Drops the connection to that peer; the next message to it opens a new one at once. This runs on a thread of its own: Ratis
     * waits for seconds until the old connection has ended, and that needs the network's thread, which may be the caller's.
     */
    static void redial(Parameters parameters, RaftPeerId peer) {
        GrpcServices services = parameters.getNonNull(SERVICES, GrpcServices.class);
        Thread thread = new Thread(() -> drop(services, peer), "holdfast-redial");
        thread.setDaemon(true);
        thread.start();
    }

    private static void drop(GrpcServices services, RaftPeerId peer) {
        try {
            services.handleException(peer, new Exception("away"), true);
        } catch (RuntimeException e) {
            // Such as a server that is being closed. If it is not, the connection is tried again, only later.
            LOG.debug("the connection to {} could not be dropped", peer, e);
        }
    }
}
