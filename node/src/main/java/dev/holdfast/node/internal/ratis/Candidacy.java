package dev.holdfast.node.internal.ratis;

import java.io.IOException;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this peer from standing for election while the newest configuration in its own log does not have it as a voter. Such a peer may be
 * a newcomer that was sent a part of the log, or a snapshot but not yet the members that come with it, when its leader falls silent. Ratis
 * would end its part in the group for that, and with it the node. It votes for others all the same, and follows whoever leads next.
 *
 * <p>A configuration changes with what a leader sends only, so whoever takes that from a leader looks here afterwards. The time until a peer
 * stands begins anew with each message, and is far longer than that takes.
 */
final class Candidacy {
    private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);

    private final RaftServer server;
    private final RaftGroupId group;
    private final ClientId caller = ClientId.randomId();
    private volatile @Nullable RaftConfiguration seen;
    private volatile boolean paused;
    private long calls;

    Candidacy(RaftServer server, RaftGroupId group) {
        this.server = server;
        this.group = group;
    }

    /** To be called after each message of a leader. Cheap, unless the members have changed. */
    void look() {
        try {
            RaftServer.Division division = server.getDivision(group);
            if (!division.getRaftConf().equals(seen)) {
                lookAgain(division);
            }
        } catch (IOException | RuntimeException e) {
            // Such as a peer that is being closed. Otherwise the next message is soon there.
            LOG.debug("whether this peer may stand for election is not known", e);
        }
    }

    /** Whether it may stand, as far as was looked. It is not to be made to while it may not: resumed in the middle of that, it would not stand later. */
    boolean mayStand() {
        return !paused;
    }

    private synchronized void lookAgain(RaftServer.Division division) throws IOException {
        if (division.getInfo().getLifeCycleState() != LifeCycle.State.RUNNING) {
            // It does not stand then; nor would Ratis listen.
            return;
        }
        RaftConfiguration now = division.getRaftConf();
        boolean isVoter =
                now.getCurrentPeers().stream().anyMatch(peer -> peer.getId().equals(server.getId()));
        if (isVoter == paused) {
            tell(isVoter);
        }
        seen = now;
    }

    private void tell(boolean mayStand) throws IOException {
        RaftPeerId self = server.getId();
        long call = ++calls;
        RaftClientReply reply = server.leaderElectionManagement(
                mayStand
                        ? LeaderElectionManagementRequest.newResume(caller, self, group, call)
                        : LeaderElectionManagementRequest.newPause(caller, self, group, call));
        if (!reply.isSuccess()) {
            throw new IOException(
                    "whether this peer may stand for election could not be changed", reply.getException());
        }
        paused = !mayStand;
    }
}
