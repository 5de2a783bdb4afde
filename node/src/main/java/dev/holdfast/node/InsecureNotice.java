package dev.holdfast.node;

import dev.holdfast.client.v1.SecurityProto;
import java.util.List;

/** What a peer that is called insecure leaves open, and to whom, in words for its log. */
final class InsecureNotice {
    /**
     * @param self the peer that says so, where it listens
     * @param members all of them, itself among them
     * @param security how it is protected all the same
     */
    static String of(Member self, List<Member> members, SecurityProto security) {
        String peer = "Peer " + self.id();
        if (self.isLoopback() && members.stream().allMatch(Member::isLoopback)) {
            return peer + " is called insecure without need, as all members are on loopback: leave it out";
        }
        if (security.getMembersTls() && security.getClientsTls()) {
            return peer + " is called insecure without need, as both of its ports speak TLS: leave it out";
        }
        return peer + " is INSECURE, as its configuration permits."
                + (security.getClientsTls() ? "" : clients(self, security.getAccessRequired()))
                + (security.getMembersTls() ? "" : members(self))
                + " Use it only in a network that is yours alone";
    }

    private static String clients(Member self, boolean accessRequired) {
        return " Clients, on " + self.host() + ":" + self.clientPort() + ", are not encrypted: "
                + (accessRequired
                        ? "whoever is on the way can read and change what is said, and use the tokens that it reads."
                        : "whoever reaches it can read which locks there are and who holds them, take and break any of them,"
                                + " and end any session; whoever is on the way can read and change what is said.");
    }

    private static String members(Member self) {
        return " Members, on " + self.host() + ":" + self.raftPort()
                + ", are not encrypted: only those with the secret get in, but"
                + " whoever is on the way can read what they say, and change it.";
    }

    private InsecureNotice() {}
}
